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
    ///
    /// ```
    /// use baton_propagators::context::TraceState;
    ///
    /// assert!(TraceState::parse("rojo=1 , congo=2").is_some());
    /// assert_eq!(TraceState::parse("rojo=1=2"), None);
    /// ```
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
    ///
    /// ```
    /// use baton_propagators::context::TraceState;
    ///
    /// assert_eq!(TraceState::parse("a=1,a=2").unwrap_or_default().get("a"), Some("1"));
    /// ```
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
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let bytes = text.as_bytes();
    let Some(start) = bytes.iter().position(|byte| !is_space(byte)) else {
        return "";
    };
    let end = bytes.iter().rposition(|byte| !is_space(byte));
    end.and_then(|end| text.get(start..=end))
        .unwrap_or_default()
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
        .map(|member| {
            // For so few bytes a search that is prepared for many takes longer than this.
            let equals = member.bytes().position(|byte| byte == b'=')?;
            Some((member.get(..equals)?, member.get(equals + 1..)?))
        })
}

/// What each byte may be part of: the start of a key, a key, a value.
const START: u8 = 1;
const KEY: u8 = 2;
const VALUE: u8 = 4;
#[expect(
    clippy::indexing_slicing,
    reason = "a byte into 256 places, while this is compiled"
)]
static ALLOWED: [u8; 256] = {
    let mut allowed = [0; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        allowed[byte as usize] = match byte {
            b'a'..=b'z' | b'0'..=b'9' => START | KEY | VALUE,
            b'_' | b'-' | b'*' | b'/' | b'@' => KEY | VALUE,
            b',' | b'=' => 0,
            _ => VALUE,
        };
        byte += 1;
    }
    allowed
};

fn is_key(key: &str) -> bool {
    let starts = key.bytes().next().is_some_and(|first| is(first, START));
    starts && key.len() <= MAX_KEY && key.bytes().all(|byte| is(byte, KEY))
}

fn is_value(value: &str) -> bool {
    let fits = !value.is_empty() && value.len() <= MAX_VALUE;
    fits && value.bytes().all(|byte| is(byte, VALUE))
}

fn is(byte: u8, class: u8) -> bool {
    ALLOWED
        .get(usize::from(byte))
        .is_some_and(|allowed| allowed & class != 0)
}
