//! Events, answers and records in, spans out.

mod endings;
mod hand_on;
mod untold;

use std::collections::HashMap;
use std::fmt::Write as _;

use expect_test::Expect;
use http::HeaderMap;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use super::*;
use crate::config::Config;
use crate::telemetry::parse_records;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const XRAY: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8";

struct Bed {
    invocations: Arc<Invocations>,
    buffer: Arc<Buffer>,
}

impl Bed {
    fn new(variables: &[(&str, &str)]) -> Self {
        let pairs = variables.iter();
        let mut variables: HashMap<String, String> = pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        variables.insert("AWS_LAMBDA_FUNCTION_NAME".to_owned(), "shop".to_owned());
        let buffer = Arc::new(Buffer::new(1 << 20, true));
        let (config, _) = Config::parse(&variables);
        let invocations = Invocations::new(config.tracing, Arc::clone(&buffer));
        invocations.expect_telemetry();
        Self {
            invocations,
            buffer,
        }
    }

    fn begin(&self, id: &str, trace_header: Option<&str>, event: &str) -> HandOn {
        let mut headers = HeaderMap::new();
        headers.insert("lambda-runtime-aws-request-id", id.parse().unwrap());
        headers.insert(
            "lambda-runtime-deadline-ms",
            "99999999999999".parse().unwrap(),
        );
        if let Some(header) = trace_header {
            headers.insert("lambda-runtime-trace-id", header.parse().unwrap());
        }
        self.invocations.begin(&headers, event.as_bytes()).unwrap()
    }

    /// Records in short: `type` without `platform.`, and the record.
    fn records(&self, records: &[(&str, &str)]) {
        for (kind, record) in records {
            let batch = format!(
                r#"[{{"time":"2026-11-22T14:05:05.764Z","type":"platform.{kind}","record":{record}}}]"#
            );
            for mut record in parse_records(batch.as_bytes()).records {
                record.time_ns = Some(now_ns());
                self.invocations.record(&record);
            }
        }
    }

    fn spans(&self) -> Vec<Span> {
        let requests = self.buffer.freeze(100, 1, |bodies| bodies.concat().into());
        let mut spans = Vec::new();
        for request in requests {
            self.buffer.settle(&request, 0);
            let request = ExportTraceServiceRequest::decode(&*request.body).unwrap();
            for resource in request.resource_spans {
                spans.extend(resource.scope_spans.into_iter().flat_map(|it| it.spans));
            }
        }
        spans
    }

    /// Name, place in the tree, status, and what tells how it went.
    fn check(&self, expected: &Expect) {
        let spans = self.spans();
        let mut text = String::new();
        for span in &spans {
            let has_parent = spans.iter().any(|it| it.span_id == span.parent_span_id);
            let indent = if has_parent { "  " } else { "" };
            let _ = write!(text, "{indent}{}", span.name);
            for attribute in &span.attributes {
                let is_telling = ["baton.", "error."]
                    .iter()
                    .any(|it| attribute.key.starts_with(it));
                let value = attribute.value.as_ref().and_then(|it| it.value.as_ref());
                if let Some(value) = value.filter(|_| is_telling) {
                    let value = match value {
                        Value::StringValue(text) => text.clone(),
                        Value::IntValue(number) => number.to_string(),
                        Value::DoubleValue(number) => number.to_string(),
                        other => format!("{other:?}"),
                    };
                    let _ = write!(text, " {}={value}", attribute.key);
                }
            }
            if let Some(status) = span.status.as_ref().filter(|status| status.code == 2) {
                let message = status.message.split(" of ").next().unwrap_or_default();
                let _ = write!(text, " ERROR {message}");
            }
            if !span.links.is_empty() {
                let _ = write!(text, " links={}", span.links.len());
            }
            text.push('\n');
        }
        expected.assert_eq(&text);
    }
}
