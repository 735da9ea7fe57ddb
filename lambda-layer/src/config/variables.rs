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
pub(crate) const PROXY: &str = "BATON_PROXY";
pub(crate) const EVENT_HEADERS: &str = "BATON_EVENT_HEADERS";
pub(crate) const EXEC_WRAPPER: &str = "BATON_EXEC_WRAPPER";
pub(crate) const PROPAGATORS: &str = "OTEL_PROPAGATORS";
pub(crate) const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
pub(crate) const SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";
pub(crate) const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
pub(crate) const RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
pub(crate) const LOG: &str = "BATON_LOG";
pub(crate) const STORE: &str = "BATON_STORE";
pub(crate) const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";
// What else Lambda sets and the layer's own spans tell: nothing that anybody configures.
pub(crate) const FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";
pub(crate) const FUNCTION_VERSION: &str = "AWS_LAMBDA_FUNCTION_VERSION";
pub(crate) const MEMORY_SIZE: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";
pub(crate) const REGION: &str = "AWS_REGION";
pub(crate) const INITIALIZATION_TYPE: &str = "AWS_LAMBDA_INITIALIZATION_TYPE";
pub(crate) const LOG_STREAM: &str = "AWS_LAMBDA_LOG_STREAM_NAME";

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
        name: PROXY,
        default: "127.0.0.1:9009",
        meaning: "loopback address of the Runtime API proxy, which the exec wrapper puts between the runtime and Lambda",
    },
    Variable {
        name: EVENT_HEADERS,
        default: "replace",
        meaning: "`replace`: a `traceparent` header that an HTTP event has becomes that of the invocation span; `off`: events are left alone",
    },
    Variable {
        name: EXEC_WRAPPER,
        default: "",
        meaning: "another exec wrapper, which `/opt/baton` runs first: `AWS_LAMBDA_EXEC_WRAPPER` holds only one",
    },
    Variable {
        name: SERVICE_NAME,
        default: "",
        meaning: "`service.name` of the layer's own spans; unset: that of `OTEL_RESOURCE_ATTRIBUTES`, else the function's name",
    },
    Variable {
        name: RESOURCE_ATTRIBUTES,
        default: "",
        meaning: "more attributes of the function: `name=value,name=value`, values percent-encoded",
    },
    Variable {
        name: PROPAGATORS,
        default: "tracecontext,baggage",
        meaning: "formats that contexts in events are read in; what AWS writes is always read. `none`: nothing is handed on to the function",
    },
    Variable {
        name: SAMPLER,
        default: "parentbased_always_on",
        meaning: "`always_on`, `always_off`, `traceidratio`, or one of them behind `parentbased_`",
    },
    Variable {
        name: SAMPLER_ARG,
        default: "1",
        meaning: "the ratio of `traceidratio`, 0 to 1",
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
