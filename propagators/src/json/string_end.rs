//! Where a JSON string ends, and where brackets close.
//!
//! Bodies are what events are made of, and most bodies are JSON inside a string: every tenth byte or so is `\"`. To look at
//! each of these costs more than all the rest of reading an event. So there are two ways: `memchr` up to the first quote, and
//! from there on, when that is an escaped one, blocks of 64 bytes.

use memchr::memchr;

use super::{
    Level,
    block::{Quotes, brackets, find_in_blocks, within},
};

/// The index of the closing quote. `text` begins after the opening one.
pub(super) fn string_end(text: &[u8], level: Level) -> Option<usize> {
    let quote = memchr(b'"', text)?;
    let before = text.get(..quote)?;
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    if level.ends_string(backslashes.count()) {
        return Some(quote);
    }
    let start = quote + 1;
    let rest = text.get(start..)?;
    let mut quotes = Quotes::new(level);
    find_in_blocks(rest, |at, block| {
        let ends = quotes.next(rest, at, block);
        (ends != 0).then(|| start + at + ends.trailing_zeros() as usize)
    })
}

/// The length of an object or an array. `text` begins with its bracket. Whether each bracket closes its own kind is not
/// looked at.
pub(super) fn brackets_end(text: &[u8], level: Level) -> Option<usize> {
    if let [_, b'}' | b']', ..] = text {
        return Some(2);
    }
    let mut quotes = Quotes::new(level);
    let (mut depth, mut in_string) = (0_u32, false);
    find_in_blocks(text, |at, block| {
        let strings = within(quotes.next(text, at, block)) ^ if in_string { u64::MAX } else { 0 };
        in_string = strings >> 63 == 1;
        let [opening, closing] = brackets(block).map(|brackets| brackets & !strings);
        let closed = closing.count_ones();
        if depth > closed {
            depth = (depth - closed).saturating_add(opening.count_ones());
            return None;
        }
        let end = closing_bracket(opening, closing, &mut depth)?;
        Some(at + end + 1)
    })
}

/// The bit of the bracket that closes the first of all.
fn closing_bracket(opening: u64, closing: u64, depth: &mut u32) -> Option<usize> {
    let mut both = opening | closing;
    while both != 0 {
        let bracket = both & both.wrapping_neg();
        both ^= bracket;
        if opening & bracket != 0 {
            *depth = depth.saturating_add(1);
            continue;
        }
        *depth = depth.saturating_sub(1);
        if *depth == 0 {
            return Some(bracket.trailing_zeros() as usize);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::json::{Raw, Scan};

    thread_local! {
        static RANDOM: Cell<u64> = const { Cell::new(0x2545_f491_4f6c_dd1d) };
    }

    /// The same numbers in each run.
    fn next(below: usize) -> usize {
        let mut random = RANDOM.get();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        RANDOM.set(random);
        usize::try_from(random >> 1).unwrap() % below.max(1)
    }

    /// Byte by byte, as the grammar says it.
    fn slow(text: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            match byte {
                b'"' => return Some(at),
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        None
    }

    #[test]
    fn ends() {
        for (text, end) in [
            (r#"""#, Some(0)),
            (r#"a"b"#, Some(1)),
            (r#"\"""#, Some(2)),
            (r#"\\""#, Some(2)),
            (r#"\\\"""#, Some(4)),
            ("", None),
            (r#"\""#, None),
            ("no end", None),
        ] {
            assert_eq!(string_end(text.as_bytes(), Level::Plain), end, "{text}");
        }
    }

    /// Every mix of quotes, backslashes and other bytes, over the borders of blocks and of runs.
    #[test]
    fn as_the_grammar_says() {
        for round in 0..4000 {
            let mut text = Vec::new();
            let (length, kinds) = (next(6000), 3 + next(40));
            while text.len() < length {
                match next(kinds) {
                    0 => text.extend(br#"\""#),
                    1 => text.extend(br"\\"),
                    2 => text.extend(br#"\\\""#),
                    _ => text.extend(&b"abcdefgh"[..1 + next(8)]),
                }
            }
            if round % 8 != 0 {
                text.extend(br#"",""#);
            }
            assert_eq!(
                string_end(&text, Level::Plain),
                slow(&text),
                "{}",
                String::from_utf8_lossy(&text)
            );
        }
    }

    fn value(depth: usize) -> serde_json::Value {
        let text = || {
            let pieces = [
                "",
                "a",
                "\"",
                "\\",
                "\\\"",
                "{",
                "}]",
                "\n",
                "é",
                "\u{1f600}",
                "long, longer, longest",
            ];
            (0..next(6))
                .map(|_| pieces[next(pieces.len())])
                .collect::<String>()
        };
        match next(if depth == 0 { 3 } else { 6 }) {
            0 => next(1000).into(),
            1 => serde_json::Value::Null,
            2 => text().into(),
            // JSON in a string in JSON.
            3 => value(depth - 1).to_string().into(),
            4 => (0..next(5)).map(|_| value(depth - 1)).collect(),
            _ => (0..next(5)).map(|_| (text(), value(depth - 1))).collect(),
        }
    }

    /// The value that a text says, with nothing but what this module offers.
    fn read(raw: Raw<'_>) -> serde_json::Value {
        if raw.is_object() {
            raw.members()
                .map(|(name, value)| (name.into_owned(), read(value)))
                .collect()
        } else if raw.is_array() {
            raw.items().map(read).collect()
        } else if let Some(text) = raw.text() {
            text.into_owned().into()
        } else {
            raw.integer().map_or(serde_json::Value::Null, Into::into)
        }
    }

    /// A value reads the same as it is and as it stands in a string.
    #[test]
    fn as_it_stands_in_a_string() {
        for round in 0..3000 {
            let value = value(1 + round % 5);
            let plain = if round % 2 == 0 {
                value.to_string()
            } else {
                format!("{value:#}")
            };
            let quoted = serde_json::to_string(&plain).unwrap();
            let inside = &quoted.as_bytes()[1..quoted.len() - 1];
            for raw in [Raw::new(plain.as_bytes()), Raw::escaped(inside)] {
                let mut scan = Scan::of(raw);
                let found = scan.value().unwrap();
                assert!(scan.is_at_end(), "{raw:?}");
                assert_eq!(read(found), value, "{plain}");
            }
            // What breaks off is no value.
            let mut end = next(inside.len());
            while inside[..end].ends_with(b"\\") {
                end -= 1;
            }
            let mut scan = Scan::of(Raw::escaped(&inside[..end]));
            let brackets = matches!(inside.first(), Some(b'{' | b'['));
            assert!(!brackets || scan.value().is_none(), "{plain} {end}");
        }
    }
}
