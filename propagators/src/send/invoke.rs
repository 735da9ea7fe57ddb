//! Lambda: `custom` of the client context, which synchronous invokes deliver; for all of them the header of the request.

use std::{borrow::Cow, str};

use aws_sdk_lambda::{
    operation::{
        invoke::{InvokeError, InvokeInput, InvokeOutput},
        invoke_with_response_stream::{
            InvokeWithResponseStreamError, InvokeWithResponseStreamInput,
            InvokeWithResponseStreamOutput,
        },
    },
    primitives::Blob,
    types::{InvocationType, ResponseStreamingInvocationType},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::de::IgnoredAny;

use super::{
    limits::Room,
    operation::{Injection, Operation, Options, Placed},
    payload::{add_trace, members_object, quoted},
    subject::{Answer, Subject},
};
use crate::{attribute as a, context::TRACEPARENT, json::Raw};

pub(super) struct Invoke;
pub(super) struct InvokeWithResponseStream;

/// Of base64. <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
const MAX_CLIENT_CONTEXT_BYTES: usize = 3_583;
/// Of an event: before 2025 and now. <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const EVENT_LIMITS_BYTES: &[usize] = &[262_144, 1_000_000, 1_048_576];
const CUSTOM: &str = "custom";

impl Operation for Invoke {
    type Input = InvokeInput;
    type Output = InvokeOutput;
    type Error = InvokeError;

    const HEADER: bool = true;
    const REGION: &'static str = a::FAAS_INVOKED_REGION;

    fn subject(input: &InvokeInput, _: Options) -> Subject {
        subject("Lambda/Invoke", input.function_name())
    }

    fn inject(input: &mut InvokeInput, injection: &mut Injection<'_>) {
        match input.invocation_type {
            None | Some(InvocationType::RequestResponse) => {
                add_custom(&mut input.client_context, injection);
            }
            Some(InvocationType::Event) if injection.options.payloads => {
                add_to_event(&mut input.payload, injection);
            }
            _ => {}
        }
    }

    /// The call succeeds also when the function did not.
    fn answer(output: &InvokeOutput) -> Answer {
        let status = i64::from(output.status_code());
        let refused = output.function_error().map(|kind| {
            (
                kind.to_owned(),
                error_message(output.payload()).unwrap_or_else(|| kind.to_owned()),
            )
        });
        let attributes = vec![opentelemetry::KeyValue::new(
            a::HTTP_RESPONSE_STATUS_CODE,
            status,
        )];
        Answer {
            attributes,
            refused,
        }
    }
}

impl Operation for InvokeWithResponseStream {
    type Input = InvokeWithResponseStreamInput;
    type Output = InvokeWithResponseStreamOutput;
    type Error = InvokeWithResponseStreamError;

    const HEADER: bool = true;
    const REGION: &'static str = a::FAAS_INVOKED_REGION;

    fn subject(input: &InvokeWithResponseStreamInput, _: Options) -> Subject {
        subject("Lambda/InvokeWithResponseStream", input.function_name())
    }

    fn inject(input: &mut InvokeWithResponseStreamInput, injection: &mut Injection<'_>) {
        if input.invocation_type != Some(ResponseStreamingInvocationType::DryRun) {
            add_custom(&mut input.client_context, injection);
        }
    }

    /// The span ends where the stream begins.
    fn answer(output: &InvokeWithResponseStreamOutput) -> Answer {
        let status = i64::from(output.status_code());
        let attributes = vec![opentelemetry::KeyValue::new(
            a::HTTP_RESPONSE_STATUS_CODE,
            status,
        )];
        Answer {
            attributes,
            refused: None,
        }
    }
}

fn subject(method: &'static str, function: Option<&str>) -> Subject {
    let name = function_name(function.unwrap_or_default()).to_owned();
    Subject::call(method, format!("invoke {name}"))
        .with(a::FAAS_INVOKED_NAME, Some(name))
        .with(a::FAAS_INVOKED_PROVIDER, Some("aws"))
}

/// `orders` of `orders:live`, `123456789012:function:orders` and
/// `arn:aws:lambda:us-east-1:123456789012:function:orders:live`.
fn function_name(function: &str) -> &str {
    let name = function
        .split_once(":function:")
        .map_or(function, |(_, name)| name);
    name.split(':').next().unwrap_or(name)
}

/// What a runtime reports: `{"errorMessage": …}`.
fn error_message(payload: Option<&Blob>) -> Option<String> {
    let message = Raw::of(payload?.as_ref())?.get("errorMessage")?;
    Some(message.text()?.into_owned())
}

/// Lambda drops the client context of an event.
fn add_to_event(payload: &mut Option<Blob>, injection: &mut Injection<'_>) {
    let Some(payload) = payload else { return };
    let mut room = Room::new(payload.as_ref().len(), EVENT_LIMITS_BYTES);
    let mut after = None;
    let placed = add_trace(payload, injection.fields, &mut [&mut room], |bytes| {
        after = Some(Blob::new(bytes));
    });
    if let Some(after) = after {
        *payload = after;
    }
    if placed == Placed::Kept {
        injection.count(placed);
    }
}

/// The header is there for what does not fit: nothing is left out.
///
/// All values are strings: `lambda_runtime` and the runtime for Go end a process that is handed anything else.
fn add_custom(client_context: &mut Option<String>, injection: &mut Injection<'_>) {
    let before = match client_context.as_deref() {
        None | Some("") => b"{}".to_vec(),
        Some(base64) => match STANDARD.decode(base64) {
            Ok(json) => json,
            Err(_) => return,
        },
    };
    if serde_json::from_slice::<IgnoredAny>(&before).is_err() {
        return;
    }
    let Some(context) = Raw::of(&before).filter(|json| json.is_object()) else {
        return;
    };
    let custom = context.get(CUSTOM);
    if custom.is_some_and(|custom| custom.get(TRACEPARENT).is_some()) {
        return injection.count(Placed::Kept);
    }
    let written = injection.fields.first_that(|selection| {
        let base64 = STANDARD.encode(with_custom(context, custom, selection)?);
        (base64.len() <= MAX_CLIENT_CONTEXT_BYTES).then_some(base64)
    });
    if written.is_some() {
        *client_context = written;
    }
}

/// The same members, and in `custom` those of the fields that are not there yet.
fn with_custom(
    context: Raw<'_>,
    custom: Option<Raw<'_>>,
    fields: &[(&str, &str)],
) -> Option<String> {
    if custom.is_some_and(|custom| !custom.is_object()) {
        return None;
    }
    let own = |name: &str| custom.is_some_and(|custom| custom.get(name).is_some());
    let new: Vec<_> = fields
        .iter()
        .copied()
        .filter(|(name, _)| !own(name))
        .collect();
    let ours = members_object(&new);
    let theirs = custom.and_then(|custom| str::from_utf8(custom.bytes()).ok());
    let merged = match theirs.and_then(|theirs| theirs.trim().strip_suffix('}')) {
        Some(theirs) if custom.is_some_and(|custom| custom.members().next().is_some()) => {
            format!("{theirs},{}", ours.strip_prefix('{')?)
        }
        _ => ours,
    };
    let others = context.members().filter(|(name, _)| name != CUSTOM);
    let other = |(name, value): (Cow<'_, str>, Raw<'_>)| {
        let value = str::from_utf8(value.bytes()).ok()?;
        Some(format!("{}:{value}", quoted(&name)))
    };
    let mut members = others.map(other).collect::<Option<Vec<_>>>()?;
    members.push(format!("{}:{merged}", quoted(CUSTOM)));
    Some(format!("{{{}}}", members.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_functions() {
        for name in [
            "orders",
            "orders:live",
            "123456789012:function:orders",
            "arn:aws:lambda:us-east-1:123456789012:function:orders:7",
        ] {
            assert_eq!(function_name(name), "orders");
        }
    }

    #[test]
    fn a_function_that_failed() {
        let output = InvokeOutput::builder()
            .status_code(200)
            .function_error("Unhandled")
            .payload(Blob::new(r#"{"errorMessage":"out of stock"}"#));
        let refused = Invoke::answer(&output.build()).refused.unwrap();
        assert_eq!(refused, ("Unhandled".to_owned(), "out of stock".to_owned()));
    }
}
