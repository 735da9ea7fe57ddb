//! Where a JSON string ends.
//!
//! Bodies are what events are made of, and most bodies are JSON inside a string: every tenth byte or so is `\"`. To look at
//! each of these costs more than all the rest of reading an event. So there are two ways: `memchr` up to the first quote, and
//! from there on, when that is an escaped one, blocks of 64 bytes: quotes and backslashes as bits of two numbers, and the
//! escaped ones found by arithmetic, as simdjson does: <https://arxiv.org/abs/1902.08318>, section 3.1.1.

use memchr::memchr;
use wide::u8x16;

const BLOCK: usize = 64;
/// The bits of bytes with an even index.
const EVEN: u64 = 0x5555_5555_5555_5555;

/// The index of the closing quote. `text` begins after the opening one.
pub(super) fn string_end(text: &[u8]) -> Option<usize> {
    let quote = memchr(b'"', text)?;
    let before = text.get(..quote)?;
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    if backslashes.count() % 2 == 0 {
        return Some(quote);
    }
    let start = quote + 1;
    blocks(text.get(start..)?).map(|end| start + end)
}

/// The same for text with many quotes. It does not begin within an escape.
fn blocks(text: &[u8]) -> Option<usize> {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut at = 0;
    // Whether the last byte of the block before escapes the first one of this.
    let mut carry = false;
    for block in blocks {
        let (escaped, next) = escaped(bits(block, b'\\'), carry);
        let ends = bits(block, b'"') & !escaped;
        if ends != 0 {
            return Some(at + ends.trailing_zeros() as usize);
        }
        carry = next;
        at += BLOCK;
    }
    for byte in rest {
        match byte {
            _ if carry => carry = false,
            b'\\' => carry = true,
            b'"' => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Which bytes are escaped, given where the backslashes are; and whether the next block begins with an escaped one.
///
/// A run of backslashes escapes the byte after it when it is of odd length. Adding the starts of runs at odd indices to all
/// backslashes carries through each of these runs, and leaves a bit right after it.
const fn escaped(backslashes: u64, carry: bool) -> (u64, bool) {
    let carry = carry as u64;
    let backslashes = backslashes & !carry;
    let follows = (backslashes << 1) | carry;
    let odd_starts = backslashes & !EVEN & !follows;
    let (ends_of_odd, overflow) = odd_starts.overflowing_add(backslashes);
    ((EVEN ^ (ends_of_odd << 1)) & follows, overflow)
}

/// One bit for each byte.
fn bits(block: &[u8; BLOCK], byte: u8) -> u64 {
    let (lanes, _) = block.as_chunks::<16>();
    let bits = |lane: &[u8; 16]| u8x16::new(*lane).simd_eq(u8x16::splat(byte)).to_bitmask();
    lanes
        .iter()
        .rev()
        .fold(0, |all, lane| (all << 16) | u64::from(bits(lane)))
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
