use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{
                BeforeSerializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
                BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef, Input,
            },
        },
        orchestrator::Metadata,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::region::Region;
use opentelemetry::trace::Tracer;

use super::{
    fields::Fields,
    operation::{Erased, Injection, Options},
    sending::Sending,
};
use crate::tracer::ChosenTracer;

const HEADER: &str = "x-amzn-trace-id";

/// Makes every send a span, and every message carry its context; see the [module](super).
///
/// Add it to the configuration of each client once. It never fails a request.
#[derive(Clone)]
pub struct TraceInterceptor {
    tracer: ChosenTracer,
    options: Options,
    left_out: Arc<AtomicU64>,
}

// ===== impl TraceInterceptor =====

impl TraceInterceptor {
    /// Spans get the instrumentation scope of `tracer`.
    pub fn new<T>(tracer: T) -> Self
    where
        T: Tracer + Send + Sync + 'static,
        T::Span: Send + Sync + 'static,
    {
        Self {
            tracer: ChosenTracer::own(tracer),
            ..Self::global()
        }
    }

    /// Uses the global tracer provider, with the scope `baton-propagators`.
    #[must_use]
    pub fn global() -> Self {
        Self {
            tracer: ChosenTracer::default(),
            options: Options::default(),
            left_out: Arc::default(),
        }
    }

    /// Also writes into payloads: the member `_trace` of JSON objects, the attribute `_trace` of items. See the
    /// [module](super#payloads) for where that is the only way, and what it changes.
    ///
    /// ```
    /// use baton_propagators::send::TraceInterceptor;
    ///
    /// let tracing = TraceInterceptor::global();
    /// let for_streams = tracing.clone().with_payloads();
    /// assert!(for_streams.writes_payloads() && !tracing.writes_payloads());
    /// ```
    #[must_use]
    pub const fn with_payloads(mut self) -> Self {
        self.options.payloads = true;
        self
    }

    /// Whether it writes into payloads.
    #[must_use]
    pub const fn writes_payloads(&self) -> bool {
        self.options.payloads
    }

    /// For queues and topics whose `MaximumMessageSize` is neither the default nor a power of two: no message grows over
    /// this size.
    ///
    /// ```
    /// use baton_propagators::send::TraceInterceptor;
    ///
    /// let tracing = TraceInterceptor::global().with_max_message_bytes(100_000);
    /// assert_eq!(tracing.left_out(), 0);
    /// ```
    #[must_use]
    pub const fn with_max_message_bytes(mut self, bytes: usize) -> Self {
        self.options.max_message_bytes = Some(bytes);
        self
    }

    /// How many messages went out without their context, because it fitted nowhere. Clones count together.
    ///
    /// ```
    /// # #[cfg(feature = "sqs")] {
    /// use baton_propagators::send::TraceInterceptor;
    ///
    /// let interceptor = TraceInterceptor::global();
    /// let config = aws_sdk_sqs::Config::builder().interceptor(interceptor.clone());
    /// assert_eq!(interceptor.left_out(), 0);
    /// # }
    /// ```
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    fn send(&self, input: &mut Input, cfg: &ConfigBag) -> Option<Sending> {
        let (operation, subject) = Erased::find(input, self.options)?;
        let region = cfg.load::<Region>().map(Region::to_string);
        let subject = subject.with(operation.region, region);
        let mut sending = Sending::start(&self.tracer, operation, subject);
        if let Some(fields) = Fields::of(sending.context()) {
            let mut injection = Injection::new(&fields, self.options);
            (operation.inject)(input, &mut injection);
            // The header is one for all messages of a request.
            let header = operation.header && !injection.kept;
            self.count(injection.left_out, cfg);
            sending.header = header.then(|| fields.header().to_owned());
        }
        Some(sending)
    }

    fn count(&self, left_out: u64, cfg: &ConfigBag) {
        if left_out > 0 && self.left_out.fetch_add(left_out, Ordering::Relaxed) == 0 {
            tracing::warn!(
                operation = cfg.load::<Metadata>().map(Metadata::name),
                "a message goes out without trace context, because it fits nowhere (counted from now on, not logged \
                 again): no room in its attributes or its size, or a payload that is no JSON object"
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
        // Who adds it to the client and to a request gets one span.
        let sending = match cfg.load::<Sending>() {
            None => self.send(context.input_mut(), cfg),
            Some(_) => None,
        };
        if let Some(sending) = sending {
            cfg.interceptor_state().store_put(sending);
        }
        Ok(())
    }

    /// Runs once for a request, whose attempts are copies. In a function the SDK puts the invocation into the header, right
    /// before an attempt is signed, and leaves alone what is there; what a request has of its own is put there later, and
    /// stays.
    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(sending) = cfg.load::<Sending>() else {
            return Ok(());
        };
        let request = context.request_mut();
        let header = sending
            .header
            .as_ref()
            .filter(|_| !request.headers().contains_key(HEADER));
        if let Some(header) = header.cloned() {
            // Ids, digits and what a header brought: never refused, and no reason to fail if it was.
            let _ = request.headers_mut().try_insert(HEADER, header);
        }
        Ok(())
    }

    /// Runs for each attempt: only then the endpoint is known.
    fn read_before_signing(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(sending) = cfg.load::<Sending>() {
            sending.is_sent(context.request());
        }
        Ok(())
    }

    /// Runs once for a request, after the last attempt, whatever happened.
    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(sending) = cfg.load::<Sending>() {
            sending.finish(context);
        }
        Ok(())
    }
}

impl fmt::Debug for TraceInterceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceInterceptor")
            .field("options", &self.options)
            .field("left_out", &self.left_out())
            .finish_non_exhaustive()
    }
}
