//! One member of a baggage: <https://www.w3.org/TR/baggage/#definition>.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// One pair and its properties.
///
/// ```
/// use baton_propagators::format::Baggage;
///
/// let (baggage, _) = Baggage::parse("plan=gold%20plus;trial;days=30");
/// let Some(plan) = baggage.members().next() else { unreachable!() };
/// assert_eq!((plan.key(), &*plan.value(), plan.metadata()), ("plan", "gold plus", "trial;days=30"));
/// assert_eq!(plan.properties().collect::<Vec<_>>(), [("trial", None), ("days", Some("30".into()))]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    key: &'a str,
    value: &'a str,
    properties: &'a str,
}

// ===== impl Member =====

impl<'a> Member<'a> {
    pub(super) fn parse(member: &'a str) -> Option<Self> {
        let (pair, properties) = member.split_once(';').unwrap_or((member, ""));
        let (key, value) = pair.split_once('=')?;
        let (key, value) = (trim(key), trim(value));
        let no_more = !member.contains(';');
        let valid = is_token(key)
            && is_value(value)
            && (no_more || properties.split(';').map(trim).all(is_property));
        valid.then_some(Self {
            key,
            value,
            properties,
        })
    }

    /// As it is written: a key is never encoded.
    #[must_use]
    pub const fn key(&self) -> &'a str {
        self.key
    }

    /// The value, decoded; what is no UTF-8 reads as U+FFFD.
    #[must_use]
    pub fn value(&self) -> Cow<'a, str> {
        percent_decode_str(self.value).decode_utf8_lossy()
    }

    /// The value as it is written.
    pub(super) const fn encoded(&self) -> &'a str {
        self.value
    }

    /// Keys and decoded values; a property may have no value, and a key may come twice.
    pub fn properties(&self) -> impl Iterator<Item = (&'a str, Option<Cow<'a, str>>)> {
        let properties = self
            .properties
            .split(';')
            .map(trim)
            .filter(|text| !text.is_empty());
        properties.map(|property| match property.split_once('=') {
            Some((key, value)) => (
                trim(key),
                Some(percent_decode_str(trim(value)).decode_utf8_lossy()),
            ),
            None => (property, None),
        })
    }

    /// The properties as they are written: `trial;days=30`.
    #[must_use]
    pub fn metadata(&self) -> &'a str {
        trim(self.properties)
    }
}

pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

fn is_property(property: &str) -> bool {
    match property.split_once('=') {
        Some((key, value)) => is_token(trim(key)) && is_value(trim(value)),
        None => is_token(property),
    }
}

/// <https://www.rfc-editor.org/rfc/rfc7230#section-3.2.6>
fn is_token(key: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !key.is_empty() && key.bytes().all(allowed)
}

fn is_value(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| matches!(byte, b'!'..=b'~') && !matches!(byte, b'"' | b',' | b';' | b'\\'))
}
