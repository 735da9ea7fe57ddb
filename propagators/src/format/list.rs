//! Several formats in order.

use super::{Extracted, Format, Outgoing, UnknownFormat, read, write};
use crate::carrier::{Carrier, CarrierMut};

/// The formats to read and write, in order, each once.
///
/// The first one that finds a valid context wins; a later one that names another trace is kept beside it. By default
/// `tracecontext` and `baggage`. What AWS itself carries (`AWSTraceHeader`, `Lambda-Runtime-Trace-Id`) is read by the event
/// reader in any case, after these.
///
/// ```
/// use baton_propagators::format::{Format, Formats};
///
/// let (formats, unknown) = Formats::parse("tracecontext, b3, b4, b3");
/// assert_eq!(formats.iter().collect::<Vec<_>>(), [Format::TraceContext, Format::B3]);
/// assert_eq!(unknown.len(), 1);
///
/// assert_eq!(Formats::parse("").0, Formats::default());
/// assert_eq!(Formats::parse("b3,none").0.iter().count(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Formats {
    /// `Format::None` from `len` on.
    list: [Format; Format::ALL.len()],
    len: usize,
}

// ===== impl Formats =====

impl Formats {
    /// Reads the value of `OTEL_PROPAGATORS`.
    ///
    /// `none` among the names switches all of them off. Names that are not known are left out and returned; when none of
    /// the names is known, the value counts as unset.
    #[must_use]
    pub fn parse(list: &str) -> (Self, Vec<UnknownFormat>) {
        let (mut formats, mut unknown) = (Self::none(), Vec::new());
        let mut none = false;
        for name in list.split(',').filter(|name| !name.trim().is_empty()) {
            match name.parse() {
                Ok(Format::None) => none = true,
                Ok(format) => formats = formats.with(format),
                // A list of a megabyte of commas does not become a megabyte of errors.
                Err(error) if unknown.len() < Format::ALL.len() => unknown.push(error),
                Err(_) => {}
            }
        }
        match (none, formats.len) {
            (true, _) => (Self::none(), unknown),
            (false, 0) => (Self::default(), unknown),
            (false, _) => (formats, unknown),
        }
    }

    /// Reads and writes nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            list: [Format::None; Format::ALL.len()],
            len: 0,
        }
    }

    /// The same list with one more at its end, unless it is there.
    ///
    /// ```
    /// use baton_propagators::format::{Format, Formats};
    ///
    /// let formats = Formats::default().with(Format::B3).with(Format::Baggage);
    /// assert_eq!(formats, Formats::parse("tracecontext,baggage,b3").0);
    /// assert_eq!(Formats::none().iter().count(), 0);
    /// ```
    #[must_use]
    pub fn with(mut self, format: Format) -> Self {
        let known = format == Format::None || self.iter().any(|known| known == format);
        if let Some(free) = self.list.get_mut(self.len).filter(|_| !known) {
            *free = format;
            self.len += 1;
        }
        self
    }

    /// The formats in their order.
    pub fn iter(&self) -> impl Iterator<Item = Format> + '_ {
        self.list.iter().copied().take(self.len)
    }

    /// Reads a carrier; never fails.
    ///
    /// ```
    /// use baton_propagators::format::{Format, Formats};
    ///
    /// let mut headers = http::HeaderMap::new();
    /// headers.insert("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?);
    /// headers.insert("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1".parse()?);
    ///
    /// let found = Formats::parse("tracecontext,b3").0.extract(&headers);
    /// assert_eq!(found.format, Some(Format::TraceContext));
    /// assert_eq!(found.others.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn extract<'c, C: Carrier>(&self, carrier: &'c C) -> Extracted<'c> {
        let mut found = Extracted::default();
        for format in self.iter() {
            read(format, carrier, &mut found);
        }
        found
    }

    /// Writes into a carrier what each format has a place for.
    ///
    /// ```
    /// use baton_propagators::{context::TraceContext, format::{Formats, Outgoing}};
    ///
    /// let context = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None)?;
    /// let mut headers = http::HeaderMap::new();
    /// Formats::parse("tracecontext,b3").0.inject(&Outgoing::new(&context), &mut headers);
    /// assert_eq!(headers["traceparent"], context.traceparent().as_str());
    /// assert_eq!(headers["b3"], "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1");
    /// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
    /// ```
    pub fn inject<C: CarrierMut + ?Sized>(&self, outgoing: &Outgoing<'_>, carrier: &mut C) {
        for format in self.iter() {
            write(format, outgoing, carrier);
        }
    }
}

impl Default for Formats {
    fn default() -> Self {
        Self::none()
            .with(Format::TraceContext)
            .with(Format::Baggage)
    }
}
