//! Numbers of things, in words.

use std::fmt::Display;

/// So many of something.
///
/// ```
/// use baton_store::render::counted;
/// assert_eq!(counted(1, "span"), "1 span");
/// assert_eq!(counted(0, "span"), "0 spans");
/// ```
#[must_use]
pub fn counted(count: impl Display, noun: &str) -> String {
    let count = count.to_string();
    let plural = if count == "1" { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
