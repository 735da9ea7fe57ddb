//! Durations as people say them.

/// A duration in three digits and a unit.
///
/// ```
/// use baton_store::render::waterfall::humanise;
/// assert_eq!(humanise(850), "850 ns");
/// assert_eq!(humanise(12_345_678), "12.3 ms");
/// assert_eq!(humanise(4_210_000_000), "4.21 s");
/// assert_eq!(humanise(192_000_000_000), "3m 12s");
/// assert_eq!(humanise(7_380_000_000_000), "2h 03m");
/// ```
#[must_use]
pub fn humanise(duration_ns: i64) -> String {
    let ns = duration_ns.unsigned_abs();
    let text = match ns {
        0..=999 => format!("{ns} ns"),
        1_000..=999_499 => format!("{} µs", three_digits(ns, 1_000)),
        999_500..=999_499_999 => format!("{} ms", three_digits(ns, 1_000_000)),
        999_500_000..=59_949_999_999 => format!("{} s", three_digits(ns, 1_000_000_000)),
        _ => minutes((ns + 500_000_000) / 1_000_000_000),
    };
    if duration_ns < 0 {
        format!("-{text}")
    } else {
        text
    }
}

fn minutes(seconds: u64) -> String {
    match seconds {
        0..=3_599 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        3_600..=172_799 => format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d {:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

fn three_digits(ns: u64, unit: u64) -> String {
    let decimals = match ns / unit {
        0..=9 if ns * 100 / unit < 1_000 => 2,
        0..=99 => 1,
        _ => 0,
    };
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let text = format!("{:.decimals$}", ns as f64 / unit as f64);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        text
    }
}
