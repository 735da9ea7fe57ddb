use std::{
    fmt,
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::AtomicBool},
};

use futures::{FutureExt, future::BoxFuture};
use opentelemetry::{global::BoxedTracer, trace::Tracer};
use tower::Layer;

use super::TraceService;
use crate::{event::Reader, format::Formats};

/// A future that never panics and has nothing to say.
pub(super) type Flush = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

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
    reader: Reader,
}

// ===== impl TraceLayer =====

impl TraceLayer {
    /// Spans get the instrumentation scope of `tracer`. `flush` is called once after each invocation; what it returns is
    /// dropped, and a panic in it is logged.
    pub fn new<T, F, Fut>(tracer: T, flush: F) -> Self
    where
        T: Tracer + Send + Sync + 'static,
        T::Span: Send + Sync + 'static,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future + Send + 'static,
    {
        let flush = Arc::new(flush);
        Self {
            tracer: Arc::new(BoxedTracer::new(Box::new(tracer))),
            flush: Arc::new(move || {
                let flush = Arc::clone(&flush);
                guarded(async move { drop(flush().await) }).boxed()
            }),
            reader: Reader::default(),
        }
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
            flush: Arc::clone(&self.flush),
            reader: self.reader,
            cold: Arc::new(AtomicBool::new(true)),
        }
    }
}

impl fmt::Debug for TraceLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceLayer")
            .field("tracer", &self.tracer)
            .field("reader", &self.reader)
            .finish_non_exhaustive()
    }
}

async fn guarded(flush: impl Future<Output = ()>) {
    if AssertUnwindSafe(flush).catch_unwind().await.is_err() {
        tracing::error!("the flush function panicked; spans of this invocation may be lost");
    }
}
