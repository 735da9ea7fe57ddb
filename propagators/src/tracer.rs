//! Whose tracer makes the spans of a client.

use std::{fmt, sync::Arc};

use opentelemetry::{
    Context,
    global::{self, BoxedSpan, BoxedTracer},
    trace::{SpanBuilder, Tracer},
};

/// The caller's own, or the global one, which is looked up at each span: it may be set after the client was made.
#[derive(Clone, Default)]
pub(crate) struct ChosenTracer(Option<Arc<BoxedTracer>>);

impl ChosenTracer {
    pub(crate) fn own<T>(tracer: T) -> Self
    where
        T: Tracer + Send + Sync + 'static,
        T::Span: Send + Sync + 'static,
    {
        Self(Some(Arc::new(BoxedTracer::new(Box::new(tracer)))))
    }

    pub(crate) fn start(&self, span: SpanBuilder, parent: &Context) -> BoxedSpan {
        match &self.0 {
            Some(tracer) => tracer.build_with_context(span, parent),
            None => global::tracer(env!("CARGO_PKG_NAME")).build_with_context(span, parent),
        }
    }
}

impl fmt::Debug for ChosenTracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "own" } else { "global" })
    }
}
