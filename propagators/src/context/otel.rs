//! To and from OpenTelemetry's `SpanContext`.

use opentelemetry::trace::{self as otel, SpanContext};

use super::{SpanId, TraceContext, TraceFlags, TraceId, TraceState};

impl From<&TraceContext<'_>> for SpanContext {
    /// The context of a span in another process.
    ///
    /// ```
    /// use baton_propagators::context::TraceContext;
    /// use opentelemetry::trace::SpanContext;
    ///
    /// let received = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None)?;
    /// let span = SpanContext::from(&received);
    /// assert!(span.is_remote() && span.is_sampled());
    /// assert_eq!(TraceContext::from_span_context(&span), Some(received));
    /// # Ok::<(), baton_propagators::context::InvalidTraceparent>(())
    /// ```
    fn from(context: &TraceContext<'_>) -> Self {
        SpanContext::new(
            otel::TraceId::from_bytes(context.trace_id.to_bytes()),
            otel::SpanId::from_bytes(context.span_id.to_bytes()),
            opentelemetry::TraceFlags::new(context.flags.bits()),
            true,
            otel_state(&context.state),
        )
    }
}

impl TraceContext<'static> {
    /// What to write into a carrier for this span; `None` when the span has no valid ids, as a suppressed one.
    ///
    /// ```
    /// use baton_propagators::context::TraceContext;
    /// use opentelemetry::trace::SpanContext;
    ///
    /// assert_eq!(TraceContext::from_span_context(&SpanContext::NONE), None);
    /// ```
    #[must_use]
    pub fn from_span_context(span: &SpanContext) -> Option<Self> {
        let state = span.trace_state().header();
        Some(Self {
            trace_id: TraceId::new(span.trace_id().to_bytes())?,
            span_id: SpanId::new(span.span_id().to_bytes())?,
            flags: TraceFlags::from_bits(span.trace_flags().to_u8()),
            state: TraceState::parse(&state)
                .map(TraceState::into_owned)
                .unwrap_or_default(),
        })
    }
}

/// OpenTelemetry still checks keys by Level 1 (one `@` at most, 14 characters after it). Entries that only Level 2 allows
/// are left out; the others keep their order.
fn otel_state(state: &TraceState<'_>) -> otel::TraceState {
    if state.is_empty() {
        return otel::TraceState::NONE;
    }
    let accepted = |member: &(&str, &str)| otel::TraceState::from_key_value([*member]).is_ok();
    otel::TraceState::from_key_value(state.members().filter(accepted)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";

    #[test]
    fn entries_that_opentelemetry_refuses_do_not_take_the_others_with_them() {
        let context = TraceContext::parse(PARENT, Some("foo@@bar=1,dd=s:1,ot=th:8")).unwrap();
        assert_eq!(
            SpanContext::from(&context).trace_state().header(),
            "dd=s:1,ot=th:8"
        );
    }

    #[test]
    fn both_flags_survive_the_round_trip() {
        let context = TraceContext::parse(PARENT, Some("dd=s:1")).unwrap();
        assert_eq!(
            TraceContext::from_span_context(&SpanContext::from(&context)),
            Some(context)
        );
    }

    #[test]
    fn an_invalid_span_has_no_context() {
        assert_eq!(TraceContext::from_span_context(&SpanContext::NONE), None);
    }
}
