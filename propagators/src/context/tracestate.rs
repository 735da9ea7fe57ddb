//! `tracestate`: a list of at most 32 vendor entries, kept as it came.

use std::borrow::Cow;

/// <https://www.w3.org/TR/trace-context-2/#tracestate-header-field-values>
const MAX_MEMBERS: usize = 32;
const MAX_KEY: usize = 256;
const MAX_VALUE: usize = 256;
/// No valid list is longer, but for a lot of spaces or empty entries. Nobody is made to walk a megabyte of commas.
const MAX_BYTES: usize = 2 * MAX_MEMBERS * (MAX_KEY + MAX_VALUE);

/// What vendors hand along with a trace: `key=value` pairs, newest first.
///
/// Valid by construction and kept verbatim, since a forwarder that does not touch `traceparent` may not touch it either.
///
/// ```
/// use baton_propagators::context::TraceState;
///
/// let state = TraceState::parse("rojo=00f067aa0ba902b7, congo=t61rcWkgMzE").unwrap_or_default();
/// assert_eq!(state.get("congo"), Some("t61rcWkgMzE"));
/// assert_eq!(state.members().map(|(key, _)| key).collect::<Vec<_>>(), ["rojo", "congo"]);
///
/// assert_eq!(TraceState::parse("Upper=case"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceState<'a>(Cow<'a, str>);

// ===== impl TraceState =====

impl<'a> TraceState<'a> {
    /// No entries.
    pub const EMPTY: TraceState<'static> = TraceState(Cow::Borrowed(""));

    /// `None` when any entry is not valid, or there are more than 32: then the whole list is dropped.
    #[must_use]
    pub fn parse(list: &'a str) -> Option<Self> {
        let list = trim(list);
        is_valid(list).then_some(Self(Cow::Borrowed(list)))
    }

    /// Joins the values of several headers in their order; one value stays borrowed.
    pub(super) fn join(lists: impl IntoIterator<Item = &'a str>) -> Self {
        let mut lists = lists.into_iter().map(trim).filter(|list| !list.is_empty());
        let Some(first) = lists.next() else {
            return TraceState::EMPTY;
        };
        let mut joined = Cow::Borrowed(first);
        for list in lists {
            let joined = joined.to_mut();
            joined.push(',');
            joined.push_str(list);
        }
        if is_valid(&joined) {
            Self(joined)
        } else {
            TraceState::EMPTY
        }
    }

    /// The entries in their order.
    pub fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        members(&self.0).flatten()
    }

    /// The value of the first entry with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.members()
            .find_map(|(found, value)| (found == key).then_some(value))
    }

    /// Whether there is nothing to hand on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The list as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn borrowed(&self) -> TraceState<'_> {
        TraceState(Cow::Borrowed(&self.0))
    }

    /// The same list, no longer borrowed.
    #[must_use]
    pub fn into_owned(self) -> TraceState<'static> {
        TraceState(Cow::Owned(self.0.into_owned()))
    }
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Keys may repeat: the specification lets a forwarder keep duplicates, and forbids only to add them.
fn is_valid(list: &str) -> bool {
    let mut count = 0;
    let mut valid = |(key, value)| {
        count += 1;
        count <= MAX_MEMBERS && is_key(key) && is_value(value)
    };
    list.len() <= MAX_BYTES && members(list).all(|member| member.is_some_and(&mut valid))
}

/// The entries, with `None` for one that has no `=`. Empty entries are allowed and skipped.
fn members(list: &str) -> impl Iterator<Item = Option<(&str, &str)>> {
    list.split(',')
        .map(trim)
        .filter(|member| !member.is_empty())
        .map(|member| member.split_once('='))
}

fn is_key(key: &str) -> bool {
    let lower = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let [first, rest @ ..] = key.as_bytes() else {
        return false;
    };
    key.len() <= MAX_KEY
        && lower(first)
        && rest
            .iter()
            .all(|byte| lower(byte) || b"_-*/@".contains(byte))
}

fn is_value(value: &str) -> bool {
    let allowed = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'=');
    !value.is_empty() && value.len() <= MAX_VALUE && value.as_bytes().iter().all(allowed)
}
