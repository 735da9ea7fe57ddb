//! Times as text: RFC 3339 where a zone is known, the same without `Z` where not.

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{
    IntervalMonthDayNano, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use serde_json::Value;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};

use super::error::QueryError;

pub(super) fn timestamp(
    array: &ArrayRef,
    row: usize,
    unit: TimeUnit,
    with_zone: bool,
) -> Result<Value, QueryError> {
    let (raw, nanoseconds) = match unit {
        TimeUnit::Second => (
            array.as_primitive::<TimestampSecondType>().value(row),
            1_000_000_000,
        ),
        TimeUnit::Millisecond => (
            array.as_primitive::<TimestampMillisecondType>().value(row),
            1_000_000,
        ),
        TimeUnit::Microsecond => (
            array.as_primitive::<TimestampMicrosecondType>().value(row),
            1_000,
        ),
        TimeUnit::Nanosecond => (
            array.as_primitive::<TimestampNanosecondType>().value(row),
            1,
        ),
    };
    if let Some(infinity) = infinity(raw, i64::MAX) {
        return Ok(infinity.into());
    }
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(raw) * nanoseconds);
    let Ok(time) = time else {
        // Beyond the year 9999.
        return Ok(raw.to_string().into());
    };
    let text = time
        .format(format)
        .map_err(|error| QueryError::Result(error.to_string()))?;
    let zone = if with_zone { "Z" } else { "" };
    Ok(format!("{text}{}{zone}", fraction(u64::from(time.nanosecond()), 9)).into())
}

pub(super) fn date(days: i32) -> Value {
    if let Some(infinity) = infinity(days.into(), i32::MAX.into()) {
        return infinity.into();
    }
    let date = OffsetDateTime::UNIX_EPOCH
        .date()
        .checked_add(Duration::days(days.into()));
    let text = date.and_then(|date: Date| {
        date.format(format_description!("[year]-[month]-[day]"))
            .ok()
    });
    text.unwrap_or_else(|| days.to_string()).into()
}

pub(super) fn time_of_day(array: &ArrayRef, row: usize) -> Result<Value, QueryError> {
    let microseconds = u64::try_from(array.as_primitive::<Time64MicrosecondType>().value(row));
    let microseconds = microseconds.map_err(|error| QueryError::Result(error.to_string()))?;
    Ok(clock(microseconds).into())
}

pub(super) fn interval(interval: IntervalMonthDayNano) -> Value {
    let mut parts = Vec::new();
    for (count, unit) in [(interval.months, "month"), (interval.days, "day")] {
        if count != 0 {
            parts.push(format!(
                "{count} {unit}{}",
                if count.abs() == 1 { "" } else { "s" }
            ));
        }
    }
    if interval.nanoseconds != 0 || parts.is_empty() {
        let sign = if interval.nanoseconds < 0 { "-" } else { "" };
        parts.push(format!(
            "{sign}{}",
            clock(interval.nanoseconds.unsigned_abs() / 1_000)
        ));
    }
    parts.join(" ").into()
}

fn clock(microseconds: u64) -> String {
    let seconds = microseconds / 1_000_000;
    format!(
        "{:02}:{:02}:{:02}{}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        fraction(microseconds % 1_000_000, 6)
    )
}

fn fraction(value: u64, digits: usize) -> String {
    if value == 0 {
        return String::new();
    }
    format!(".{}", format!("{value:0digits$}").trim_end_matches('0'))
}

/// DuckDB keeps infinite times as the largest number and its negative.
fn infinity(raw: i64, largest: i64) -> Option<&'static str> {
    match raw {
        raw if raw == largest => Some("infinity"),
        raw if raw == -largest => Some("-infinity"),
        _ => None,
    }
}
