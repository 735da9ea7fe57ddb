//! Spans of the crate `tracing` as spans of OpenTelemetry, under the invocation or the message that they belong to.
//!
//! A handler full of `#[tracing::instrument]` needs no other change than this layer on its subscriber. Nothing has to be
//! handed over: the current context of OpenTelemetry is the parent of every `tracing` span that has no other, and
//! [`TraceLayer`](crate::lambda::TraceLayer), [`each_message`](crate::lambda::each_message) and
//! [`sqs::Consumer`](crate::sqs) set it. The other way round, what is sent or queried inside of a `tracing` span stands
//! under that span.
//!
//! ```
//! use opentelemetry::trace::{Tracer, TracerProvider};
//! use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
//! use tracing_subscriber::layer::SubscriberExt;
//!
//! let exporter = InMemorySpanExporter::default();
//! let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
//!
//! // Once, at the start; most programs call `init()` on it. Beside it as many others as you like: `fmt`, `EnvFilter`, …
//! let subscriber = tracing_subscriber::registry().with(baton_propagators::tracing::layer(provider.tracer("shop")));
//! let _guard = tracing::subscriber::set_default(subscriber);
//!
//! // What `TraceLayer` does around a handler, and `Consumer` around each message.
//! provider.tracer("baton").in_span("process orders", |_| {
//!     tracing::info_span!("store_order", order = 7).in_scope(|| tracing::info!("stored"));
//! });
//!
//! let spans = exporter.get_finished_spans()?;
//! let [stored, process] = spans.as_slice() else { panic!("{spans:?}") };
//! assert_eq!((stored.name.as_ref(), process.name.as_ref()), ("store_order", "process orders"));
//! assert_eq!(stored.parent_span_id, process.span_context.span_id());
//! assert_eq!(stored.events.iter().next().map(|event| event.name.as_ref()), Some("stored"));
//! # Ok::<(), opentelemetry_sdk::error::OTelSdkError>(())
//! ```
//!
//! # Does not
//! - make a span twice. What libraries say about themselves that are traced already (`lambda_runtime`, the AWS SDK, `sqlx`),
//!   and what happens while spans are exported (`opentelemetry`, `reqwest`, `hyper`, …), is left out;
//! - keep events outside of any `tracing` span: those are log lines, and the invocation span is none of `tracing`;
//! - reach into `tokio::spawn`: instrument the task, as always with `tracing`.

use opentelemetry::trace::Tracer;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

/// Traced already, by this crate or a peer of it: spans of their own would show everything twice. `aws_` is all of the SDK.
const TRACED: [&str; 4] = ["aws_", "lambda_http", "lambda_runtime", "sqlx"];
/// At work when spans are exported: a span of that would have to be exported again, and so on.
const EXPORTING: [&str; 7] = [
    "h2",
    "hyper",
    "opentelemetry",
    "reqwest",
    "rustls",
    "tonic",
    "tower",
];

/// A layer for `tracing_subscriber` that makes spans with `tracer`; see the [module](self).
pub fn layer<S, T>(tracer: T) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    T: Tracer + Send + Sync + 'static,
    T::Span: Send + Sync,
{
    // Threads, lines and the time that a future slept say little about a handler, and would stand on every span.
    tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_target(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(is_of_the_application))
}

fn is_of_the_application(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    !TRACED.iter().chain(&EXPORTING).any(|name| {
        let rest = target.strip_prefix(name);
        rest.is_some_and(|rest| name.ends_with('_') || !rest.starts_with(is_of_a_name))
    })
}

/// `hyper_util` belongs to `hyper`; `towers` is somebody else's.
fn is_of_a_name(next: char) -> bool {
    next.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::{Context, SubscriberExt};

    use super::*;

    /// Keeps the targets that come through.
    #[derive(Clone, Default)]
    struct Targets(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> Layer<S> for Targets {
        fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
            let target = event.metadata().target().to_owned();
            self.0.lock().unwrap().push(target);
        }
    }

    #[test]
    fn what_is_traced_already_is_left_out() {
        let targets = Targets::default();
        let layer = targets
            .clone()
            .with_filter(filter_fn(is_of_the_application));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!(target: "lambda_runtime::layers::trace", "");
            tracing::info!(target: "aws_smithy_runtime::client::orchestrator", "");
            tracing::info!(target: "aws_sdk_sqs::operation", "");
            tracing::info!(target: "sqlx::query", "");
            tracing::info!(target: "hyper_util::client", "");
            tracing::info!(target: "h2", "");
            tracing::info!(target: "shop::orders", "");
            tracing::info!(target: "towers", "");
            tracing::info!(target: "sqs", "");
        });
        assert_eq!(
            *targets.0.lock().unwrap(),
            ["shop::orders", "towers", "sqs"]
        );
    }
}
