//! SQL in tokens: enough to tell literals, comments and names apart. It reads any text to its end and refuses nothing.

use super::Dialect;

/// What a piece of a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Space,
    Comment,
    /// A string or a number.
    Literal,
    /// A string or a name in quotes that the text ends in the middle of.
    Open,
    /// `?`, `$1`, `:name`.
    Placeholder,
    /// A keyword or a name.
    Word,
    /// A name in quotes.
    Quoted,
    /// One character of anything else.
    Symbol,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
}

/// The tokens of a text. Their texts, put together, are the text.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    rest: &'a str,
    dialect: Dialect,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(sql: &'a str, dialect: Dialect) -> Self {
        Self { rest: sql, dialect }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let first = self.rest.bytes().next()?;
        let (kind, bytes) = token(self.rest, first, self.dialect);
        let (text, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        Some(Token { kind, text })
    }
}

/// The kind and the length of the token that `text` starts with.
fn token(text: &str, first: u8, dialect: Dialect) -> (Kind, usize) {
    use Dialect::{MySql, Postgres, Sqlite};
    let second = text.as_bytes().get(1).copied();
    match (first, dialect) {
        (b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c, _) => (
            Kind::Space,
            run(text, |b| b.is_ascii_whitespace() || b == 0x0b),
        ),
        (b'-', _) if starts_line_comment(text, dialect) => (Kind::Comment, line(text)),
        (b'#', MySql) => (Kind::Comment, line(text)),
        (b'/', _) if second == Some(b'*') => {
            (Kind::Comment, block_comment(text, dialect == Postgres))
        }
        (b'\'', _) => quoted(Kind::Literal, text, 0, dialect == MySql),
        (b'"', MySql) => quoted(Kind::Literal, text, 0, true),
        (b'"', _) | (b'`', MySql | Sqlite) => quoted(Kind::Quoted, text, 0, false),
        (b'[', Sqlite) => closed(Kind::Quoted, text, text.find(']').map(|at| at + 1)),
        (b'$', Postgres) => dollar(text),
        (b'?', MySql | Sqlite) => (
            Kind::Placeholder,
            1 + run(after(text, 1), |b| b.is_ascii_digit()),
        ),
        (b'$' | b':' | b'@', Sqlite) if second.is_some_and(is_word) => {
            (Kind::Placeholder, 1 + run(after(text, 1), is_word))
        }
        (b'0'..=b'9', _) => (Kind::Literal, number(text)),
        (b'.', _) if second.is_some_and(|b| b.is_ascii_digit()) => (Kind::Literal, number(text)),
        (first, _) if is_word(first) => word(text, dialect),
        _ => (Kind::Symbol, 1),
    }
}

/// `E'…'`, `x'…'`, MySQL's `_utf8mb4'…'`, or a word.
fn word(text: &str, dialect: Dialect) -> (Kind, usize) {
    let bytes = run(text, is_word);
    if after(text, bytes).starts_with('\'') {
        let word = text.get(..bytes).unwrap_or_default();
        let escapes = dialect == Dialect::Postgres && word.eq_ignore_ascii_case("e");
        let introducer = dialect == Dialect::MySql && word.starts_with('_');
        let prefix = ["x", "b", "n"]
            .iter()
            .any(|prefix| word.eq_ignore_ascii_case(prefix));
        if escapes || introducer || prefix {
            return if escapes {
                escaped(text, bytes)
            } else {
                quoted(Kind::Literal, text, bytes, dialect == Dialect::MySql)
            };
        }
    }
    (Kind::Word, bytes)
}

/// PostgreSQL: `E'…'`. On another line it goes on in quotes, and its backslashes still count.
fn escaped(text: &str, mut open: usize) -> (Kind, usize) {
    loop {
        let (kind, end) = quoted(Kind::Literal, text, open, true);
        let rest = after(text, end);
        let space = run(rest, |b| b.is_ascii_whitespace());
        let other_line = rest
            .get(..space)
            .is_some_and(|it| it.contains(['\n', '\r']));
        if !other_line || !after(rest, space).starts_with('\'') {
            return (kind, end);
        }
        open = end + space;
    }
}

/// PostgreSQL: `$1`, `$tag$ … $tag$`, or a dollar sign.
fn dollar(text: &str) -> (Kind, usize) {
    let digits = run(after(text, 1), |b| b.is_ascii_digit());
    if digits > 0 {
        return (Kind::Placeholder, 1 + digits);
    }
    let tag_bytes = 2 + run(after(text, 1), |b| is_word(b) && b != b'$');
    match text.get(..tag_bytes) {
        Some(tag) if tag.ends_with('$') => {
            let body = after(text, tag_bytes);
            let end = body.find(tag).map(|at| tag_bytes + at + tag_bytes);
            closed(Kind::Literal, text, end)
        }
        _ => (Kind::Symbol, 1),
    }
}

/// What is quoted from `open` on. A doubled quote stands for itself.
fn quoted(kind: Kind, text: &str, open: usize, backslash: bool) -> (Kind, usize) {
    let mut bytes = text.bytes().enumerate().skip(open);
    let quote = bytes.next().map(|(_, quote)| quote);
    let mut bytes = bytes.peekable();
    while let Some((at, byte)) = bytes.next() {
        if backslash && byte == b'\\' {
            bytes.next();
        } else if Some(byte) == quote && bytes.next_if(|(_, next)| *next == byte).is_none() {
            return (kind, at + 1);
        }
    }
    (Kind::Open, text.len())
}

fn closed(kind: Kind, text: &str, end: Option<usize>) -> (Kind, usize) {
    end.map_or((Kind::Open, text.len()), |end| (kind, end))
}

/// `1`, `1.5e-3`, `0xff`, `1_000`.
fn number(text: &str) -> usize {
    let mut previous = 0;
    let bytes = text.bytes().take_while(|&byte| {
        let sign = matches!(byte, b'+' | b'-') && matches!(previous, b'e' | b'E');
        previous = byte;
        sign || byte == b'.' || byte == b'_' || byte.is_ascii_alphanumeric()
    });
    bytes.count()
}

/// MySQL wants a space after the dashes: `5--3` is a sum there.
fn starts_line_comment(text: &str, dialect: Dialect) -> bool {
    let third = text.as_bytes().get(2).copied();
    text.starts_with("--")
        && (dialect != Dialect::MySql
            || third.is_none_or(|b| b.is_ascii_whitespace() || b.is_ascii_control()))
}

fn line(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

fn block_comment(text: &str, nested: bool) -> usize {
    let mut depth = 0_usize;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        let next = bytes.peek().map(|(_, next)| *next);
        match (byte, next) {
            (b'/', Some(b'*')) if nested || depth == 0 => depth += 1,
            (b'*', Some(b'/')) => {
                depth -= 1;
                if depth == 0 {
                    return at + 2;
                }
            }
            _ => continue,
        }
        bytes.next();
    }
    text.len()
}

fn run(text: &str, accept: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| accept(*byte)).count()
}

fn after(text: &str, bytes: usize) -> &str {
    text.get(bytes..).unwrap_or_default()
}

/// Letters beyond ASCII are parts of names everywhere.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

#[cfg(test)]
mod tests;
