//! Logs and metrics: counted on the wire, rejected in full.

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::{DecodeError, Message};

use crate::otlp::Fields;

/// `ExportLogsServiceResponse` and `ExportMetricsServiceResponse` have the wire form of the one for traces:
/// field 1 holds a message with the rejected count as field 1 and a text as field 2.
pub(super) fn response(rejected: u64, message: String) -> Vec<u8> {
    let rejected_spans = i64::try_from(rejected).unwrap_or(i64::MAX);
    let partial = ExportTracePartialSuccess {
        rejected_spans,
        error_message: message,
    };
    let partial_success = (partial != ExportTracePartialSuccess::default()).then_some(partial);
    ExportTraceServiceResponse { partial_success }.encode_to_vec()
}

/// What a request asks to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Logs,
    Metrics,
}

impl Signal {
    pub(super) fn of_path(path: &str) -> Option<Self> {
        match path {
            "/v1/traces" => Some(Self::Traces),
            "/v1/logs" => Some(Self::Logs),
            "/v1/metrics" => Some(Self::Metrics),
            _ => None,
        }
    }

    /// The count of what was rejected, in a JSON answer.
    pub(super) fn rejected_name(self) -> &'static str {
        match self {
            Self::Traces => "rejectedSpans",
            Self::Logs => "rejectedLogRecords",
            Self::Metrics => "rejectedDataPoints",
        }
    }
}

/// Records of an `ExportLogsServiceRequest`: `resource_logs`, `scope_logs` and `log_records` have the numbers 1, 2, 2.
pub(super) fn count_log_records(body: &[u8]) -> Result<u64, DecodeError> {
    count(body, &[&[1], &[2], &[2]])
}

/// The same in JSON.
pub(super) const LOG_RECORDS: [&[&str]; 3] = [&["resourceLogs"], &["scopeLogs"], &["logRecords"]];

/// Data points of an `ExportMetricsServiceRequest`: `resource_metrics`, `scope_metrics`, `metrics`, one of the five kinds, `data_points`.
pub(super) fn count_data_points(body: &[u8]) -> Result<u64, DecodeError> {
    count(body, &[&[1], &[2], &[2], &[5, 7, 9, 10, 11], &[1]])
}

/// The same in JSON.
pub(super) const DATA_POINTS: [&[&str]; 5] = [
    &["resourceMetrics"],
    &["scopeMetrics"],
    &["metrics"],
    &[
        "gauge",
        "sum",
        "histogram",
        "exponentialHistogram",
        "summary",
    ],
    &["dataPoints"],
];

/// How many fields lie at the end of a path.
fn count(message: &[u8], path: &[&[u32]]) -> Result<u64, DecodeError> {
    let Some((numbers, path)) = path.split_first() else {
        return Ok(1);
    };
    let mut total = 0;
    for field in Fields::of(message) {
        let field = field?;
        if numbers.contains(&field.number) {
            total += count(field.bytes()?, path)?;
        }
    }
    Ok(total)
}
