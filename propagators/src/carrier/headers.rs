//! HTTP headers as the `http` crate holds them.

use std::str;

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::propagation::{Extractor, Injector};

use super::{Carrier, CarrierMut};

// Made once: a name that is a `HeaderName` already is found in half the time.
static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
static BAGGAGE: HeaderName = HeaderName::from_static("baggage");

impl Carrier for HeaderMap {
    #[inline]
    fn values_of<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c str> {
        let values = match name {
            "traceparent" => self.get_all(&TRACEPARENT),
            "tracestate" => self.get_all(&TRACESTATE),
            "baggage" => self.get_all(&BAGGAGE),
            _ => self.get_all(name),
        };
        values.iter().map(text)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.keys().map(HeaderName::as_str)
    }
}

/// A name or value that HTTP does not allow is left out.
impl CarrierMut for HeaderMap {
    fn set(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            self.insert(name, value);
        }
    }
}

/// Reads a `HeaderMap` through an OpenTelemetry propagator.
///
/// ```
/// use baton_propagators::carrier::HeaderExtractor;
/// use opentelemetry::propagation::Extractor;
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert("traceparent", "00-…".parse()?);
/// assert_eq!(HeaderExtractor(&headers).keys(), ["traceparent"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HeaderExtractor<'a>(pub &'a HeaderMap);

/// Writes a `HeaderMap` through an OpenTelemetry propagator; a name or value that HTTP does not allow is left out.
///
/// ```
/// use baton_propagators::carrier::HeaderInjector;
/// use opentelemetry::propagation::Injector;
///
/// let mut headers = http::HeaderMap::new();
/// HeaderInjector(&mut headers).set("traceparent", "value".to_owned());
/// HeaderInjector(&mut headers).set("line\nbreak", "value".to_owned());
/// assert_eq!(headers.len(), 1);
/// ```
#[derive(Debug)]
pub struct HeaderInjector<'a>(pub &'a mut HeaderMap);

impl Extractor for HeaderExtractor<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.values_of(key).next()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let values: Vec<_> = self.0.get_all(key).iter().map(text).collect();
        (!values.is_empty()).then_some(values)
    }
}

impl Injector for HeaderInjector<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

/// What is no UTF-8 reads as an empty, thus invalid value: a second `traceparent` stays a second one.
fn text(value: &HeaderValue) -> &str {
    str::from_utf8(value.as_bytes()).unwrap_or_default()
}
