//! The vectors that others test their formats with, case by case; each table says whose it is.

mod b3;
mod baggage;
mod datadog;
mod jaeger;
mod lists;
mod ottrace;
mod propagator;
mod xray;

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Extra, Extracted, Formats, Outgoing, Sampling};
use crate::{carrier::CarrierMut, context::TraceContext};

/// What `formats` find in these headers.
#[track_caller]
fn extracted(formats: &str, headers: &[(&str, &str)]) -> Extracted<'static> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        map.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    let (formats, unknown) = Formats::parse(formats);
    assert_eq!(unknown, []);
    formats.extract(&map).into_owned()
}

/// In one line: `trace-span-flags`, or `new`; what is said about sampling; whether something was refused.
fn line(found: &Extracted<'_>) -> String {
    let ids = |context: &TraceContext<'_>| context.traceparent().as_str()[3..].to_owned();
    let mut line = found.context.as_ref().map_or("new".to_owned(), ids);
    line += match found.extra.sampling {
        Sampling::Flag => "",
        Sampling::Deferred => " deferred",
        Sampling::Debug => " debug",
        Sampling::Only(true) => " only 1",
        Sampling::Only(false) => " only 0",
    };
    if found.invalid > 0 {
        line += " invalid";
    }
    line
}

/// Each row: headers, then what is found.
#[track_caller]
fn extract(format: &str, rows: &[(&[(&str, &str)], &str)]) {
    for (headers, expected) in rows {
        assert_eq!(line(&extracted(format, headers)), *expected, "{headers:?}");
    }
}

/// A carrier that shows everything that was written.
#[derive(Debug, Default)]
struct Written(BTreeMap<String, String>);

impl CarrierMut for Written {
    fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }
}

#[track_caller]
fn injected(formats: &str, outgoing: &Outgoing<'_>) -> Vec<(String, String)> {
    let mut written = Written::default();
    Formats::parse(formats).0.inject(outgoing, &mut written);
    written.0.into_iter().collect()
}

/// `trace-span-flags`, what is said about sampling, then the fields sorted by name.
type Sent<'a> = (&'a str, Sampling, &'a [(&'a str, &'a str)]);

#[track_caller]
fn inject(format: &str, rows: &[Sent<'_>]) {
    for (context, sampling, expected) in rows {
        let context = TraceContext::parse(&format!("00-{context}"), None).ok();
        let received = Extracted {
            context: context.clone(),
            extra: Extra::new(*sampling),
            ..Extracted::default()
        };
        let outgoing = context.as_ref().map_or(Outgoing::default(), Outgoing::new);
        let written = injected(format, &outgoing.with(&received));
        let written: Vec<_> = written
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(written, *expected, "{context:?} {sampling:?}");
    }
}
