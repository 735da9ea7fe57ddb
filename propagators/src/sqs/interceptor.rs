use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_sdk_sqs::operation::{
    send_message::SendMessageInput, send_message_batch::SendMessageBatchInput,
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{BeforeSerializationInterceptorContextMut, FinalizerInterceptorContextRef},
        },
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use opentelemetry::{
    global::{self, BoxedTracer},
    trace::Tracer,
};

use super::{
    inject::{Draft, Placed, inject},
    send::{Send, Subject},
};

/// Makes every send a span, and every message carry its context; see the [module](super).
///
/// Add it to the client's configuration once. It never fails a request.
#[derive(Clone)]
pub struct TraceInterceptor {
    /// `None` looks the global one up at each send: it may be set after the client was built.
    tracer: Option<Arc<BoxedTracer>>,
    left_out: Arc<AtomicU64>,
}

// ===== impl TraceInterceptor =====

impl TraceInterceptor {
    /// Spans get the instrumentation scope of `tracer`.
    pub fn new<T>(tracer: T) -> Self
    where
        T: Tracer + std::marker::Send + Sync + 'static,
        T::Span: std::marker::Send + Sync + 'static,
    {
        Self {
            tracer: Some(Arc::new(BoxedTracer::new(Box::new(tracer)))),
            left_out: Arc::default(),
        }
    }

    /// Uses the global tracer provider, with the scope `baton-propagators`.
    #[must_use]
    pub fn global() -> Self {
        Self {
            tracer: None,
            left_out: Arc::default(),
        }
    }

    /// How many messages went out without their context, because it fitted nowhere. Clones count together.
    ///
    /// ```
    /// use baton_propagators::sqs::TraceInterceptor;
    ///
    /// let interceptor = TraceInterceptor::global();
    /// let config = aws_sdk_sqs::Config::builder().interceptor(interceptor.clone());
    /// assert_eq!(interceptor.left_out(), 0);
    /// ```
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    fn start(&self, subject: &Subject<'_>) -> Send {
        match &self.tracer {
            Some(tracer) => Send::start(tracer, subject),
            None => Send::start(&global::tracer(env!("CARGO_PKG_NAME")), subject),
        }
    }

    fn send(&self, input: &mut SendMessageInput) -> Send {
        let url = input.queue_url.clone().unwrap_or_default();
        let draft = Draft::of(input);
        let subject = Subject {
            queue_url: &url,
            body_bytes: Some(draft.body_bytes),
            batch: None,
            is_parent: !draft.has_parent(),
        };
        let send = self.start(&subject);
        if let Some(context) = send.trace_context() {
            let mut bytes = draft.bytes();
            self.count(inject(&context, draft, &mut bytes));
        }
        send
    }

    fn send_batch(&self, input: &mut SendMessageBatchInput) -> Send {
        let url = input.queue_url.as_deref().unwrap_or_default();
        let entries = input.entries.as_deref_mut().unwrap_or_default();
        let subject = Subject {
            queue_url: url,
            body_bytes: None,
            batch: Some(entries.len()),
            is_parent: entries
                .iter_mut()
                .any(|entry| !Draft::of_entry(entry).has_parent()),
        };
        let send = self.start(&subject);
        if let Some(context) = send.trace_context() {
            // The size limit is one for the whole batch.
            let mut bytes = entries
                .iter_mut()
                .map(|entry| Draft::of_entry(entry).bytes())
                .sum();
            for entry in entries {
                self.count(inject(&context, Draft::of_entry(entry), &mut bytes));
            }
        }
        send
    }

    fn count(&self, placed: Placed) {
        if placed == Placed::LeftOut && self.left_out.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!(
                "a message has ten attributes and an `AWSTraceHeader`: it goes out without trace context \
                 (counted from now on, not logged again); remove an attribute to have it traced"
            );
        }
    }
}

impl Intercept for TraceInterceptor {
    fn name(&self) -> &'static str {
        "BatonTraceInterceptor"
    }

    /// Runs once for a request, before the attempts.
    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        let send = if let Some(input) = input.downcast_mut::<SendMessageInput>() {
            self.send(input)
        } else if let Some(input) = input.downcast_mut::<SendMessageBatchInput>() {
            self.send_batch(input)
        } else {
            return Ok(());
        };
        cfg.interceptor_state().store_put(send);
        Ok(())
    }

    /// Runs once for a request, after the last attempt, whatever happened.
    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(send) = cfg.load::<Send>() {
            send.finish(context.output_or_error());
        }
        Ok(())
    }
}

impl fmt::Debug for TraceInterceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceInterceptor")
            .field("left_out", &self.left_out())
            .finish_non_exhaustive()
    }
}
