//! One value, as it stands in the text.

use std::{borrow::Cow, str};

use memchr::memchr;

use super::{Level, Scan};

/// The bytes of a JSON value, not looked into yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raw<'a> {
    text: &'a [u8],
    level: Level,
}

// ===== impl Raw =====

impl<'a> Raw<'a> {
    pub(crate) const fn new(text: &'a [u8]) -> Self {
        Self::at(text, Level::Plain)
    }

    /// A value as it stands inside of a JSON string.
    pub(crate) const fn escaped(text: &'a [u8]) -> Self {
        Self::at(text, Level::Escaped)
    }

    pub(super) const fn at(text: &'a [u8], level: Level) -> Self {
        Self { text, level }
    }

    /// The value that a text consists of.
    pub(crate) fn of(text: &'a [u8]) -> Option<Self> {
        let mut scan = Scan::of(Self::new(text));
        let value = scan.value()?;
        scan.is_at_end().then_some(value)
    }

    pub(crate) const fn bytes(self) -> &'a [u8] {
        self.text
    }

    pub(crate) const fn level(self) -> Level {
        self.level
    }

    pub(crate) fn is_null(self) -> bool {
        self.text == b"null"
    }

    pub(crate) fn is_object(self) -> bool {
        self.text.first() == Some(&b'{')
    }

    pub(crate) fn is_array(self) -> bool {
        self.text.first() == Some(&b'[')
    }

    /// What stands between the quotes of a string, escapes and all.
    pub(crate) fn quoted(self) -> Option<&'a [u8]> {
        let quote = self.level.quote();
        self.text.strip_prefix(quote)?.strip_suffix(quote)
    }

    /// The text of a string, borrowed unless it holds escapes.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        let inner = self.quoted()?;
        if memchr(b'\\', inner).is_none() {
            return str::from_utf8(inner).ok().map(Cow::Borrowed);
        }
        let text = unescape(inner)?;
        match self.level {
            Level::Plain => Some(Cow::Owned(text)),
            Level::Escaped => unescape(text.as_bytes()).map(Cow::Owned),
        }
    }

    /// Whether it is a string with this text. Escapes do not match.
    pub(crate) fn is(self, text: &str) -> bool {
        self.quoted() == Some(text.as_bytes())
    }

    /// A whole number, also one in a string, as SQS writes its times and counts.
    pub(crate) fn integer(self) -> Option<i64> {
        self.digits()?.parse().ok()
    }

    /// Seconds with or without a fraction, as milliseconds.
    pub(crate) fn seconds_ms(self) -> Option<i64> {
        let ms = self.digits()?.parse::<f64>().ok()? * 1000.0;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "within the range of times that is checked here"
        )]
        (ms.abs() < 1e17).then_some(ms.round() as i64)
    }

    /// A member of an object; the last one of that name.
    pub(crate) fn get(self, name: &str) -> Option<Raw<'a>> {
        let found = self.members().filter(|(key, _)| key == name).last();
        found
            .map(|(_, value)| value)
            .filter(|value| !value.is_null())
    }

    /// The members of an object, in their order and with duplicates; they end where the text is broken.
    pub(crate) fn members(self) -> impl Iterator<Item = (Cow<'a, str>, Raw<'a>)> {
        let mut scan = Scan::of(self);
        let mut first = true;
        let open = scan.eat(b'{');
        std::iter::from_fn(move || {
            open?;
            scan.member(std::mem::take(&mut first))
        })
    }

    /// The items of an array; they end where the text is broken.
    pub(crate) fn items(self) -> impl Iterator<Item = Raw<'a>> {
        let mut scan = Scan::of(self);
        let mut first = true;
        let open = scan.eat(b'[');
        std::iter::from_fn(move || {
            open?;
            scan.item(std::mem::take(&mut first))
        })
    }

    /// The items of an array, or the values of an object: some re-serialise a list as `{"0": …, "1": …}`.
    pub(crate) fn elements(self) -> impl Iterator<Item = Raw<'a>> {
        let values = self.members().map(|(_, value)| value);
        values.chain(self.items())
    }

    fn digits(self) -> Option<&'a str> {
        str::from_utf8(self.quoted().unwrap_or(self.text)).ok()
    }
}

/// The text that stands between two quotes, without its escapes.
pub(crate) fn unescape(quoted: &[u8]) -> Option<String> {
    serde_json::from_slice(&[b"\"", quoted, b"\""].concat()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Raw<'_> {
        Raw::of(text.as_bytes()).unwrap()
    }

    #[test]
    fn values() {
        assert_eq!(raw(r#" "a" "#).text().as_deref(), Some("a"));
        assert_eq!(raw(r#""a\u0062\n""#).text().as_deref(), Some("ab\n"));
        assert_eq!(raw(r#""\ud800""#).text(), None);
        assert_eq!(raw("7").text(), None);
        assert_eq!(raw("7").integer(), Some(7));
        assert_eq!(raw(r#""7""#).integer(), Some(7));
        assert_eq!(raw("7.5").integer(), None);
        assert_eq!(raw("1480641523.477").seconds_ms(), Some(1_480_641_523_477));
        assert_eq!(raw("1e300").seconds_ms(), None);
        assert_eq!(
            raw(r#"{"a":1,"b":{"c":[2]},"a":3}"#).get("a"),
            Some(raw("3"))
        );
        assert_eq!(raw(r#"{"a":null}"#).get("a"), None);
        assert_eq!(raw(r#"[1,"b]",{"c":[]}]"#).items().count(), 3);
        assert_eq!(raw("[]").items().count(), 0);
        assert_eq!(raw("{}").members().count(), 0);
        assert_eq!(raw("7").members().count(), 0);
    }

    #[test]
    fn broken_text_ends() {
        for text in [
            "",
            "{",
            "[",
            "\"",
            "{]",
            "\"a\\\"",
            "1 2",
            "{\"a\":1",
            "{\"a\":1}}",
            ":",
            "\"a\"b",
        ] {
            assert_eq!(
                Raw::of(text.as_bytes()).filter(|_| text != "{]"),
                None,
                "{text}"
            );
        }
        for (text, members) in [
            (r#"{"a":1 "b":2}"#, 1),
            (r#"{"a" 1}"#, 0),
            ("{1:2}", 0),
            (r#"{,"a":1}"#, 0),
            (r#"{"a":1,}"#, 1),
        ] {
            assert_eq!(
                Raw::new(text.as_bytes()).members().count(),
                members,
                "{text}"
            );
        }
        assert_eq!(Raw::new(b"[1 2]").items().count(), 1);
        assert_eq!(Raw::new(b"[1,,2]").items().count(), 1);
    }

    #[test]
    fn a_thousand_brackets_are_no_recursion() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(Raw::of(deep.as_bytes()).is_some());
    }
}
