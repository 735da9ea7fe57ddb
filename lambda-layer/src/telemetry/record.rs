//! One platform record. The parser is tolerant: an unknown record, or a field of another type, never costs the others.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Lambda's ids are UUIDs, its error types short. What is remembered is bounded.
const MAX_TEXT_BYTES: usize = 256;
/// `X-Amzn-Trace-Id` with its `Lineage`.
const MAX_TRACING_BYTES: usize = 1024;

/// The records that are of use here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `platform.initStart`
    InitStart,
    /// `platform.initRuntimeDone`
    InitRuntimeDone,
    /// `platform.initReport`
    InitReport,
    /// `platform.restoreStart`
    RestoreStart,
    /// `platform.restoreRuntimeDone`
    RestoreRuntimeDone,
    /// `platform.restoreReport`
    RestoreReport,
    /// `platform.start`
    Start,
    /// `platform.runtimeDone`
    RuntimeDone,
    /// `platform.report`
    Report,
}

/// How something ended. Records without a status are about something that went well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Status {
    /// `success`, or nothing.
    #[default]
    Success,
    /// `error`, `failure`, or a word that is not known.
    Failure,
    /// `timeout`
    Timeout,
}

/// The numbers of a record, as far as it has them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Metrics {
    /// How long it took, milliseconds.
    pub duration_ms: Option<f64>,
    /// What is paid for, milliseconds.
    pub billed_duration_ms: Option<f64>,
    /// The function's memory, MB.
    pub memory_mb: Option<i64>,
    /// The most memory that was used, MB.
    pub max_memory_used_mb: Option<i64>,
    /// How long init took, milliseconds.
    pub init_duration_ms: Option<f64>,
    /// How long the restore of a snapshot took, milliseconds.
    pub restore_duration_ms: Option<f64>,
}

/// What one record says.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// Which record it is.
    pub kind: Kind,
    /// When the platform wrote it, nanoseconds since 1970.
    pub time_ns: Option<u64>,
    /// The invocation that it is about.
    pub request_id: Option<String>,
    /// How it ended.
    pub status: Status,
    /// What kind of error it was: `Runtime.ExitError`, `Runtime.OutOfMemory`, ….
    pub error_type: Option<String>,
    /// The numbers.
    pub metrics: Metrics,
    /// The X-Ray header of the invocation, when it is sampled.
    pub trace_header: Option<String>,
    /// Whether Lambda made a segment of its own: the function has active tracing.
    pub has_segment: bool,
}

/// One delivery of the Telemetry API.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Delivery {
    /// The records that are of use, in order.
    pub records: Vec<Record>,
    /// Records of a known type whose shape is not, or the whole delivery when it is no JSON array.
    pub unread: u64,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    time: Option<&'a RawValue>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    record: Option<&'a RawValue>,
}

/// The records in one delivery that are of use. A record of unknown type is passed over.
///
/// ```
/// use baton_lambda_layer::{Kind, Status, parse_records};
/// let batch = br#"[{"type":"platform.new","record":7},{"type":"platform.runtimeDone","record":{"requestId":"a"}}]"#;
/// let delivery = parse_records(batch);
/// assert_eq!(delivery.records.len(), 1);
/// assert_eq!(delivery.records[0].kind, Kind::RuntimeDone);
/// assert_eq!(delivery.records[0].request_id.as_deref(), Some("a"));
/// assert_eq!(delivery.records[0].status, Status::Success, "no status is no bad news");
/// ```
#[must_use]
pub fn parse_records(batch: &[u8]) -> Delivery {
    let mut delivery = Delivery::default();
    let Ok(lines) = serde_json::from_slice::<Vec<&RawValue>>(batch) else {
        delivery.unread = 1;
        return delivery;
    };
    for line in lines {
        match parse(line) {
            Some(Some(record)) => delivery.records.push(record),
            Some(None) => {}
            None => delivery.unread += 1,
        }
    }
    delivery
}

/// `None`: not understood. `Some(None)`: nothing of interest.
fn parse(line: &RawValue) -> Option<Option<Record>> {
    let line: Line<'_> = serde_json::from_str(line.get()).ok()?;
    let Some(kind) = Kind::of(&line.kind) else {
        return Some(None);
    };
    let record: Value = serde_json::from_str(line.record?.get()).ok()?;
    if !record.is_object() {
        return None;
    }
    let request_id = text(record.get("requestId"), MAX_TEXT_BYTES);
    if request_id.is_none() && matches!(kind, Kind::Start | Kind::RuntimeDone | Kind::Report) {
        return None;
    }
    let tracing = record.get("tracing");
    Some(Some(Record {
        kind,
        time_ns: line.time.and_then(|time| time_ns(time.get())),
        request_id,
        status: Status::of(record.get("status")),
        error_type: text(record.get("errorType"), MAX_TEXT_BYTES),
        metrics: Metrics::of(record.get("metrics")),
        trace_header: text(tracing.and_then(|it| it.get("value")), MAX_TRACING_BYTES),
        has_segment: tracing.is_some_and(|it| it.get("spanId").is_some_and(Value::is_string)),
    }))
}

// ===== impl Record =====

impl Record {
    /// The end of an invocation that no record told.
    pub(crate) fn of_end(status: Status, time_ns: u64) -> Self {
        Self {
            kind: Kind::RuntimeDone,
            time_ns: Some(time_ns),
            request_id: None,
            status,
            error_type: None,
            metrics: Metrics::default(),
            trace_header: None,
            has_segment: false,
        }
    }
}

// ===== impl Kind =====

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "platform.initStart" => Self::InitStart,
            "platform.initRuntimeDone" => Self::InitRuntimeDone,
            "platform.initReport" => Self::InitReport,
            "platform.restoreStart" => Self::RestoreStart,
            "platform.restoreRuntimeDone" => Self::RestoreRuntimeDone,
            "platform.restoreReport" => Self::RestoreReport,
            "platform.start" => Self::Start,
            "platform.runtimeDone" => Self::RuntimeDone,
            "platform.report" => Self::Report,
            _ => return None,
        })
    }
}

// ===== impl Status =====

impl Status {
    fn of(value: Option<&Value>) -> Self {
        match value.and_then(Value::as_str) {
            Some("success") | None => Self::Success,
            Some("timeout") => Self::Timeout,
            Some(_) => Self::Failure,
        }
    }

    /// Of `shutdownReason`: documented in capitals, written in small letters.
    pub(crate) fn of_shutdown(reason: &str) -> Self {
        if reason.eq_ignore_ascii_case("timeout") {
            Self::Timeout
        } else if reason.eq_ignore_ascii_case("failure") {
            Self::Failure
        } else {
            Self::Success
        }
    }
}

// ===== impl Metrics =====

impl Metrics {
    fn of(value: Option<&Value>) -> Self {
        let number = |name: &str| value?.get(name)?.as_f64().filter(|number| *number >= 0.0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a saturating cast of megabytes"
        )]
        let whole = |name: &str| number(name).map(|number| number as i64);
        Self {
            duration_ms: number("durationMs"),
            billed_duration_ms: number("billedDurationMs"),
            memory_mb: whole("memorySizeMB"),
            max_memory_used_mb: whole("maxMemoryUsedMB"),
            init_duration_ms: number("initDurationMs"),
            restore_duration_ms: number("restoreDurationMs"),
        }
    }
}

fn text(value: Option<&Value>, most: usize) -> Option<String> {
    let text = value?.as_str()?;
    (!text.is_empty() && text.len() <= most).then(|| text.to_owned())
}

/// `"2022-10-21T14:05:03.165Z"`, quotes included.
fn time_ns(json: &str) -> Option<u64> {
    let time = OffsetDateTime::parse(json.trim_matches('"'), &Rfc3339).ok()?;
    u64::try_from(time.unix_timestamp_nanos()).ok()
}

#[cfg(test)]
mod tests;
