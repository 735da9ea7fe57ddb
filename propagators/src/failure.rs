//! How a handler failed, and how a span tells it.

use std::{
    any::{Any, type_name},
    borrow::Cow,
    fmt, thread,
};

use opentelemetry::{
    KeyValue,
    trace::{SpanRef, Status},
};

use crate::attribute as a;

/// Longer texts are cut: a handler may put a whole payload into its error.
const MAX_MESSAGE_BYTES: usize = 4096;

/// Something that failed, with the two things that a span says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    kind: Cow<'static, str>,
    message: String,
}

// ===== impl Failure =====

impl Failure {
    /// `type_name` is the name of a Rust type. What hides the real one (`dyn Error`, `anyhow`) is `_OTHER`.
    pub(crate) fn new(type_name: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let mut kind = type_name.into();
        if kind.contains("dyn ") || kind.contains("anyhow::Error") || kind.is_empty() {
            kind = Cow::Borrowed(a::OTHER);
        }
        let mut message = message.into();
        message.truncate(message.floor_char_boundary(MAX_MESSAGE_BYTES));
        Self { kind, message }
    }

    pub(crate) fn panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self::new(
            "panic",
            format!("panicked: {}", text.unwrap_or("no message")),
        )
    }

    /// How a message handler ended that was caught when it panicked.
    pub(crate) fn of_run<E: fmt::Display>(run: thread::Result<Result<(), E>>) -> Option<Self> {
        match run {
            Ok(Ok(())) => None,
            // `#` makes error types that know their causes, as `anyhow`'s, tell them.
            Ok(Err(error)) => Some(Self::new(type_name::<E>(), format!("{error:#}"))),
            Err(payload) => Some(Self::panic(&*payload)),
        }
    }

    /// `error.type`.
    #[cfg(feature = "consumer")]
    pub(crate) fn kind(&self) -> Cow<'static, str> {
        self.kind.clone()
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Status and `error.type`.
    pub(crate) fn mark(&self, span: &SpanRef<'_>) {
        span.set_status(Status::error(self.message.clone()));
        span.set_attribute(KeyValue::new(a::ERROR_TYPE, self.kind.clone()));
    }

    /// The same, and an `exception` event: on the one span where it happened.
    pub(crate) fn record(&self, span: &SpanRef<'_>) {
        self.mark(span);
        let exception = vec![
            KeyValue::new(a::EXCEPTION_TYPE, self.kind.clone()),
            KeyValue::new(a::EXCEPTION_MESSAGE, self.message.clone()),
        ];
        span.add_event("exception", exception);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_say_nothing_are_other() {
        let boxed = type_name::<Box<dyn std::error::Error>>();
        for (name, kind) in [
            (boxed, "_OTHER"),
            ("anyhow::Error", "_OTHER"),
            ("", "_OTHER"),
            ("shop::Refused", "shop::Refused"),
        ] {
            assert_eq!(Failure::new(name, "").kind, kind);
        }
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        let failure = Failure::new("E", "é".repeat(MAX_MESSAGE_BYTES));
        assert_eq!(failure.message.len(), MAX_MESSAGE_BYTES);
        assert_eq!(
            Failure::new("E", format!("x{}", "é".repeat(MAX_MESSAGE_BYTES)))
                .message
                .len(),
            MAX_MESSAGE_BYTES - 1
        );
    }

    #[test]
    fn panics_have_a_message() {
        assert_eq!(Failure::panic(&"text").message, "panicked: text");
        assert_eq!(Failure::panic(&"text".to_owned()).message, "panicked: text");
        assert_eq!(Failure::panic(&7).message, "panicked: no message");
    }
}
