//! Counts the spans that ended in this process, so that the demo can compare them with what the store holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

#[derive(Debug, Default)]
pub(crate) struct SpanCounter(AtomicU64);

impl SpanCounter {
    pub(crate) fn ended(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The processor that feeds a [`SpanCounter`].
#[derive(Debug)]
pub(crate) struct Counting(pub(crate) Arc<SpanCounter>);

impl SpanProcessor for Counting {
    fn on_start(&self, _span: &mut Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        // Spans that are not sampled are never exported.
        if span.span_context.is_sampled() {
            self.0.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}
