//! What became of a message.

use std::{any::Any, borrow::Cow, time::Duration};

use opentelemetry::{
    KeyValue,
    trace::{SpanRef, Status},
};

use crate::attribute as a;

/// Longer texts are cut: a handler may put a whole payload into its error.
const MAX_TEXT_BYTES: usize = 4096;

/// How a handler ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Ok,
    /// It returned an error, panicked, or took too long.
    Failed(Failure),
    /// The consumer stopped before it ended: no fault of the message.
    Stopped(Failure),
}

/// The two things that a span says of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) kind: Cow<'static, str>,
    pub(super) text: String,
}

// ===== impl Outcome =====

impl Outcome {
    pub(super) fn too_long(max: Duration) -> Self {
        let text = format!("dropped: the handler took longer than {max:?}");
        Self::Failed(Failure::new("timeout", text))
    }

    pub(super) fn stopped() -> Self {
        let text = "given back: the worker stopped before the handler ended";
        Self::Stopped(Failure::new("stopped", text))
    }

    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed(_) | Self::Stopped(_) => "failed",
        }
    }

    pub(super) const fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Ok => None,
            Self::Failed(failure) | Self::Stopped(failure) => Some(failure),
        }
    }
}

// ===== impl Failure =====

impl Failure {
    /// `type_name` is the name of a Rust type. What hides the real one (`dyn Error`, `anyhow`) is `_OTHER`.
    pub(super) fn new(type_name: &'static str, text: impl Into<String>) -> Self {
        let hides = type_name.contains("dyn ") || type_name.contains("anyhow::Error");
        let mut text = text.into();
        text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
        Self {
            kind: Cow::Borrowed(if hides { a::OTHER } else { type_name }),
            text,
        }
    }

    pub(super) fn panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let text = text.unwrap_or("no message");
        Self::new("panic", format!("panicked: {text}"))
    }

    /// Status, `error.type` and an `exception` event.
    pub(super) fn record(&self, span: &SpanRef<'_>) {
        span.set_status(Status::error(self.text.clone()));
        span.set_attribute(KeyValue::new(a::ERROR_TYPE, self.kind.clone()));
        let exception = vec![
            KeyValue::new(a::EXCEPTION_TYPE, self.kind.clone()),
            KeyValue::new(a::EXCEPTION_MESSAGE, self.text.clone()),
        ];
        span.add_event("exception", exception);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_say_nothing_are_other() {
        for (name, kind) in [
            ("alloc::boxed::Box<dyn core::error::Error>", "_OTHER"),
            ("anyhow::Error", "_OTHER"),
            ("shop::Refused", "shop::Refused"),
        ] {
            assert_eq!(Failure::new(name, "").kind, kind);
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let failure = Failure::new("E", format!("x{}", "é".repeat(MAX_TEXT_BYTES)));
        assert_eq!(failure.text.len(), MAX_TEXT_BYTES - 1);
    }

    #[test]
    fn panics_have_a_text() {
        assert_eq!(Failure::panic(&"text").text, "panicked: text");
        assert_eq!(Failure::panic(&"text".to_owned()).text, "panicked: text");
        assert_eq!(Failure::panic(&7).text, "panicked: no message");
    }
}
