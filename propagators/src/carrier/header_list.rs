//! Headers that are a list of names and bytes: those of Kafka records, the tables of AMQP.

use std::str;

use opentelemetry::propagation::{Extractor, Injector};

use super::{Carrier, CarrierMut};

/// Reads headers whose values are bytes, as the clients of Kafka and AMQP hand them out; names without case.
///
/// It is collected from any iterator over names and bytes. A value that is no UTF-8 reads as an empty, thus invalid one.
///
/// ```
/// use baton_propagators::{carrier::HeaderList, context::TraceContext};
///
/// // What `rdkafka`, `lapin` and the others have, each in types of its own.
/// let record = [("traceparent", &b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"[..]), ("id", &[0xff])];
/// let headers: HeaderList<'_> = record.into_iter().collect();
/// assert!(TraceContext::extract(&headers)?.flags().is_sampled());
/// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderList<'a>(Vec<(&'a str, &'a str)>);

/// Writes headers whose values are bytes: one value for a name, in place of all that were there.
///
/// ```
/// use baton_propagators::{carrier::HeaderListMut, context::TraceContext};
///
/// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let mut headers = vec![("traceparent".to_owned(), b"of the message before".to_vec())];
/// TraceContext::parse(parent, None)?.inject(&mut HeaderListMut(&mut headers));
/// assert_eq!(headers, [("traceparent".to_owned(), parent.as_bytes().to_vec())]);
/// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
/// ```
#[derive(Debug)]
pub struct HeaderListMut<'a>(pub &'a mut Vec<(String, Vec<u8>)>);

/// Writes through a function: for containers that have an `insert` of their own.
///
/// ```
/// use std::collections::BTreeMap;
/// use baton_propagators::{carrier::SetWith, context::TraceContext};
///
/// // As `lapin::types::FieldTable` does it: `table.insert(name.into(), AMQPValue::LongString(value.into()))`.
/// let mut table = BTreeMap::new();
/// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// TraceContext::parse(parent, None)?.inject(&mut SetWith(|name: &str, value: &str| {
///     table.insert(name.to_owned(), value.as_bytes().to_vec());
/// }));
/// assert_eq!(table["traceparent"], parent.as_bytes());
/// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SetWith<F: FnMut(&str, &str)>(pub F);

// ===== impl HeaderList =====

impl<'a, N, V> FromIterator<(&'a N, &'a V)> for HeaderList<'a>
where
    N: AsRef<str> + ?Sized,
    V: AsRef<[u8]> + ?Sized,
{
    fn from_iter<I: IntoIterator<Item = (&'a N, &'a V)>>(headers: I) -> Self {
        let text = |(name, value): (&'a N, &'a V)| {
            let value = str::from_utf8(value.as_ref()).unwrap_or_default();
            (name.as_ref(), value)
        };
        Self(headers.into_iter().map(text).collect())
    }
}

impl Carrier for HeaderList<'_> {
    fn values_of<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c str> {
        let found = self
            .0
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| *name)
    }
}

impl Extractor for HeaderList<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.values_of(key).next()
    }

    fn keys(&self) -> Vec<&str> {
        self.names().collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let values: Vec<_> = self.values_of(key).collect();
        (!values.is_empty()).then_some(values)
    }
}

// ===== impl HeaderListMut =====

impl CarrierMut for HeaderListMut<'_> {
    fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.0.push((name.to_owned(), value.as_bytes().to_vec()));
    }
}

impl Injector for HeaderListMut<'_> {
    fn set(&mut self, key: &str, value: String) {
        CarrierMut::set(self, key, &value);
    }
}

// ===== impl SetWith =====

impl<F: FnMut(&str, &str)> CarrierMut for SetWith<F> {
    fn set(&mut self, name: &str, value: &str) {
        (self.0)(name, value);
    }
}

impl<F: FnMut(&str, &str)> Injector for SetWith<F> {
    fn set(&mut self, key: &str, value: String) {
        (self.0)(key, &value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::TraceContext;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[track_caller]
    fn check(headers: &[(&str, &[u8])], expected: bool) {
        let list: HeaderList<'_> = headers.iter().copied().collect();
        assert_eq!(
            TraceContext::extract(&list).is_ok(),
            expected,
            "{headers:?}"
        );
    }

    #[test]
    fn one_traceparent_counts() {
        let parent = PARENT.as_bytes();
        check(&[("traceparent", parent)], true);
        check(&[("TraceParent", parent), ("id", b"\xff\xfe")], true);
        check(&[], false);
        check(&[("traceparent", parent), ("traceparent", parent)], false);
        check(&[("traceparent", parent), ("traceparent", b"\xff")], false);
        check(&[("traceparent", b"\xff")], false);
    }

    /// Kafka allows a name twice, and a reader takes neither.
    #[test]
    fn a_forwarded_message_has_one() {
        let mut headers = vec![
            ("Traceparent".to_owned(), b"one".to_vec()),
            ("id".to_owned(), b"7".to_vec()),
            ("traceparent".to_owned(), b"two".to_vec()),
        ];
        Injector::set(
            &mut HeaderListMut(&mut headers),
            "traceparent",
            PARENT.to_owned(),
        );
        let list: HeaderList<'_> = headers.iter().map(|(name, value)| (name, value)).collect();
        assert_eq!(list.get_all("traceparent"), Some(vec![PARENT]));
        assert_eq!(list.keys(), ["id", "traceparent"]);
    }
}
