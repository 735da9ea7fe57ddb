//! Plain OpenTelemetry set-up, as any program would have it.

use std::future::{Ready, ready};

use aws_sdk_sqs::{Client, config::Builder};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use baton_propagators::sqs::TraceInterceptor;
use opentelemetry::{global, trace::TracerProvider};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter};
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracer, SdkTracerProvider},
};
use tokio::task::spawn_blocking;

/// The tracing of this process.
#[derive(Debug)]
pub(crate) struct Telemetry(SdkTracerProvider);

impl Telemetry {
    /// Spans of the service `name` go to `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub(crate) fn start(name: &'static str) -> Result<Self, ExporterBuildError> {
        // HTTP clients of this process share one TLS backend; a second start finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let exporter = SpanExporter::builder().with_http().build()?;
        let provider = SdkTracerProvider::builder()
            .with_resource(Resource::builder().with_service_name(name).build())
            .with_batch_exporter(exporter)
            .build();
        global::set_tracer_provider(provider.clone());
        Ok(Self(provider))
    }

    pub(crate) fn tracer(&self) -> SdkTracer {
        self.0.tracer("worker")
    }

    /// An SQS client whose own sends carry the trace on.
    pub(crate) async fn sqs(&self) -> Client {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = aws_config::from_env().http_client(http).load().await;
        let interceptor = TraceInterceptor::new(self.tracer());
        Client::from_conf(Builder::from(&config).interceptor(interceptor).build())
    }

    /// Sends what has ended. An order leaves the queue only after that: no kill costs the span of a shipped order.
    pub(crate) fn flusher(&self) -> impl Fn() -> Ready<()> + Send + Sync + use<> {
        let provider = self.0.clone();
        move || {
            // It blocks, and may. An export that fails is logged by OpenTelemetry.
            let _ = provider.force_flush();
            ready(())
        }
    }

    /// Sends the rest.
    pub(crate) async fn stop(self) {
        let stopped = spawn_blocking(move || self.0.shutdown()).await;
        if !matches!(stopped, Ok(Ok(()))) {
            eprintln!("some spans were not sent: {stopped:?}");
        }
    }
}
