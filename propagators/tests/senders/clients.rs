//! Clients of one endpoint, with the interceptor and without.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use baton_propagators::send::TraceInterceptor;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};

/// A client of one SDK: `client!(aws_sdk_sns, endpoint)`, and with an interceptor as third.
macro_rules! client {
    ($sdk:ident, $endpoint:expr $(, $interceptor:expr)?) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .credentials_provider($sdk::config::Credentials::new("test", "test", None, None, "test"))
                .region($sdk::config::Region::new("us-east-1"))
                .retry_config($sdk::config::retry::RetryConfig::disabled())
                .endpoint_url($endpoint)
                $(.interceptor($interceptor))?
                .build(),
        )
    };
}
pub(crate) use client;

/// Spans that stay here.
pub(crate) struct Tracing {
    exporter: InMemorySpanExporter,
    provider: SdkTracerProvider,
}

impl Tracing {
    pub(crate) fn new() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        Self { exporter, provider }
    }

    pub(crate) fn interceptor(&self) -> TraceInterceptor {
        TraceInterceptor::new(self.provider.tracer("shop"))
    }

    pub(crate) fn with_payloads(&self) -> TraceInterceptor {
        self.interceptor().with_payloads()
    }

    /// The spans since the last time.
    pub(crate) fn take(&self) -> Vec<SpanData> {
        let spans = self.exporter.get_finished_spans().unwrap();
        self.exporter.reset();
        spans
    }

    /// The one span since the last time, as a `traceparent`.
    #[track_caller]
    pub(crate) fn parent(&self) -> String {
        let spans = self.take();
        let [span] = spans.as_slice() else {
            panic!("one span was expected: {spans:#?}");
        };
        let context = &span.span_context;
        format!("00-{}-{}-01", context.trace_id(), context.span_id())
    }
}

/// What a caller can tell errors apart by.
pub(crate) fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    let service = error.as_service_error();
    let code = service.and_then(ProvideErrorMetadata::code);
    code.unwrap_or("no answer of the service").to_owned()
}

/// An attribute of a span, as text; empty without it.
pub(crate) fn attribute(span: &SpanData, name: &str) -> String {
    let mut attributes = span.attributes.iter();
    let found = attributes.find(|found| found.key.as_str() == name);
    found
        .map(|found| found.value.to_string())
        .unwrap_or_default()
}
