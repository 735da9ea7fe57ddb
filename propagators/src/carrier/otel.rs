//! Whatever OpenTelemetry knows to read and write, and the map that everybody uses for it.

use std::collections::HashMap;
use std::hash::BuildHasher;

use opentelemetry::propagation::{Extractor, Injector};

use super::{Carrier, CarrierMut};

/// Reads through an `Extractor` of OpenTelemetry.
///
/// ```
/// use std::collections::HashMap;
/// use baton_propagators::{carrier::OtelExtractor, context::TraceContext};
///
/// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let theirs = HashMap::from([("traceparent".to_owned(), parent.to_owned())]);
/// assert_eq!(TraceContext::extract(&OtelExtractor(&theirs))?.traceparent().as_str(), parent);
/// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
/// ```
#[derive(Clone, Copy)]
pub struct OtelExtractor<'a>(pub &'a dyn Extractor);

/// Writes through an `Injector` of OpenTelemetry.
///
/// ```
/// use std::collections::HashMap;
/// use baton_propagators::{carrier::OtelInjector, context::TraceContext};
///
/// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let mut theirs = HashMap::new();
/// TraceContext::parse(parent, None)?.inject(&mut OtelInjector(&mut theirs));
/// assert_eq!(theirs["traceparent"], parent);
/// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
/// ```
pub struct OtelInjector<'a>(pub &'a mut dyn Injector);

impl Carrier for OtelExtractor<'_> {
    fn values_of<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c str> {
        self.0.get_all(name).into_iter().flatten()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().into_iter()
    }
}

impl CarrierMut for OtelInjector<'_> {
    fn set(&mut self, name: &str, value: &str) {
        self.0.set(name, value.to_owned());
    }
}

impl std::fmt::Debug for OtelExtractor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OtelExtractor")
            .field(&self.0.keys())
            .finish()
    }
}

impl std::fmt::Debug for OtelInjector<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OtelInjector").finish_non_exhaustive()
    }
}

/// Every name that is asked for here is in lower case already.
impl<S: BuildHasher> Carrier for HashMap<String, String, S> {
    fn values_of<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c str> {
        HashMap::get(self, name).map(String::as_str).into_iter()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        HashMap::keys(self).map(String::as_str)
    }
}

/// A value that is there is written over in place.
impl<S: BuildHasher> CarrierMut for HashMap<String, String, S> {
    fn set(&mut self, name: &str, value: &str) {
        match self.get_mut(name) {
            Some(old) => {
                old.clear();
                old.push_str(value);
            }
            None => {
                self.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
