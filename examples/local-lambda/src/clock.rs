//! Wall-clock time as Lambda writes it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]/[month]/[day]");

/// `2022-10-21T14:05:03.165Z`.
pub(crate) fn timestamp(at: SystemTime) -> String {
    OffsetDateTime::from(at)
        .format(TIMESTAMP)
        .unwrap_or_default()
}

/// `2022/10/21`, as log streams begin.
pub(crate) fn day(at: SystemTime) -> String {
    OffsetDateTime::from(at).format(DAY).unwrap_or_default()
}

/// Milliseconds since the epoch.
pub(crate) fn epoch_ms(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds with at most three decimals.
pub(crate) fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_lambda_writes_it() {
        let at = UNIX_EPOCH + Duration::from_millis(1_666_361_103_165);
        assert_eq!(timestamp(at), "2022-10-21T14:05:03.165Z");
        assert_eq!(day(at), "2022/10/21");
        assert_eq!(epoch_ms(at), 1_666_361_103_165);
        assert!((millis(Duration::from_nanos(1_234_567)) - 1.235).abs() < 1e-9);
    }
}
