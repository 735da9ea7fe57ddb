//! What the inputs are made from: valid fields of every format, and the events of the tests.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use baton_lambda_layer::{Buffer, Config, Failure, Invocations};
use http::{HeaderMap, HeaderValue};

/// Fields of every format, by the names that are asked for.
pub(crate) const FIELDS: [(&str, &str); 30] = [
    (
        "traceparent",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ),
    (
        "traceparent",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-what-the-future",
    ),
    ("tracestate", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
    (
        "tracestate",
        "dd=s:2;o:rum;p:00f067aa0ba902b7;t.dm:-4;t.usr.id:YWI~, foo@bar=1 , ,a/b_c-*=x y",
    ),
    (
        "baggage",
        "key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue",
    ),
    (
        "baggage",
        "userId=Am%C3%A9lie,serverNode=DF%2028,isProduction=false",
    ),
    (
        "b3",
        "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90",
    ),
    ("b3", "e457b5a2e4d86bd1-e457b5a2e4d86bd1-d"),
    ("b3", "0"),
    ("x-b3-traceid", "80f198ee56343ba864fe8b2a57d3eff7"),
    ("x-b3-spanid", "e457b5a2e4d86bd1"),
    ("x-b3-sampled", "1"),
    ("x-b3-flags", "1"),
    ("uber-trace-id", "4d0000000000000016:17c29:0:3"),
    ("uber-trace-id", "4d0000000000000016%3A17c29%3A0%3A1"),
    ("uberctx-key", "value%20with%20spaces"),
    (
        "x-amzn-trace-id",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1|68fd508a:5",
    ),
    (
        "x-amzn-trace-id",
        "Self=1-67891233-abcdef012345678912345678;Root=1-67891233-abcdef012345678912345678",
    ),
    (
        "AWSTraceHeader",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
    ),
    (
        "lambda-runtime-trace-id",
        "root = 1-5759e988-bd862e3fe1be46a994272793 ; Parent=53995c3f42cd8ad8;Sampled=?;",
    ),
    ("ot-tracer-traceid", "64fe8b2a57d3eff7"),
    ("ot-tracer-spanid", "e457b5a2e4d86bd1"),
    ("ot-tracer-sampled", "true"),
    ("ot-baggage-abc", "def"),
    ("x-datadog-trace-id", "7277407061855694839"),
    ("x-datadog-parent-id", "16453819474850114513"),
    ("x-datadog-sampling-priority", "-1"),
    ("x-datadog-origin", "synthetics"),
    (
        "x-datadog-tags",
        "_dd.p.tid=80f198ee56343ba8,_dd.p.dm=-4,_dd.p.usr.id=YWI=",
    ),
    ("host", "example.com"),
];

/// Longer events are mostly body; a fuzzer learns nothing from that.
const MAX_EVENT_BYTES: usize = 6 * 1024;

pub(crate) struct Corpus {
    pub(crate) events: Vec<Vec<u8>>,
    /// OTLP requests.
    pub(crate) requests: Vec<Vec<u8>>,
}

// ===== impl Corpus =====

impl Corpus {
    pub(crate) fn load() -> Result<Self> {
        let mut events = Vec::new();
        collect(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures"),
            &mut events,
        )?;
        // What a number stands for may not depend on the order of a folder.
        events.sort();
        ensure!(
            !events.is_empty(),
            "no events in `propagators/tests/fixtures`"
        );
        let requests = requests(&events);
        Ok(Self { events, requests })
    }
}

/// The spans that the layer makes of the events: as much variety as the events have.
fn requests(events: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut headers = HeaderMap::new();
    headers.insert(
        "lambda-runtime-aws-request-id",
        HeaderValue::from_static("r1"),
    );
    let (config, _) = Config::parse(&HashMap::new());
    let made = events.iter().flat_map(|event| {
        let buffer = Arc::new(Buffer::new(1 << 20, true));
        let invocations = Invocations::new(config.tracing.clone(), Arc::clone(&buffer));
        let _ = invocations.begin(&headers, event);
        invocations.failed("r1", Failure::new("ValueError", "bad cart"));
        buffer.freeze(1, 1 << 20, |bodies| bodies.concat().into())
    });
    made.map(|request| request.body.to_vec()).collect()
}

fn collect(dir: &Path, events: &mut Vec<Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("could not read `{}`", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, events)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let event = fs::read(&path)?;
            if event.len() <= MAX_EVENT_BYTES {
                events.push(event);
            }
        }
    }
    Ok(())
}
