//! Where a JSON string ends.
//!
//! Bodies are what events are made of, and most bodies are JSON inside a string: every tenth byte or so is `\"`. Looking at
//! each of these costs more than all the rest of reading an event. So there are two ways: `memchr` for text with few quotes,
//! and blocks for text with many, where a block without a possible end is passed with comparisons that the compiler turns into
//! vector instructions.

use memchr::memchr;

const BLOCK: usize = 64;
/// Quotes nearer to each other than this are dense.
const NEAR: usize = 2 * BLOCK;
/// How many blocks are taken before `memchr` is tried again.
const RUN: usize = 16;

/// The index of the closing quote. `text` begins after the opening one.
pub(super) fn string_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let quote = at + memchr(b'"', text.get(at..)?)?;
        if !is_escaped(text, quote) {
            return Some(quote);
        }
        let dense = quote - at < NEAR;
        at = quote + 1;
        if dense {
            match blocks(text, at) {
                Ok(end) => return Some(end),
                Err(next) => at = next,
            }
        }
    }
}

/// The end within the next blocks, or where to go on.
fn blocks(text: &[u8], mut at: usize) -> Result<usize, usize> {
    for _ in 0..RUN {
        // At least one escaped quote stands before `at`, so there are two bytes to look back to.
        let Some(window) = text.get(at.saturating_sub(2)..at + BLOCK) else {
            return Err(at);
        };
        if may_end(window) {
            let mut from = at;
            while let Some(found) = text
                .get(from..at + BLOCK)
                .and_then(|rest| memchr(b'"', rest))
            {
                let quote = from + found;
                if !is_escaped(text, quote) {
                    return Ok(quote);
                }
                from = quote + 1;
            }
        }
        at += BLOCK;
    }
    Err(at)
}

/// Whether a block holds a quote other than after a single backslash. `window` has two bytes before the block.
fn may_end(window: &[u8]) -> bool {
    let (Some(block), Some(before), Some(earlier)) = (
        window.get(2..).and_then(<[u8]>::first_chunk::<BLOCK>),
        window.get(1..).and_then(<[u8]>::first_chunk::<BLOCK>),
        window.first_chunk::<BLOCK>(),
    ) else {
        return true;
    };
    let bytes = block.iter().zip(before).zip(earlier);
    let found = bytes.fold(0_u8, |found, ((&byte, &before), &earlier)| {
        let escaped = u8::from(before == b'\\') & u8::from(earlier != b'\\');
        found | (u8::from(byte == b'"') & !escaped)
    });
    found & 1 != 0
}

/// An odd number of backslashes. Each run of them stands before one quote only: the work stays linear.
fn is_escaped(text: &[u8], quote: usize) -> bool {
    let before = text.get(..quote).unwrap_or_default();
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(string_end(text.as_bytes()), end, "{text}");
        }
    }

    /// Every mix of quotes, backslashes and other bytes, over the borders of blocks and of runs.
    #[test]
    fn as_the_grammar_says() {
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = move |below: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % below
        };
        for round in 0..4000 {
            let (length, kinds) = (next(6000), 3 + next(40));
            let mut text = Vec::new();
            while (text.len() as u64) < length {
                match next(kinds) {
                    0 => text.extend(br#"\""#),
                    1 => text.extend(br"\\"),
                    2 => text.extend(br#"\\\""#),
                    _ => text.extend(&b"abcdefgh"[..1 + next(8) as usize]),
                }
            }
            if round % 8 != 0 {
                text.extend(br#"",""#);
            }
            assert_eq!(
                string_end(&text),
                slow(&text),
                "{}",
                String::from_utf8_lossy(&text)
            );
        }
    }
}
