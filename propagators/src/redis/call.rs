//! What a span says of a command or a pipeline.

use opentelemetry::KeyValue;
use redis::{Arg, Cmd, Pipeline};

use super::words::{Shown, shown};
use crate::attribute as a;

const DB_NAMESPACE: &str = "db.namespace";
const DB_OPERATION_BATCH_SIZE: &str = "db.operation.batch.size";
const DB_OPERATION_NAME: &str = "db.operation.name";
const DB_QUERY_TEXT: &str = "db.query.text";
const DB_STORED_PROCEDURE_NAME: &str = "db.stored_procedure.name";
const DB_SYSTEM_NAME: &str = "db.system.name";

/// Of all commands of a pipeline together.
const MAX_TEXT_BYTES: usize = 4 << 10;
/// A key may be a document.
const MAX_KEY_BYTES: usize = 256;
/// The names of commands are shorter.
const MAX_NAME_BYTES: usize = 64;

/// One round trip.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) operation: String,
    text: String,
    procedure: Option<String>,
    /// Of a pipeline.
    size: usize,
}

// ===== impl Call =====

impl Call {
    pub(super) fn of(cmd: &Cmd) -> Self {
        let mut text = String::new();
        write(cmd, &mut text);
        let mut words = words(cmd);
        let operation = name(words.next());
        let procedure = matches!(shown(&operation), Shown::Procedure).then(|| words.next());
        Self {
            procedure: procedure.and_then(|word| key(word?)),
            operation,
            text,
            size: 1,
        }
    }

    /// `PIPELINE` or `MULTI`, and the command behind it where all are the same.
    pub(super) fn of_pipeline(pipeline: &Pipeline) -> Self {
        let mut text = String::new();
        for cmd in pipeline.cmd_iter() {
            if text.len() >= MAX_TEXT_BYTES {
                break;
            }
            if !text.is_empty() {
                text.push_str("; ");
            }
            write(cmd, &mut text);
        }
        text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));

        let kind = if pipeline.is_transaction() {
            "MULTI"
        } else {
            "PIPELINE"
        };
        let mut names = pipeline.cmd_iter().map(|cmd| name(words(cmd).next()));
        let first = names.next();
        let operation = match first.filter(|first| names.all(|other| other == *first)) {
            Some(name) => format!("{kind} {name}"),
            None => kind.to_owned(),
        };
        Self {
            operation,
            text,
            procedure: None,
            size: pipeline.len(),
        }
    }

    pub(super) fn into_attributes(self, database: i64) -> Vec<KeyValue> {
        let mut attributes = vec![
            KeyValue::new(DB_SYSTEM_NAME, "redis"),
            KeyValue::new(DB_NAMESPACE, database.to_string()),
            KeyValue::new(DB_OPERATION_NAME, self.operation),
            KeyValue::new(DB_QUERY_TEXT, self.text),
        ];
        // One command in a pipeline is no batch, says the convention.
        if self.size > 1 {
            let size = i64::try_from(self.size).unwrap_or(i64::MAX);
            attributes.push(KeyValue::new(DB_OPERATION_BATCH_SIZE, size));
        }
        let procedure = self
            .procedure
            .map(|name| KeyValue::new(DB_STORED_PROCEDURE_NAME, name));
        attributes.extend(procedure);
        attributes
    }
}

/// The command as one would type it, with keys and fields, and with `?` for all else.
fn write(cmd: &Cmd, text: &mut String) {
    let mut words = words(cmd);
    let name = name(words.next());
    let kept = shown(&name);
    text.push_str(&name);
    let mut hidden = false;
    for (index, word) in words.enumerate() {
        if text.len() >= MAX_TEXT_BYTES {
            break;
        }
        match Some(word).filter(|_| kept.has(index)).and_then(key) {
            Some(key) => {
                text.push(' ');
                text.push_str(&key);
                hidden = false;
            }
            // However many values there are, it is the same statement.
            None if hidden => {}
            None => {
                text.push_str(" ?");
                hidden = true;
            }
        }
    }
    text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
}

fn words(cmd: &Cmd) -> impl Iterator<Item = &[u8]> {
    cmd.args_iter().map(|arg| match arg {
        Arg::Simple(word) => word,
        // The position of a scan, and what later versions have.
        _ => &b"\xff"[..],
    })
}

/// A command's name as it was sent, unless it is none.
fn name(word: Option<&[u8]>) -> String {
    let text = word
        .and_then(|word| str::from_utf8(word).ok())
        .unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-|".contains(c);
    if text.is_empty() || text.len() > MAX_NAME_BYTES || !text.chars().all(is_name) {
        return a::OTHER.to_owned();
    }
    text.to_owned()
}

/// Bytes that are no text are hidden as a value is.
fn key(word: &[u8]) -> Option<String> {
    let text = str::from_utf8(word).ok()?;
    let cut = text.get(..text.floor_char_boundary(MAX_KEY_BYTES))?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '"' && c != ';';
    if !cut.is_empty() && cut.chars().all(plain) {
        return Some(cut.to_owned());
    }
    Some(format!("{cut:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cmd(words: &[&str]) -> Cmd {
        let mut cmd = Cmd::new();
        for word in words {
            cmd.arg(word);
        }
        cmd
    }

    #[track_caller]
    fn check(words: &[&str], operation: &str, text: &str) {
        let call = Call::of(&cmd(words));
        assert_eq!(
            (call.operation.as_str(), call.text.as_str()),
            (operation, text)
        );
    }

    #[test]
    fn keys_stay_and_values_go() {
        for (words, operation, text) in [
            (&["GET", "stock:1"][..], "GET", "GET stock:1"),
            (&["get", "a b"], "get", r#"get "a b""#),
            (&["GET", ""], "GET", r#"GET """#),
            (&["SET", "k", "secret", "EX", "10"], "SET", "SET k ?"),
            (&["MGET", "a", "b"], "MGET", "MGET a b"),
            (&["MSET", "a", "1", "b", "2"], "MSET", "MSET a ? b ?"),
            (&["HSET", "h", "f", "1", "g", "2"], "HSET", "HSET h f ? g ?"),
            (&["HGET", "h", "f"], "HGET", "HGET h f"),
            (&["HINCRBY", "h", "f", "5"], "HINCRBY", "HINCRBY h f ?"),
            (&["RPUSH", "l", "1", "2", "3"], "RPUSH", "RPUSH l ?"),
            (&["AUTH", "user", "secret"], "AUTH", "AUTH ?"),
            (&["HELLO", "3", "AUTH", "u", "p"], "HELLO", "HELLO ?"),
            (&["CONFIG", "SET", "requirepass", "x"], "CONFIG", "CONFIG ?"),
            (&["EVAL", "return 1", "1", "k", "v"], "EVAL", "EVAL ?"),
            (
                &["EVALSHA", "abc", "1", "k", "v"],
                "EVALSHA",
                "EVALSHA abc ?",
            ),
            (
                &["MODULE.COMMAND", "x"],
                "MODULE.COMMAND",
                "MODULE.COMMAND ?",
            ),
            (&["PING"], "PING", "PING"),
            (&["not a name", "x"], "_OTHER", "_OTHER ?"),
            (&[], "_OTHER", "_OTHER"),
        ] {
            check(words, operation, text);
        }
    }

    #[test]
    fn bytes_and_lengths() {
        let mut binary = Cmd::new();
        binary.arg("GET").arg(&b"\xff\xfe"[..]);
        assert_eq!(Call::of(&binary).text, "GET ?");
        let long = "ä".repeat(10_000);
        assert_eq!(
            Call::of(&cmd(&["GET", &long])).text.len(),
            4 + MAX_KEY_BYTES
        );
        let many = vec![long.as_str(); 1_000];
        assert!(Call::of(&cmd(&[&["DEL"], &many[..]].concat())).text.len() <= MAX_TEXT_BYTES);
        check(&[&long], "_OTHER", "_OTHER");
    }

    #[test]
    fn procedures() {
        let call = Call::of(&cmd(&["FCALL", "reserve", "1", "k"]));
        assert_eq!(call.procedure.as_deref(), Some("reserve"));
        assert_eq!(Call::of(&cmd(&["GET", "k"])).procedure, None);
    }

    #[test]
    fn pipelines() {
        let mut same = Pipeline::new();
        same.cmd("GET").arg("a").cmd("GET").arg("b");
        let call = Call::of_pipeline(&same);
        assert_eq!((call.operation.as_str(), call.size), ("PIPELINE GET", 2));
        assert_eq!(call.text, "GET a; GET b");

        let mut mixed = Pipeline::new();
        mixed
            .atomic()
            .cmd("SET")
            .arg("a")
            .arg("x")
            .cmd("INCR")
            .arg("b");
        let call = Call::of_pipeline(&mixed);
        assert_eq!(
            (call.operation.as_str(), call.text.as_str()),
            ("MULTI", "SET a ?; INCR b")
        );
        assert_eq!(Call::of_pipeline(&Pipeline::new()).operation, "PIPELINE");

        let mut long = Pipeline::new();
        for _ in 0..10_000 {
            long.cmd("GET").arg("key");
        }
        let call = Call::of_pipeline(&long);
        assert_eq!((call.size, call.text.len()), (10_000, MAX_TEXT_BYTES));
    }
}
