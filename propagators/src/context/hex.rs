//! Lower-case hexadecimal digits, as W3C has them.

/// Exactly `N` bytes of lower-case hexadecimal digits.
#[inline]
pub(crate) fn parse_hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    let (words, rest) = digits.as_chunks::<8>();
    let (fours, others) = bytes.as_chunks_mut::<4>();
    for (four, word) in fours.iter_mut().zip(words) {
        let (half, wrong) = eight(*word);
        if wrong != 0 {
            return None;
        }
        *four = half.to_be_bytes();
    }
    let (pairs, _) = rest.as_chunks::<2>();
    for (byte, pair) in others.iter_mut().zip(pairs) {
        let [high, low] = pair.map(nibble);
        if high | low > 0xf {
            return None;
        }
        *byte = (high << 4) | low;
    }
    Some(bytes)
}

/// Eight digits at once, each in a byte of one word; and the bits that are wrong, none for lower-case digits.
#[inline]
pub(super) const fn eight(digits: [u8; 8]) -> (u32, u64) {
    const fn all(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    let text = u64::from_be_bytes(digits);
    // 1 for a letter; then the value of each digit, of a letter its low half and 9.
    let letter = (text >> 6) & all(1);
    let value = (text & all(0x0f)) + letter * 9;
    // What the values would be written as has to be what stands there, and the letters are those from 10 to 15.
    let written = value + all(b'0') + letter * 39;
    let from_10 = (value + all(6)) & all(0x10);
    let wrong = (written ^ text) | (from_10 ^ (letter << 4)) | (value & all(0x10));
    let pairs = (value | (value >> 4)) & 0x00ff_00ff_00ff_00ff;
    let [_, first, _, second, _, third, _, fourth] = pairs.to_be_bytes();
    (u32::from_be_bytes([first, second, third, fourth]), wrong)
}

pub(super) const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => 0xff,
    }
}

pub(super) fn write_hex(text: &mut [u8], bytes: &[u8]) {
    let (pairs, _) = text.as_chunks_mut::<2>();
    for (pair, byte) in pairs.iter_mut().zip(bytes) {
        *pair = [byte >> 4, byte & 0xf].map(digit);
    }
}

const fn digit(nibble: u8) -> u8 {
    if nibble < 10 {
        b'0' + nibble
    } else {
        b'a' - 10 + nibble
    }
}

#[cfg(test)]
mod tests {
    use super::parse_hex;

    /// Every byte at every place: what reads eight digits at once agrees with what reads one.
    #[test]
    fn hexadecimal_digits() {
        for place in 0..8 {
            for byte in 0..=u8::MAX {
                let mut digits = *b"09afa90f";
                digits[place] = byte;
                let lower = std::str::from_utf8(&digits).ok().filter(|digits| {
                    digits
                        .bytes()
                        .all(|byte| b"0123456789abcdef".contains(&byte))
                });
                let expected =
                    lower.map(|digits| u32::from_str_radix(digits, 16).unwrap().to_be_bytes());
                assert_eq!(parse_hex::<4>(&digits), expected, "{digits:?}");
            }
        }
    }
}
