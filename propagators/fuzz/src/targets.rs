//! The parsers, and what has to hold of whatever they return.

use std::hint::black_box;

use baton_propagators::{
    carrier::{Carrier, CarrierMut, XRayHeader},
    context::{TraceContext, TraceState},
    event::Event,
    format::{Baggage, Format, Formats, Outgoing},
};
use fastrand::Rng;

use crate::Part;
use crate::layer;
use crate::mutate::mutate;
use crate::vectors::{Corpus, FIELDS};

/// One input: all that a run of it needs.
#[derive(Debug)]
pub(crate) enum Input {
    /// A request or a message, and the formats that are looked for.
    Fields(Fields, Formats),
    /// One value, for every parser that takes one.
    Value(String),
    /// A Lambda event.
    Event(Vec<u8>),
    /// What the layer reads.
    Layer(layer::Input),
}

/// Names and values, in order.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

// ===== impl Input =====

impl Input {
    pub(crate) fn make(corpus: &Corpus, part: Part, seed: u64, number: u64) -> Self {
        // Neighbours get seeds that have nothing to do with each other.
        let mut rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
        if part == Part::Layer {
            return Self::Layer(layer::Input::make(corpus, &mut rng, number));
        }
        match rng.u8(..10) {
            0 => {
                let [event, other] =
                    [0; 2].map(|_| rng.choice(&corpus.events).map_or(&[][..], Vec::as_slice));
                Self::Event(mutate(&mut rng, event, other))
            }
            1..=4 => Self::Value(value(&mut rng).1),
            _ => {
                let count = rng.usize(1..=5);
                let fields = (0..count)
                    .map(|_| value(&mut rng))
                    .map(|(name, value)| (name.to_owned(), value));
                let fields = Fields(fields.collect());
                let count = rng.usize(1..=4);
                let formats = (0..count)
                    .filter_map(|_| rng.choice(Format::ALL))
                    .fold(Formats::none(), Formats::with);
                Self::Fields(fields, formats)
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Fields(fields, _) => fields
                .0
                .iter()
                .map(|(name, value)| name.len() + value.len())
                .sum(),
            Self::Value(value) => value.len(),
            Self::Event(event) => event.len(),
            Self::Layer(input) => input.bytes(),
        }
    }

    /// What does not hold.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self {
            Self::Fields(fields, formats) => check_fields(fields, *formats),
            Self::Value(value) => check_value(value),
            Self::Layer(input) => input.check(),
            Self::Event(event) => {
                let event = Event::parse(event);
                black_box(event.relation());
                black_box(event.span_name());
                Ok(())
            }
        }
    }
}

fn value(rng: &mut Rng) -> (&'static str, String) {
    let [(name, valid), (_, other)] = [0; 2].map(|_| rng.choice(FIELDS).unwrap_or_default());
    let value = mutate(rng, valid.as_bytes(), other.as_bytes());
    (
        name,
        String::from_utf8(value)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    )
}

/// What is written for a context reads as this context.
fn check_fields(fields: &Fields, formats: Formats) -> Result<(), String> {
    let found = formats.extract(fields);
    let (Some(context), Some(format)) = (&found.context, found.format) else {
        return Ok(());
    };
    if found.others.len() >= Format::ALL.len() {
        return Err(format!("{} others", found.others.len()));
    }
    let mut written = Fields::default();
    let formats = Formats::none().with(format).with(Format::Baggage);
    formats.inject(&Outgoing::new(context).with(&found), &mut written);
    // Lambda hands the header over under another name.
    let header = |(name, _): &&mut (String, String)| name == "x-amzn-trace-id";
    if let Some((name, _)) = written
        .0
        .iter_mut()
        .find(header)
        .filter(|_| format == Format::XRayLambda)
    {
        "lambda-runtime-trace-id".clone_into(name);
    }
    let again = formats.extract(&written);
    // OpenTracing hands on half of a trace id, and no half that is zero.
    let half = format == Format::OtTrace;
    match again.context.as_ref() {
        None if half => Ok(()),
        Some(read)
            if read.span_id() == context.span_id()
                && (half || read.trace_id() == context.trace_id()) =>
        {
            let sampled = read.flags().is_sampled() == context.flags().is_sampled();
            let extra = half || again.extra.sampling == found.extra.sampling;
            (sampled && extra)
                .then_some(())
                .ok_or_else(|| format!("{found:?} reads as {again:?}"))
        }
        read => Err(format!("{context:?} as `{format}` reads as {read:?}")),
    }
}

/// What is valid is written as it was read, and valid again.
fn check_value(value: &str) -> Result<(), String> {
    if let Ok(context) = TraceContext::parse(value, Some(value)) {
        let written = context.traceparent();
        if TraceContext::parse(written.as_str(), None)
            .as_ref()
            .map(TraceContext::traceparent)
            != Ok(written)
        {
            return Err(format!("`{written}` is not valid"));
        }
    }
    if let Some(state) = TraceState::parse(value) {
        black_box(state.members().count());
        if TraceState::parse(state.as_str()).as_ref() != Some(&state) {
            return Err(format!("tracestate {state:?} is not valid"));
        }
    }
    let (baggage, _) = Baggage::parse(value);
    if Baggage::parse(baggage.as_str()) != (baggage.clone(), 0) || baggage.as_str().len() > 8192 {
        return Err(format!("baggage {baggage:?} is not valid"));
    }
    let header = XRayHeader::parse(value);
    let written = header.to_string();
    let again = XRayHeader::parse(&written);
    if header.context().is_some()
        && (again.context(), again.rest()) != (header.context(), header.rest())
    {
        return Err(format!("{header:?} reads as {again:?}"));
    }
    Ok(())
}

// ===== impl Fields =====

impl Carrier for Fields {
    fn values_of<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c str> {
        let found = self.0.iter().filter(move |(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

impl CarrierMut for Fields {
    fn set(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }
}
