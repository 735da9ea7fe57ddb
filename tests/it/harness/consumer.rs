//! A `Consumer` inside of the test.

use std::fmt::Display;
use std::time::Duration;

use aws_sdk_sqs::types::Message;
use baton_propagators::sqs::{Consumer, ConsumerBuilder, Report, Retry};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::sqs_server::SqsServer;

/// A consumer that runs until it is told to stop.
#[derive(Debug)]
pub(crate) struct Running {
    task: JoinHandle<Report>,
    stop: oneshot::Sender<()>,
    exporter: InMemorySpanExporter,
    /// The exporter forgets its spans when this ends.
    _provider: SdkTracerProvider,
}

/// With times that suit a test: a message that failed comes back at once.
pub(crate) fn consumer(server: &SqsServer, queue: &str) -> ConsumerBuilder {
    Consumer::builder(server.client().clone(), queue)
        .wait(Duration::from_secs(1))
        .retry(Retry::BackOff {
            first: Duration::ZERO,
            max: Duration::ZERO,
        })
}

impl Running {
    pub(crate) fn start<F, Fut, E>(builder: ConsumerBuilder, handler: F) -> Self
    where
        F: Fn(Message) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        let consumer = builder.tracer(provider.tracer("worker")).build();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            // It ends as well when the test drops the other half.
            let until = async { drop(stopped.await) };
            consumer.run_until(handler, until).await
        });
        Self {
            task,
            stop,
            exporter,
            _provider: provider,
        }
    }

    /// Stops the consumer, and returns what it did.
    pub(crate) async fn stop(self) -> (Report, Vec<SpanData>) {
        let _ = self.stop.send(());
        let report = self.task.await.unwrap();
        (report, self.exporter.get_finished_spans().unwrap())
    }
}

/// An attribute of a span, as text; empty without it.
pub(crate) fn attribute(span: &SpanData, name: &str) -> String {
    let found = span
        .attributes
        .iter()
        .find(|found| found.key.as_str() == name);
    found
        .map(|found| found.value.to_string())
        .unwrap_or_default()
}
