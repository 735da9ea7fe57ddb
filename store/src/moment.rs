//! Points in time as people type them: how long ago, or when.

use std::time::Duration;

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// A point in time.
///
/// ```
/// use baton_store::moment::Moment;
/// use time::macros::datetime;
///
/// let now = datetime!(2026-11-22 15:20 UTC);
/// assert_eq!(Moment::parse("1h30m", now)?.sql(), "'2026-11-22T13:50:00Z'");
/// assert_eq!(Moment::parse("2026-11-22 09:00", now)?.sql(), "'2026-11-22T09:00:00Z'");
/// assert!(Moment::parse("soon", now).is_err());
/// # Ok::<(), baton_store::moment::MomentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(OffsetDateTime);

/// Neither a length of time nor a time.
#[derive(Debug, thiserror::Error)]
#[error(
    "expected how long ago, such as `90s`, `15m`, `1h` or `2d`, or a time in UTC such as `2026-11-22T15:20:00Z`"
)]
pub struct MomentError;

impl Moment {
    /// Reads how long before `now` it was, to the second, or when.
    ///
    /// # Errors
    /// The text is neither.
    pub fn parse(text: &str, now: OffsetDateTime) -> Result<Self, MomentError> {
        let text = text.trim();
        if let Some(ago) = parse_duration(text) {
            return now
                .checked_sub(ago.try_into().map_err(|_| MomentError)?)
                .and_then(|time| time.replace_nanosecond(0).ok())
                .map(Self)
                .ok_or(MomentError);
        }
        if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
            return Ok(Self(time));
        }
        let minutes = format_description!("[year]-[month]-[day] [hour]:[minute]");
        let seconds = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        let spaced = text.replacen('T', " ", 1);
        let time = time::PrimitiveDateTime::parse(&spaced, seconds)
            .or_else(|_| time::PrimitiveDateTime::parse(&spaced, minutes))
            .map(time::PrimitiveDateTime::assume_utc);
        let day = || {
            Date::parse(text, format_description!("[year]-[month]-[day]"))
                .map(|day| day.midnight().assume_utc())
        };
        time.or_else(|_| day()).map(Self).map_err(|_| MomentError)
    }

    /// As a literal that casts to TIMESTAMPTZ.
    #[must_use]
    pub fn sql(&self) -> String {
        format!("'{self}'")
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.0.to_offset(time::UtcOffset::UTC).format(&Rfc3339);
        f.write_str(&text.map_err(|_| std::fmt::Error)?)
    }
}

/// `1h30m`, `1.5s`, `250ms`, `3d`; `None` for anything else.
///
/// ```
/// use std::time::Duration;
/// use baton_store::moment::parse_duration;
///
/// assert_eq!(parse_duration("1m30s"), Some(Duration::from_secs(90)));
/// assert_eq!(parse_duration("1.5ms"), Some(Duration::from_micros(1500)));
/// assert_eq!(parse_duration("90"), None);
/// ```
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let letters = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        total = total.checked_add(part)?;
        rest = after;
    }
    (!text.is_empty()).then_some(total)
}
