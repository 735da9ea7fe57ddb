//! Quotes and brackets of 64 bytes at once, as bits of numbers; the way of simdjson: <https://arxiv.org/abs/1902.08318>.

use wide::u8x16;

use super::Level;

const BLOCK: usize = 64;
/// The bits of bytes with an even index.
const EVEN: u64 = 0x5555_5555_5555_5555;

/// Goes through a text block by block, the last one filled up with spaces, until `step` has found something. It is told the
/// place of each block.
#[inline]
pub(super) fn find_in_blocks<T>(
    text: &[u8],
    mut step: impl FnMut(usize, &[u8; BLOCK]) -> Option<T>,
) -> Option<T> {
    let (whole, rest) = text.as_chunks::<BLOCK>();
    let mut at = 0;
    for block in whole {
        if let Some(found) = step(at, block) {
            return Some(found);
        }
        at += BLOCK;
    }
    if rest.is_empty() {
        return None;
    }
    let mut last = [b' '; BLOCK];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    step(at, &last)
}

/// Which quotes begin or end a string, block by block.
pub(super) struct Quotes {
    level: Level,
    /// Of the block before: whether its last byte escapes the next one, or all of its backslashes.
    before: u64,
}

// ===== impl Quotes =====

impl Quotes {
    /// For a text that does not begin within an escape.
    pub(super) const fn new(level: Level) -> Self {
        Self { level, before: 0 }
    }

    /// `block` stands in `text` at `at`, and right behind the block of the last call.
    #[inline]
    pub(super) fn next(&mut self, text: &[u8], at: usize, block: &[u8; BLOCK]) -> u64 {
        let backslashes = bits(block, |lane| lane.simd_eq(u8x16::splat(b'\\')));
        let quotes = bits(block, |lane| lane.simd_eq(u8x16::splat(b'"')));
        match self.level {
            Level::Plain => {
                let (escaped, carry) = escaped(backslashes, self.before);
                self.before = carry;
                quotes & !escaped
            }
            Level::Escaped => {
                let before = std::mem::replace(&mut self.before, backslashes);
                let shifted = |by: u32| (backslashes << by) | (before >> (u64::BITS - by));
                let (one, two) = (shifted(1), shifted(2));
                let many = quotes & one & two & shifted(3) & shifted(4);
                let few = quotes & one & !two;
                if many == 0 {
                    few
                } else {
                    few | self.after_many(text, at, many)
                }
            }
        }
    }

    /// Those of `quotes` that have many backslashes before them, which are rare, one by one. No backslash is counted twice.
    #[cold]
    fn after_many(&self, text: &[u8], at: usize, mut quotes: u64) -> u64 {
        let mut found = 0;
        while quotes != 0 {
            let place = at + quotes.trailing_zeros() as usize;
            let before = text.get(..place).unwrap_or_default().iter().rev();
            let backslashes = before.take_while(|byte| **byte == b'\\').count();
            if self.level.ends_string(backslashes) {
                found |= quotes & quotes.wrapping_neg();
            }
            quotes &= quotes - 1;
        }
        found
    }
}

/// Which bytes are escaped, given where the backslashes are; and 1 when the next block begins with an escaped one.
///
/// A run of backslashes escapes the byte after it when it is of odd length. Adding the starts of runs at odd indices to all
/// backslashes carries through each of these runs, and leaves a bit right after it: section 3.1.1 of the paper.
const fn escaped(backslashes: u64, carry: u64) -> (u64, u64) {
    let backslashes = backslashes & !carry;
    let follows = (backslashes << 1) | carry;
    let odd_starts = backslashes & !EVEN & !follows;
    let (ends_of_odd, overflow) = odd_starts.overflowing_add(backslashes);
    ((EVEN ^ (ends_of_odd << 1)) & follows, overflow as u64)
}

/// Opening and closing brackets, of both kinds: they differ in one bit.
#[inline]
pub(super) fn brackets(block: &[u8; BLOCK]) -> [u64; 2] {
    let either = u8x16::splat(0x20);
    [b'{', b'}'].map(|bracket| {
        let bracket = u8x16::splat(bracket);
        bits(block, |lane| (lane | either).simd_eq(bracket))
    })
}

/// For each byte whether it stands within a string, from its opening quote to before its closing one.
pub(super) const fn within(mut quotes: u64) -> u64 {
    let mut by = 1;
    while by < u64::BITS {
        quotes ^= quotes << by;
        by *= 2;
    }
    quotes
}

/// One bit for each byte.
#[inline]
fn bits(block: &[u8; BLOCK], is: impl Fn(u8x16) -> u8x16) -> u64 {
    let (lanes, _) = block.as_chunks::<16>();
    lanes.iter().rev().fold(0, |all, lane| {
        (all << 16) | u64::from(is(u8x16::new(*lane)).to_bitmask())
    })
}
