//! What the five checkout functions share: a tracer that exports to the Baton layer beside the function, an SQS client that hands the
//! trace context on, and a count of the spans that ended here.
//!
//! This is plain OpenTelemetry set-up, as any function would have it. Where the spans go is in `OTEL_EXPORTER_OTLP_ENDPOINT`
//! (default `http://localhost:4318`, which is where the layer listens).

mod counter;
mod settings;
mod spans;

use std::sync::Arc;

use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use baton_propagators::sqs::TraceInterceptor;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use counter::SpanCounter;
pub use settings::setting;
pub use spans::{fail, in_span};

/// The tracing of one function.
#[derive(Clone, Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
    counter: Arc<SpanCounter>,
}

impl Telemetry {
    /// Sets tracing up for the service `name` and makes it the process's global tracer provider.
    ///
    /// # Errors
    /// The exporter's endpoint is no URL.
    pub fn start(name: &'static str) -> Result<Self, opentelemetry_otlp::ExporterBuildError> {
        // HTTP clients of this process share one TLS backend; a second start finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .build()?;
        let counter = Arc::new(SpanCounter::default());
        let provider = SdkTracerProvider::builder()
            .with_resource(Resource::builder().with_service_name(name).build())
            .with_span_processor(counter::Counting(Arc::clone(&counter)))
            .with_batch_exporter(exporter)
            .build();
        opentelemetry::global::set_tracer_provider(provider.clone());
        Ok(Self { provider, counter })
    }

    /// The tracer for spans of this function.
    #[must_use]
    pub fn tracer(&self) -> SdkTracer {
        self.provider.tracer("checkout")
    }

    /// Hands what has ended to the layer, and prints how many spans this process has made: the demo adds these lines up.
    pub async fn flush(self) {
        let provider = self.provider.clone();
        let flushed = tokio::task::spawn_blocking(move || provider.force_flush()).await;
        if !matches!(flushed, Ok(Ok(()))) {
            eprintln!("spans were not handed to the layer: {flushed:?}");
        }
        println!(
            "{}",
            serde_json::json!({ "baton": "function", "made": self.counter.ended() })
        );
    }

    /// An SQS client that hands the current trace context on with every message.
    pub async fn sqs(&self) -> aws_sdk_sqs::Client {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = aws_config::from_env().http_client(http).load().await;
        let traced = aws_sdk_sqs::config::Builder::from(&config)
            .interceptor(TraceInterceptor::new(self.tracer()));
        aws_sdk_sqs::Client::from_conf(traced.build())
    }
}
