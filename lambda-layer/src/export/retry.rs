//! What follows from an attempt. Pure, so that every rule is a row in a test.

use std::fmt;
use std::time::Duration;

/// How one attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// A whole answer with a status of 2xx, and the spans rejected, if any, with the reason.
    Accepted {
        /// Rejected spans and the receiver's reason.
        partial: Option<(u64, String)>,
    },
    /// A whole answer with another status.
    Refused {
        /// The status.
        status: u16,
        /// What `Retry-After` asks for.
        retry_after: Option<Duration>,
    },
    /// No answer, or half of one.
    NoAnswer {
        /// Whether there was a connection.
        is_connected: bool,
        /// The cause.
        why: String,
    },
    /// The flush's time was up first.
    OutOfTime,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted { .. } => f.write_str("accepted"),
            Self::Refused { status, .. } => write!(f, "status {status}"),
            Self::NoAnswer { why, .. } => write!(f, "no answer: {why}"),
            Self::OutOfTime => f.write_str("no answer within the time of a flush"),
        }
    }
}

/// What to do with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is done; so many of its spans were rejected for good.
    Delivered {
        /// Spans the receiver will never take.
        rejected: u64,
    },
    /// It is of no use to send it again.
    Drop,
    /// Send the same bytes after this pause.
    RetryIn(Duration),
    /// Hold it for the next flush.
    Keep {
        /// What the receiver asked for, from now.
        not_before: Option<Duration>,
    },
}

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Decides after attempt number `tries` (from 0), with `remaining` left of the flush and `jitter` from 0 to 1.
///
/// The statuses are those of <https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes>.
///
/// ```
/// use std::time::Duration;
/// use baton_lambda_layer::{Attempt, Next, decide};
/// let refused = Attempt::Refused { status: 400, retry_after: None };
/// assert_eq!(decide(&refused, 0, Duration::from_secs(1), 0.5), Next::Drop);
/// ```
#[must_use]
pub fn decide(attempt: &Attempt, tries: u32, remaining: Duration, jitter: f64) -> Next {
    let asked = match attempt {
        Attempt::Accepted { partial } => {
            let rejected = partial.as_ref().map_or(0, |(rejected, _)| *rejected);
            return Next::Delivered { rejected };
        }
        Attempt::OutOfTime => return Next::Keep { not_before: None },
        Attempt::Refused {
            status: 429 | 502 | 503 | 504,
            retry_after,
        } => *retry_after,
        Attempt::Refused { .. } => return Next::Drop,
        // A connection that broke may have died while the environment was frozen: a new one may work at once.
        Attempt::NoAnswer {
            is_connected: true, ..
        } if tries == 0 && !remaining.is_zero() => return Next::RetryIn(Duration::ZERO),
        Attempt::NoAnswer { .. } => None,
    };
    // A receiver that says `Retry-After: 0` every time is not to be flooded.
    let pause = asked.unwrap_or_default().max(back_off(tries, jitter));
    if pause < remaining {
        Next::RetryIn(pause)
    } else {
        Next::Keep { not_before: asked }
    }
}

fn back_off(tries: u32, jitter: f64) -> Duration {
    let full = FIRST_PAUSE
        .saturating_mul(2_u32.saturating_pow(tries))
        .min(LONGEST_PAUSE);
    full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn refused(status: u16, retry_after: Option<Duration>) -> Attempt {
        Attempt::Refused {
            status,
            retry_after,
        }
    }

    fn no_answer(is_connected: bool) -> Attempt {
        Attempt::NoAnswer {
            is_connected,
            why: String::new(),
        }
    }

    #[test]
    fn statuses() {
        let again = Next::RetryIn(ms(50));
        for (status, expected) in [
            (301, Next::Drop),
            (400, Next::Drop),
            (401, Next::Drop),
            (404, Next::Drop),
            (413, Next::Drop),
            (429, again),
            (500, Next::Drop),
            (501, Next::Drop),
            (502, again),
            (503, again),
            (504, again),
        ] {
            let next = decide(&refused(status, None), 0, ms(1000), 1.0);
            assert_eq!(next, expected, "{status}");
        }
    }

    #[test]
    fn pauses() {
        let keep = |not_before| Next::Keep { not_before };
        for (attempt, tries, remaining, expected) in [
            (
                refused(429, Some(ms(300))),
                0,
                ms(1000),
                Next::RetryIn(ms(300)),
            ),
            (
                refused(429, Some(ms(2000))),
                0,
                ms(1000),
                keep(Some(ms(2000))),
            ),
            (refused(503, None), 3, ms(1000), Next::RetryIn(ms(400))),
            (
                refused(503, Some(ms(0))),
                3,
                ms(1000),
                Next::RetryIn(ms(400)),
            ),
            (refused(503, None), 3, ms(300), keep(None)),
            (refused(503, None), 99, ms(9000), Next::RetryIn(ms(500))),
            (no_answer(true), 0, ms(1000), Next::RetryIn(ms(0))),
            (no_answer(true), 1, ms(1000), Next::RetryIn(ms(100))),
            (no_answer(false), 0, ms(1000), Next::RetryIn(ms(50))),
            (no_answer(true), 0, ms(0), keep(None)),
            (no_answer(false), 0, ms(0), keep(None)),
            (Attempt::OutOfTime, 0, ms(0), keep(None)),
        ] {
            let next = decide(&attempt, tries, remaining, 1.0);
            assert_eq!(next, expected, "{attempt:?}, {tries}, {remaining:?}");
        }
    }

    #[test]
    fn jitter_spreads_the_upper_half() {
        for (jitter, expected) in [(0.0, ms(25)), (0.5, ms(37) + ms(1) / 2), (1.0, ms(50))] {
            let next = decide(&refused(503, None), 0, ms(1000), jitter);
            assert_eq!(next, Next::RetryIn(expected));
        }
    }

    #[test]
    fn partial_success_is_never_retried() {
        let partial = Attempt::Accepted {
            partial: Some((3, "no".to_owned())),
        };
        let next = decide(&partial, 0, ms(1000), 0.0);
        assert_eq!(next, Next::Delivered { rejected: 3 });
    }
}
