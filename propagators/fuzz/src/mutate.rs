//! Changes to a valid text that keep most of it valid: that is where parsers err.

use fastrand::Rng;

/// What means something in one format or another.
const PIECES: [&[u8]; 40] = [
    b"",
    b" ",
    b"\t",
    b",",
    b";",
    b"=",
    b"-",
    b":",
    b"%",
    b"%3A",
    b"%zz",
    b"\"",
    b"\\",
    b"\\u0000",
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"0",
    b"1",
    b"f",
    b"F",
    b"00",
    b"ff",
    b"cc",
    b"d",
    b"?",
    b"true",
    b"Root=",
    b"Parent=",
    b"Lineage=1:a:0;",
    b"_dd.p.tid=",
    b"dd=",
    b"@",
    b"\0",
    b"\n",
    b"\xff",
    "é".as_bytes(),
    "\u{1f600}".as_bytes(),
];
/// Once in so many inputs a part is repeated until the input is huge.
const HUGE_ONE_IN: u32 = 20_000;
const HUGE_BYTES: usize = 1 << 20;

/// A changed copy; one in eight is left as it is.
pub(crate) fn mutate(rng: &mut Rng, valid: &[u8], other: &[u8]) -> Vec<u8> {
    let mut text = valid.to_vec();
    if rng.u8(..8) == 0 {
        return text;
    }
    for _ in 0..rng.usize(1..=3) {
        change(rng, &mut text, other);
    }
    if rng.u32(..HUGE_ONE_IN) == 0 {
        let part = part(rng, &text, 64);
        let times = HUGE_BYTES / part.len().max(1);
        let at = rng.usize(..=text.len());
        text.splice(at..at, part.repeat(times.min(HUGE_BYTES)));
    }
    text
}

fn change(rng: &mut Rng, text: &mut Vec<u8>, other: &[u8]) {
    let at = rng.usize(..=text.len());
    let to = (at + rng.usize(..9)).min(text.len());
    match rng.u8(..9) {
        // Another byte, a bit of it, another case.
        0 => set(text, at, |_| rng.u8(..)),
        1 => set(text, at, |byte| byte ^ (1 << rng.u8(..8))),
        2 => set(text, at, |byte| byte ^ 0x20),
        // Less.
        3 => drop(text.drain(at..to)),
        4 => text.truncate(at),
        // More.
        5 => drop(text.splice(at..at, rng.choice(PIECES).unwrap_or_default().to_vec())),
        6 => drop(text.splice(at..to, rng.choice(PIECES).unwrap_or_default().to_vec())),
        7 => drop(text.splice(at..at, part(rng, &text.clone(), 64))),
        _ => drop(text.splice(at..to, part(rng, other, 32))),
    }
}

fn set(text: &mut [u8], at: usize, change: impl FnOnce(u8) -> u8) {
    if let Some(byte) = text.get_mut(at) {
        *byte = change(*byte);
    }
}

/// A part of `text`, of at most so many bytes.
fn part(rng: &mut Rng, text: &[u8], most: usize) -> Vec<u8> {
    let from = rng.usize(..=text.len());
    let to = (from + rng.usize(..=most)).min(text.len());
    text.get(from..to).unwrap_or_default().to_vec()
}
