//! Header values that came as bytes and stand in JSON as lists of numbers.

use std::borrow::Cow;

use crate::json::Raw;

/// Longer values are no context.
const MAX_BYTES: usize = 16 << 10;

/// The text of `[48, 48, 45]`. Bytes are signed, as Java has them, or not. Also read: `["48", "48"]` and
/// `{"0": "48", "1": "48"}`, which some re-serialise them to, and a plain string.
pub(super) fn text(value: Raw<'_>) -> Option<Cow<'_, str>> {
    if let Some(text) = value.text() {
        return Some(text);
    }
    let mut bytes = Vec::new();
    if value.is_array() {
        for item in value.items().take(MAX_BYTES) {
            bytes.push(byte(item)?);
        }
    } else {
        for (index, (name, item)) in value.members().take(MAX_BYTES).enumerate() {
            if name.parse() != Ok(index) {
                return None;
            }
            bytes.push(byte(item)?);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.is_empty()).then_some(Cow::Owned(text))
}

fn byte(item: Raw<'_>) -> Option<u8> {
    let number = item.integer()?;
    let signed = || i8::try_from(number).ok().map(i8::cast_unsigned);
    u8::try_from(number).ok().or_else(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (value, expected) in [
            ("[48,49]", Some("01")),
            ("[-61,-87]", Some("é")),
            ("[195,169]", Some("é")),
            (r#"["48","49"]"#, Some("01")),
            (r#"{"0":"48","1":49}"#, Some("01")),
            (r#""01""#, Some("01")),
            ("[]", None),
            ("[256]", None),
            ("[-129]", None),
            ("[255]", None),
            ("[1.5]", None),
            (r#"{"1":"48"}"#, None),
            (r#"{"a":"48"}"#, None),
            ("7", None),
        ] {
            let raw = Raw::of(value.as_bytes()).unwrap();
            assert_eq!(text(raw).as_deref(), expected, "{value}");
        }
    }
}
