//! Every variable there is, once: `--help` prints this table, docs/layer.md repeats it, and a test compares the two.

/// One environment variable of the layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What holds without it; empty when nothing does.
    pub default: &'static str,
    /// What it is for, in one line.
    pub meaning: &'static str,
}

pub(crate) const EXPORT: &str = "BATON_EXPORT";
pub(crate) const EXPORT_HEADERS: &str = "BATON_EXPORT_HEADERS";
pub(crate) const EXPORT_COMPRESSION: &str = "BATON_EXPORT_COMPRESSION";
pub(crate) const BUFFER_BYTES: &str = "BATON_BUFFER_BYTES";
pub(crate) const OTLP_HTTP: &str = "BATON_OTLP_HTTP";
pub(crate) const TELEMETRY: &str = "BATON_TELEMETRY";
pub(crate) const LOG: &str = "BATON_LOG";
pub(crate) const STORE: &str = "BATON_STORE";
pub(crate) const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// The variables this version reads.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: EXPORT,
        default: "",
        meaning: "base URL of the OTLP/HTTP target, `http://` or `https://`; `/v1/traces` is appended. Unset: spans are counted and dropped",
    },
    Variable {
        name: EXPORT_HEADERS,
        default: "",
        meaning: "headers sent to the target: `name=value,name=value`, values percent-encoded",
    },
    Variable {
        name: EXPORT_COMPRESSION,
        default: "gzip",
        meaning: "`gzip` or `none`",
    },
    Variable {
        name: BUFFER_BYTES,
        default: "4194304",
        meaning: "bytes of spans held at most, 65536 to 1073741824; a request beyond it is answered 429",
    },
    Variable {
        name: OTLP_HTTP,
        default: "127.0.0.1:4318",
        meaning: "loopback address on which the function's OTLP/HTTP requests are received",
    },
    Variable {
        name: TELEMETRY,
        default: "0.0.0.0:4323",
        meaning: "address on which the Telemetry API's records are received; Lambda reaches it as `sandbox.localdomain`",
    },
    Variable {
        name: LOG,
        default: "warn",
        meaning: "`off`, `error`, `warn`, `info`, `debug` or `trace`; lines are JSON on stdout",
    },
    Variable {
        name: STORE,
        default: "",
        meaning: "set in the ingest function, where Baton keeps spans: the layer stays idle there",
    },
    Variable {
        name: RUNTIME_API,
        default: "",
        meaning: "`HOST:PORT` of Lambda's APIs; Lambda sets it",
    },
];
