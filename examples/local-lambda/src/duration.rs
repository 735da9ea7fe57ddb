//! Durations as people write them: `250ms`, `30s`, `5m`, `1h`.

use std::time::Duration;

/// Reads a duration: a whole number with one of the units `ms`, `s`, `m`, `h`.
///
/// ```
/// use std::time::Duration;
///
/// assert_eq!(local_lambda::parse_duration("250ms"), Ok(Duration::from_millis(250)));
/// assert!(local_lambda::parse_duration("250").is_err());
/// ```
///
/// # Errors
///
/// A sentence with the text, when it is anything else.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let wrong = || {
        format!(
            "`{text}` is no duration: expected a number with a unit, such as `500ms`, `30s`, `5m` or `1h`"
        )
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    number
        .checked_mul(milliseconds)
        .map(Duration::from_millis)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        for (text, milliseconds) in [
            ("250ms", 250),
            ("30s", 30_000),
            ("5m", 300_000),
            ("1h", 3_600_000),
            ("0s", 0),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_value() {
        for text in [
            "",
            "30",
            "s",
            "1.5s",
            "-1s",
            "5 m",
            "99999999999999999999s",
            "18446744073709551615h",
            "1d",
            "é",
        ] {
            let said = parse_duration(text).unwrap_err();
            assert!(
                said.contains(&format!("`{text}`")) && said.contains("expected"),
                "{said}"
            );
        }
    }
}
