//! The records of the Telemetry API, schemas 2022-12-13 and 2025-01-29:
//! <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>.

use serde::Serialize;

/// A platform record. Serialises to its `type` and `record`.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", content = "record")]
pub(crate) enum PlatformRecord {
    #[serde(rename = "platform.initStart")]
    InitStart(InitStart),
    #[serde(rename = "platform.initRuntimeDone")]
    InitRuntimeDone(InitRuntimeDone),
    #[serde(rename = "platform.initReport")]
    InitReport(InitReport),
    #[serde(rename = "platform.restoreStart")]
    RestoreStart(RestoreStart),
    #[serde(rename = "platform.restoreRuntimeDone")]
    RestoreRuntimeDone(RestoreRuntimeDone),
    #[serde(rename = "platform.restoreReport")]
    RestoreReport(RestoreReport),
    #[serde(rename = "platform.start")]
    Start(Start),
    #[serde(rename = "platform.runtimeDone")]
    RuntimeDone(RuntimeDone),
    #[serde(rename = "platform.report")]
    Report(Report),
    #[serde(rename = "platform.extension")]
    Extension(ExtensionRecord),
    #[serde(rename = "platform.telemetrySubscription")]
    TelemetrySubscription(TelemetrySubscription),
    #[serde(rename = "platform.logsDropped")]
    LogsDropped(LogsDropped),
}

/// Whether init ran before the first invocation or, suppressed, within one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Phase {
    Init,
    Invoke,
}

/// How it ended. `failure` exists in the schema for faults of Lambda itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Success,
    Error,
    Timeout,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitStart {
    pub(crate) initialization_type: &'static str,
    pub(crate) phase: Phase,
    pub(crate) function_name: String,
    pub(crate) function_version: &'static str,
    pub(crate) instance_id: String,
    /// Bytes.
    pub(crate) instance_max_memory: u64,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitRuntimeDone {
    pub(crate) initialization_type: &'static str,
    pub(crate) phase: Phase,
    pub(crate) status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_type: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitReport {
    pub(crate) initialization_type: &'static str,
    pub(crate) phase: Phase,
    pub(crate) status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_type: Option<String>,
    pub(crate) metrics: InitMetrics,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitMetrics {
    pub(crate) duration_ms: f64,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RestoreStart {
    pub(crate) function_name: String,
    pub(crate) function_version: &'static str,
    pub(crate) instance_id: String,
    /// Bytes.
    pub(crate) instance_max_memory: u64,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RestoreRuntimeDone {
    pub(crate) status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_type: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RestoreReport {
    pub(crate) status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_type: Option<String>,
    pub(crate) metrics: InitMetrics,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Start {
    pub(crate) request_id: String,
    pub(crate) version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tracing: Option<Tracing>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RuntimeDone {
    pub(crate) request_id: String,
    pub(crate) status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metrics: Option<RuntimeDoneMetrics>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) spans: Vec<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tracing: Option<Tracing>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RuntimeDoneMetrics {
    pub(crate) duration_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) produced_bytes: Option<usize>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) request_id: String,
    pub(crate) status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_type: Option<String>,
    pub(crate) metrics: ReportMetrics,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) spans: Vec<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tracing: Option<Tracing>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReportMetrics {
    pub(crate) duration_ms: f64,
    /// Absent in Managed Instances, which bill the instance and not the invocation.
    #[serde(flatten)]
    pub(crate) billed: Option<BilledMetrics>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BilledMetrics {
    pub(crate) billed_duration_ms: u64,
    #[serde(rename = "memorySizeMB")]
    pub(crate) memory_size_mb: u32,
    #[serde(rename = "maxMemoryUsedMB")]
    pub(crate) max_memory_used_mb: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) init_duration_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) restore_duration_ms: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExtensionRecord {
    pub(crate) name: String,
    pub(crate) state: &'static str,
    pub(crate) events: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_type: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TelemetrySubscription {
    pub(crate) name: String,
    pub(crate) state: &'static str,
    pub(crate) types: Vec<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogsDropped {
    pub(crate) dropped_bytes: u64,
    pub(crate) dropped_records: u64,
    pub(crate) reason: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Span {
    pub(crate) name: &'static str,
    pub(crate) start: String,
    pub(crate) duration_ms: f64,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tracing {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) value: String,
}

// === impl Tracing ===

impl Tracing {
    /// Records carry the trace header only if it has a root and is sampled.
    pub(crate) fn of(header: &str) -> Option<Self> {
        let has = |wanted: &str| {
            header
                .split(';')
                .any(|part| part.trim().starts_with(wanted))
        };
        let sampled = has("Root=") && has("Sampled=1");
        sampled.then(|| Self {
            kind: "X-Amzn-Trace-Id",
            value: header.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_report_as_documented() {
        let report = PlatformRecord::Report(Report {
            request_id: "459921b5-681c-4a96-beb0-81e0aa586026".to_owned(),
            status: Status::Success,
            error_type: None,
            metrics: ReportMetrics {
                duration_ms: 2599.4,
                billed: Some(BilledMetrics {
                    billed_duration_ms: 2600,
                    memory_size_mb: 128,
                    max_memory_used_mb: 94,
                    init_duration_ms: Some(549.04),
                    restore_duration_ms: None,
                }),
            },
            spans: Vec::new(),
            tracing: Tracing::of(
                "Root=1-6352a70e-1e2c502e358361800241fd45;Parent=35465b3a9e2f7c6a;Sampled=0",
            ),
        });
        expect![[r#"{"type":"platform.report","record":{"requestId":"459921b5-681c-4a96-beb0-81e0aa586026","status":"success","metrics":{"durationMs":2599.4,"billedDurationMs":2600,"memorySizeMB":128,"maxMemoryUsedMB":94,"initDurationMs":549.04}}}"#]]
        .assert_eq(&serde_json::to_string(&report).unwrap());
    }
}
