use std::{
    fmt,
    future::Future,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use opentelemetry::{global::BoxedTracer, trace::Tracer};
use tower::Layer;

use super::TraceService;
use crate::{event::Reader, flush::Flush, format::Formats};

const DEFAULT_FLUSH_WITHIN: Duration = Duration::from_secs(5);

/// Gives every invocation its span; see the [module](super) for what it does and where it goes.
///
/// ```
/// use baton_propagators::lambda::TraceLayer;
///
/// // Any tracer will do; without an SDK behind it nothing is recorded, and the context of the event is handed on as it is.
/// let layer = TraceLayer::new(opentelemetry::global::tracer("orders"), || async {});
/// assert!(format!("{layer:?}").starts_with("TraceLayer"));
/// ```
#[derive(Clone)]
pub struct TraceLayer {
    tracer: Arc<BoxedTracer>,
    flush: Flush,
    flush_within: Duration,
    reader: Reader,
}

// ===== impl TraceLayer =====

impl TraceLayer {
    /// Spans get the instrumentation scope of `tracer`. `flush` is called once after each invocation, on a thread of its own:
    /// it may block. What it returns is dropped, and a panic in it is logged.
    pub fn new<T, F, Fut>(tracer: T, flush: F) -> Self
    where
        T: Tracer + Send + Sync + 'static,
        T::Span: Send + Sync + 'static,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future + Send + 'static,
    {
        Self {
            tracer: Arc::new(BoxedTracer::new(Box::new(tracer))),
            flush: Flush::new(flush),
            flush_within: DEFAULT_FLUSH_WITHIN,
            reader: Reader::default(),
        }
    }

    /// How long an invocation may wait for the flush, 5 s by default, and never longer than the function's time lasts. The
    /// response is posted by then: nobody waits for it but Lambda, with the next event.
    ///
    /// A flush that takes longer goes on beside the next invocations, and none of them waits until it has ended.
    ///
    /// ```
    /// use std::time::Duration;
    /// use baton_propagators::lambda::TraceLayer;
    ///
    /// let layer = TraceLayer::new(opentelemetry::global::tracer("orders"), || async {});
    /// let layer = layer.flush_within(Duration::from_millis(500));
    /// assert!(format!("{layer:?}").contains("500ms"));
    /// ```
    #[must_use]
    pub const fn flush_within(mut self, within: Duration) -> Self {
        self.flush_within = within;
        self
    }

    /// Reads the contexts of events in these formats, and not only as W3C Trace Context has them.
    ///
    /// ```
    /// use baton_propagators::{format::Formats, lambda::TraceLayer};
    ///
    /// let (formats, _unknown) = Formats::parse("tracecontext,baggage,b3");
    /// let layer = TraceLayer::new(opentelemetry::global::tracer("orders"), || async {}).with_formats(formats);
    /// assert!(format!("{layer:?}").contains("B3"));
    /// ```
    #[must_use]
    pub const fn with_formats(mut self, formats: Formats) -> Self {
        self.reader = Reader::new(formats);
        self
    }
}

impl<S> Layer<S> for TraceLayer {
    type Service = TraceService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TraceService {
            inner,
            tracer: Arc::clone(&self.tracer),
            flush: self.flush.clone(),
            flush_within: self.flush_within,
            reader: self.reader,
            cold: Arc::new(AtomicBool::new(true)),
        }
    }
}

impl fmt::Debug for TraceLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceLayer")
            .field("tracer", &self.tracer)
            .field("flush_within", &self.flush_within)
            .field("reader", &self.reader)
            .finish_non_exhaustive()
    }
}
