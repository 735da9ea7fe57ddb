//! How long a flush may take. Pure rules: what goes in are durations, what comes out is one.

use std::time::Duration;

/// The longest flush after an invocation. The caller has its answer by then; the next event for this environment waits.
pub const FLUSH: Duration = Duration::from_secs(5);
/// The flush after one that failed: a look whether the receiver is back.
pub const PROBE: Duration = Duration::from_secs(1);
/// How often a receiver that is down may cost a full [`FLUSH`].
pub const FULL_FLUSH_EVERY: Duration = Duration::from_secs(30);
/// What is left of an invocation's time when a flush ends: an extension that is late makes the invocation a timeout.
pub const FLUSH_MARGIN: Duration = Duration::from_millis(150);
/// What a flush and [`FLUSH_MARGIN`] take together when the runtime ended badly: SHUTDOWN is on its way, and the two seconds for it run.
pub const BEFORE_RESET: Duration = Duration::from_secs(1);
/// What is left of an invocation's time when the layer stops waiting for its end.
pub const WAIT_MARGIN: Duration = Duration::from_millis(400);
/// Lambda's time for extensions at SHUTDOWN.
pub const SHUTDOWN: Duration = Duration::from_secs(2);
/// What is left of it when the last flush ends.
pub const SHUTDOWN_MARGIN: Duration = Duration::from_millis(300);
// No invocation lasts a day; an instant further away may not exist.
const LONGEST: Duration = Duration::from_secs(86_400);

/// How long to wait for `platform.runtimeDone` when `remaining` is left of the invocation.
///
/// ```
/// use std::time::Duration;
/// use baton_lambda_layer::budget;
/// assert_eq!(budget::wait(Duration::from_secs(3)), Duration::from_millis(2600));
/// ```
#[must_use]
pub fn wait(remaining: Duration) -> Duration {
    remaining.saturating_sub(WAIT_MARGIN)
}

/// How long a flush may take when `remaining` is left of the invocation and the last full flush that failed ended `since_failure` ago.
#[must_use]
pub fn flush(remaining: Duration, since_failure: Option<Duration>) -> Duration {
    let longest = match since_failure {
        Some(since) if since < FULL_FLUSH_EVERY => PROBE,
        _ => FLUSH,
    };
    remaining.saturating_sub(FLUSH_MARGIN).min(longest)
}

/// How long the last flush may take when `remaining` is left before the process is killed.
#[must_use]
pub fn shutdown(remaining: Duration) -> Duration {
    remaining.min(SHUTDOWN).saturating_sub(SHUTDOWN_MARGIN)
}

/// The time from `now_ms` to `deadline_ms`, both milliseconds since 1970; without a deadline, `otherwise`.
#[must_use]
pub fn remaining(now_ms: u64, deadline_ms: Option<u64>, otherwise: Duration) -> Duration {
    deadline_ms.map_or(otherwise, |deadline| {
        Duration::from_millis(deadline.saturating_sub(now_ms)).min(LONGEST)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn flushes() {
        for (remaining, since_failure, expected) in [
            (ms(900_000), None, FLUSH),
            (ms(900_000), Some(ms(10)), PROBE),
            (ms(900_000), Some(FULL_FLUSH_EVERY), FLUSH),
            (ms(1000), None, ms(850)),
            (ms(1000), Some(ms(10)), ms(850)),
            (ms(150), None, ms(0)),
            (ms(0), None, ms(0)),
        ] {
            assert_eq!(flush(remaining, since_failure), expected, "{remaining:?}");
        }
    }

    #[test]
    fn a_flush_after_the_longest_wait_still_ends_in_time() {
        for remaining in [ms(0), ms(100), ms(500), ms(3000), ms(900_000)] {
            let left = remaining - wait(remaining);
            let spent = wait(remaining) + flush(left, None);
            assert!(spent + FLUSH_MARGIN <= remaining || spent == ms(0));
        }
    }

    #[test]
    fn shutdowns() {
        assert_eq!(shutdown(ms(2000)), ms(1700));
        assert_eq!(shutdown(ms(900_000)), ms(1700));
        assert_eq!(shutdown(ms(500)), ms(200));
        assert_eq!(shutdown(ms(100)), ms(0));
    }

    #[test]
    fn deadlines() {
        assert_eq!(remaining(1000, Some(4000), ms(7)), ms(3000));
        assert_eq!(remaining(5000, Some(4000), ms(7)), ms(0));
        assert_eq!(remaining(5000, None, ms(7)), ms(7));
        assert_eq!(remaining(0, Some(u64::MAX), ms(7)), LONGEST);
    }
}
