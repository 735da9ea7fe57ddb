//! Errors as runtimes post them: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror>.

use baton_propagators::attribute as a;
use serde_json::Value;

use crate::span::{Attribute, Span, cut};

/// An error of the function, with what a span says about it.
///
/// ```
/// use baton_lambda_layer::Failure;
/// let posted = br#"{"errorType": "ValueError", "errorMessage": "bad cart"}"#;
/// assert_eq!(Failure::read(Some("Function.Unknown"), posted), Failure::new("ValueError", "bad cart"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    kind: String,
    message: String,
    stack: Option<String>,
}

// ===== impl Failure =====

impl Failure {
    /// An error of this type; without a type it is `_OTHER`.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        let kind: String = kind.into();
        Self {
            kind: if kind.is_empty() {
                a::OTHER.to_owned()
            } else {
                kind
            },
            message: message.into(),
            stack: None,
        }
    }

    /// Reads the body of an error post; the header's type is for a body without one.
    #[must_use]
    pub fn read(header: Option<&str>, body: &[u8]) -> Self {
        let error: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| error.get(name)?.as_str().filter(|text| !text.is_empty());
        let kind = text("errorType").or(header).unwrap_or_default();
        let stack = ["stackTrace", "trace"]
            .into_iter()
            .find_map(|name| stack(error.get(name)?));
        Self {
            stack,
            ..Self::new(cut(kind), cut(text("errorMessage").unwrap_or_default()))
        }
    }

    /// Status and `error.type`.
    pub(super) fn mark(&self, span: &mut Span) {
        span.fail(&self.message);
        span.set(Attribute::new(a::ERROR_TYPE, self.kind.clone()));
    }

    /// The same, and an `exception` event: on the one span where it happened.
    pub(super) fn record(&self, span: &mut Span, time_ns: u64) {
        self.mark(span);
        let mut exception = vec![
            Attribute::new(a::EXCEPTION_TYPE, self.kind.clone()),
            Attribute::new(a::EXCEPTION_MESSAGE, cut(&self.message).to_owned()),
        ];
        if let Some(stack) = &self.stack {
            exception.push(Attribute::new(
                "exception.stacktrace",
                cut(stack).to_owned(),
            ));
        }
        span.event("exception", time_ns, exception);
    }
}

/// Lines, as most runtimes list them, or one text.
fn stack(value: &Value) -> Option<String> {
    const MAX_LINES: usize = 100;
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Array(lines) => {
            let lines = lines.iter().filter_map(Value::as_str).take(MAX_LINES);
            let lines: Vec<&str> = lines.map(|line| line.trim_end_matches('\n')).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts() {
        for (header, body, kind, message, stack) in [
            (
                Some("Function.Unknown"),
                r#"{"errorMessage":"no","errorType":"ValueError","stackTrace":["  a\n","  b\n"]}"#,
                "ValueError",
                "no",
                Some("  a\n  b"),
            ),
            (
                None,
                r#"{"errorType":"Error","errorMessage":"x","trace":["Error: x","    at f"]}"#,
                "Error",
                "x",
                Some("Error: x\n    at f"),
            ),
            (
                Some("Runtime.ImportModuleError"),
                "",
                "Runtime.ImportModuleError",
                "",
                None,
            ),
            (None, "not JSON", "_OTHER", "", None),
            (
                None,
                r#"{"errorType":7,"stackTrace":[7]}"#,
                "_OTHER",
                "",
                None,
            ),
            (None, "[]", "_OTHER", "", None),
        ] {
            let failure = Failure::read(header, body.as_bytes());
            assert_eq!(failure.kind, kind, "{body}");
            assert_eq!(failure.message, message, "{body}");
            assert_eq!(failure.stack.as_deref(), stack, "{body}");
        }
    }
}
