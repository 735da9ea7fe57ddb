//! What a consumer can be told, and the arithmetic of waiting.

use std::time::Duration;

/// SQS keeps a message invisible for no longer than this, counted from its receipt.
pub(super) const MAX_VISIBILITY: Duration = Duration::from_secs(12 * 60 * 60);
/// What one request of SQS takes or returns.
pub(super) const MAX_BATCH: usize = 10;

const FIRST_ERROR_DELAY: Duration = Duration::from_millis(250);
const MAX_ERROR_DELAY: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) concurrency: usize,
    pub(super) pollers: Option<usize>,
    pub(super) visibility: Duration,
    pub(super) max_processing: Duration,
    pub(super) wait: Duration,
    pub(super) delete_within: Duration,
    pub(super) drain: Duration,
    pub(super) retry: Retry,
}

/// When a message that failed is delivered again.
///
/// ```
/// use std::time::Duration;
/// use baton_propagators::sqs::Retry;
///
/// let retry = Retry::BackOff { first: Duration::from_secs(2), max: Duration::from_secs(60) };
/// assert_eq!(retry.delay(1), Some(Duration::from_secs(2)));
/// assert_eq!(retry.delay(4), Some(Duration::from_secs(16)));
/// assert_eq!(retry.delay(9), Some(Duration::from_secs(60)));
/// assert_eq!(Retry::Visibility.delay(1), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// When its visibility timeout ends.
    Visibility,
    /// After `first`, twice that when it was received twice, and so on up to `max`. SQS counts whole seconds; parts of one
    /// are rounded up.
    BackOff {
        /// After the first receive.
        first: Duration,
        /// Never later than this.
        max: Duration,
    },
}

// ===== impl Settings =====

impl Settings {
    /// As many as can have a whole batch each, within reason.
    pub(super) fn pollers(&self) -> usize {
        let automatic = self.concurrency.div_ceil(MAX_BATCH).min(4);
        self.pollers.unwrap_or(automatic).clamp(1, self.concurrency)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: 10,
            pollers: None,
            visibility: Duration::from_secs(30),
            max_processing: Duration::from_secs(15 * 60),
            wait: Duration::from_secs(20),
            delete_within: Duration::from_millis(100),
            drain: Duration::from_secs(20),
            retry: Retry::default(),
        }
    }
}

// ===== impl Retry =====

impl Retry {
    /// How long a message waits that failed when it was received for the `receive_count`th time; `None` leaves it to its
    /// visibility timeout.
    #[must_use]
    pub fn delay(&self, receive_count: u32) -> Option<Duration> {
        match *self {
            Self::Visibility => None,
            Self::BackOff { first, max } => Some(doubled(first, receive_count, max)),
        }
    }
}

impl Default for Retry {
    /// One second, doubled up to five minutes.
    fn default() -> Self {
        Self::BackOff {
            first: Duration::from_secs(1),
            max: Duration::from_secs(300),
        }
    }
}

/// How long to wait after the `failures`th failed request in a row. `random` is from 0 to 1: workers that failed together
/// do not come back together.
pub(super) fn error_delay(failures: u32, random: f64) -> Duration {
    let longest = doubled(FIRST_ERROR_DELAY, failures, MAX_ERROR_DELAY);
    longest.mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0)
}

/// For SQS, which counts in whole seconds.
pub(super) fn whole_seconds(duration: Duration) -> i32 {
    let up = u64::from(duration.subsec_nanos() > 0);
    let seconds = duration.min(MAX_VISIBILITY).as_secs() + up;
    i32::try_from(seconds.min(MAX_VISIBILITY.as_secs())).unwrap_or(i32::MAX)
}

fn doubled(first: Duration, times: u32, max: Duration) -> Duration {
    let factor = 1_u32
        .checked_shl(times.saturating_sub(1))
        .unwrap_or(u32::MAX);
    first.saturating_mul(factor).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_wait_longer_each_time_up_to_a_bound() {
        let longest: Vec<_> = [1, 2, 3, 8, 40, u32::MAX]
            .map(|failures| error_delay(failures, 1.0).as_millis())
            .into();
        assert_eq!(longest, [250, 500, 1000, 30_000, 30_000, 30_000]);
        assert_eq!(error_delay(1, 0.0).as_millis(), 125);
    }

    #[test]
    fn seconds_are_rounded_up_and_bounded() {
        for (millis, seconds) in [(0, 0), (1, 1), (1000, 1), (1001, 2), (u64::MAX, 43_200)] {
            assert_eq!(whole_seconds(Duration::from_millis(millis)), seconds);
        }
    }

    #[test]
    fn there_is_a_poller_for_every_ten_messages() {
        for (concurrency, asked, pollers) in [
            (1, None, 1),
            (11, None, 2),
            (1000, None, 4),
            (2, Some(8), 2),
            (20, Some(0), 1),
        ] {
            let settings = Settings {
                concurrency,
                pollers: asked,
                ..Settings::default()
            };
            assert_eq!(settings.pollers(), pollers);
        }
    }
}
