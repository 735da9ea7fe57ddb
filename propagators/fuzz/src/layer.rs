//! The parsers of the layer: everything that Lambda, the runtime and the function's SDK hand to it.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use baton_lambda_layer::{
    Buffer, Config, Event, Failure, Invocations, Signal, count_items, parse_records,
};
use baton_propagators::carrier::XRayHeader;
use baton_propagators::event::{Answer, Trigger};
use bytes::Bytes;
use fastrand::Rng;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::mutate::mutate;
use crate::vectors::{Corpus, FIELDS};

const RECORDS: [&str; 3] = [
    r#"[{"time":"2022-10-21T14:05:03.165Z","type":"platform.start","record":{"requestId":"r1","version":"$LATEST","tracing":{"spanId":"24cd7d670fa455f0","type":"X-Amzn-Trace-Id","value":"Root=1-6352a70e-1e2c502e358361800241fd45;Parent=35465b3a9e2f7c6a;Sampled=1"}}}]"#,
    r#"[{"time":"2022-10-21T14:05:05.764Z","type":"platform.runtimeDone","record":{"requestId":"r1","status":"success","metrics":{"durationMs":2599.0,"producedBytes":5},"spans":[{"name":"responseLatency","start":"2022-10-21T14:05:03.165Z","durationMs":2598.0}]}}]"#,
    r#"[{"time":"2022-10-21T14:05:05.766Z","type":"platform.report","record":{"requestId":"r1","status":"error","errorType":"Runtime.ExitError","metrics":{"durationMs":2599.4,"billedDurationMs":2600,"memorySizeMB":128,"maxMemoryUsedMB":128,"initDurationMs":549.04}}},{"type":"platform.initReport","record":{"initializationType":"on-demand","phase":"init","metrics":{"durationMs":1}}}]"#,
];
const EVENTS: [&str; 2] = [
    r#"{"eventType":"INVOKE","deadlineMs":1676051031000,"requestId":"3da1f2dc","invokedFunctionArn":"arn:aws:lambda:eu-north-1:123456789012:function:f","tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-6352a70e-1e2c502e358361800241fd45"}}"#,
    r#"{"eventType":"SHUTDOWN","shutdownReason":"spindown","deadlineMs":1676051031000}"#,
];
const ANSWERS: [&str; 4] = [
    r#"{"statusCode":503,"headers":{"a":"b"},"body":"later"}"#,
    r#"{"batchItemFailures":[{"itemIdentifier":"059f36b4"},{"itemIdentifier":{"partition":"clicks-0","offset":16}}]}"#,
    r#"{"records":[{"recordId":"1","result":"ProcessingFailed","data":"aGk="}]}"#,
    "{\"statusCode\":200,\"cookies\":[]}\0\0\0\0\0\0\0\0body",
];
const ERRORS: [&str; 2] = [
    r#"{"errorMessage":"no","errorType":"ValueError","stackTrace":["  File \"a.py\", line 1, in handler\n"]}"#,
    r#"{"errorType":"Error","errorMessage":"x","trace":["Error: x","    at f (/var/task/a.js:1:1)"]}"#,
];
const TRIGGERS: [Trigger; 5] = [
    Trigger::Alb,
    Trigger::FunctionUrl,
    Trigger::Sqs,
    Trigger::Msk,
    Trigger::Firehose,
];

/// One input of one parser.
#[derive(Debug)]
pub(crate) enum Input {
    /// A delivery of the Telemetry API.
    Telemetry(Vec<u8>),
    /// An answer of the Extensions API.
    Event(Vec<u8>),
    /// What a function answers.
    Answer(Trigger, Vec<u8>),
    /// What a runtime posts as an error.
    Error(Vec<u8>),
    /// What an SDK sends.
    Otlp(Vec<u8>),
    /// An event with its headers, an answer, and what comes of both.
    Invocation {
        event: Vec<u8>,
        trace_header: Vec<u8>,
        answer: Vec<u8>,
    },
}

impl Input {
    /// The parsers take turns: of 60 million inputs each gets 10 million.
    pub(crate) fn make(corpus: &Corpus, rng: &mut Rng, number: u64) -> Self {
        let text = |rng: &mut Rng, texts: &[&str]| {
            let [one, other] = [0; 2].map(|_| rng.choice(texts).copied().unwrap_or_default());
            mutate(rng, one.as_bytes(), other.as_bytes())
        };
        match number % 6 {
            0 => Self::Telemetry(text(rng, &RECORDS)),
            1 => Self::Event(text(rng, &EVENTS)),
            2 => {
                let trigger = rng.choice(TRIGGERS).unwrap_or(Trigger::Other);
                Self::Answer(trigger, text(rng, &ANSWERS))
            }
            3 => Self::Error(text(rng, &ERRORS)),
            4 => {
                let [one, other] =
                    [0; 2].map(|_| rng.choice(&corpus.requests).map_or(&[][..], Vec::as_slice));
                Self::Otlp(mutate(rng, one, other))
            }
            _ => {
                let [one, other] =
                    [0; 2].map(|_| rng.choice(&corpus.events).map_or(&[][..], Vec::as_slice));
                let headers = FIELDS.iter().filter(|(name, _)| name.contains("trace-id"));
                let headers: Vec<&str> = headers.map(|(_, value)| *value).collect();
                Self::Invocation {
                    event: mutate(rng, one, other),
                    trace_header: text(rng, &headers),
                    answer: text(rng, &ANSWERS),
                }
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Telemetry(text)
            | Self::Event(text)
            | Self::Answer(_, text)
            | Self::Error(text)
            | Self::Otlp(text) => text.len(),
            Self::Invocation {
                event,
                trace_header,
                answer,
            } => event.len() + trace_header.len() + answer.len(),
        }
    }

    /// What does not hold.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self {
            Self::Telemetry(text) => {
                let delivery = parse_records(text);
                let (_, invocations) = invocations();
                for record in &delivery.records {
                    invocations.record(record);
                }
            }
            Self::Event(text) => drop(black_box(Event::parse(&String::from_utf8_lossy(text)))),
            Self::Answer(trigger, text) => {
                let answer = Answer::read(*trigger, text);
                black_box(answer.failed(&["059f36b4", "a"]));
            }
            Self::Error(text) => drop(black_box(Failure::read(Some("Function.Unknown"), text))),
            Self::Otlp(text) => {
                for signal in [Signal::Traces, Signal::Logs, Signal::Metrics] {
                    let _ = black_box(count_items(signal, text));
                }
            }
            Self::Invocation {
                event,
                trace_header,
                answer,
            } => return check_invocation(event, trace_header, answer),
        }
        Ok(())
    }
}

fn invocations() -> (Arc<Buffer>, Arc<Invocations>) {
    let buffer = Arc::new(Buffer::new(64 << 20, true));
    let (config, _) = Config::parse(&HashMap::new());
    (
        Arc::clone(&buffer),
        Invocations::new(config.tracing, buffer),
    )
}

/// What is handed on is valid, what is replaced is a string of the event, and the spans are OTLP.
fn check_invocation(event: &[u8], trace_header: &[u8], answer: &[u8]) -> Result<(), String> {
    let (buffer, invocations) = invocations();
    let mut headers = HeaderMap::new();
    let id = HeaderName::from_static("lambda-runtime-aws-request-id");
    headers.insert(id, HeaderValue::from_static("r1"));
    if let Ok(value) = HeaderValue::from_bytes(trace_header) {
        headers.insert("lambda-runtime-trace-id", value);
    }
    let hand_on = invocations
        .begin(&headers, event)
        .ok_or("nothing was handed on")?;
    let header = hand_on
        .trace_header
        .as_ref()
        .and_then(|it| it.to_str().ok());
    let header = header.ok_or("no header was handed on")?;
    let read = XRayHeader::parse(header).context();
    let own = hand_on.made.invocation();
    if read.as_ref().map(|it| (it.trace_id(), it.span_id()))
        != Some((own.trace_id(), own.span_id()))
    {
        return Err(format!("`{header}` is not {own:?}"));
    }
    let mut done = 0;
    for range in &hand_on.traceparents {
        let quotes = [range.start.wrapping_sub(1), range.end].map(|at| event.get(at).copied());
        if range.start < done || quotes != [Some(b'"'); 2] {
            return Err(format!("{range:?} is no string"));
        }
        done = range.end;
    }
    invocations.answered(
        "r1",
        Bytes::copy_from_slice(answer),
        answer.len().is_multiple_of(2),
    );
    let made = buffer.counts().made;
    if made != u64::from(own.flags().is_sampled()) * (1 + hand_on.made.process_spans() as u64) {
        return Err(format!("{made} spans"));
    }
    for request in buffer.freeze(64, 1 << 20, |bodies| bodies.concat().into()) {
        if count_items(Signal::Traces, &request.body) != Ok(request.spans) {
            return Err("the spans are no OTLP".to_owned());
        }
    }
    Ok(())
}
