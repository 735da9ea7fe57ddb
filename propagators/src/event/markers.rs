//! What tells, before a text is opened, whether it is worth it.

use std::sync::LazyLock;

use aho_corasick::packed::Searcher;
use memchr::memmem::Finder;

/// What a text has to hold somewhere to hold a carrier, in whatever format, or to say that its story is over. Each finds a
/// name in the cases that clients write it in.
const MARKERS: [&str; 16] = [
    "raceparent",
    "raceParent",
    "_trace",
    "_datadog",
    "baggage",
    "AWSTraceHeader",
    "functionArn",
    "replay-name",
    "StateMachine",
    "x-datadog-",
    "\"b3",
    "x-b3-",
    "X-B3-",
    "uber-trace-id",
    "mzn-",
    "ot-tracer-",
];

/// All of them are looked for at once, 16 bytes or 32 a step.
static SEARCHER: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(MARKERS));

/// The beginning of every escape of an ASCII character by its number.
static NUMBER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\\u00"));

pub(super) fn holds_marker(text: &[u8]) -> bool {
    // No searcher, which does not happen with a list as short as this, means that every body is opened.
    SEARCHER
        .as_ref()
        .is_none_or(|searcher| searcher.find(text).is_some())
}

/// Whether a quote, bracket or the like may be written by its number, as `\u0022`: such a text cannot be read as it stands.
pub(super) fn escapes_structure(quoted: &[u8]) -> bool {
    let ascii = |at: usize| matches!(quoted.get(at + 4), Some(b'0'..=b'7'));
    let backslashes = |at: usize| {
        let before = quoted.get(..at).unwrap_or_default().iter().rev();
        before.take_while(|byte| **byte == b'\\').count()
    };
    let mut numbers = NUMBER.find_iter(quoted);
    numbers.any(|at| ascii(at) && backslashes(at).is_multiple_of(2))
}
