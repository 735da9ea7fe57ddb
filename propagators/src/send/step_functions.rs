//! Step Functions: `traceHeader`, and `_trace` in the input on request, since a task sees only its input.

use aws_sdk_sfn::operation::{
    start_execution::{StartExecutionError, StartExecutionInput, StartExecutionOutput},
    start_sync_execution::{
        StartSyncExecutionError, StartSyncExecutionInput, StartSyncExecutionOutput,
    },
};

use super::{
    limits::Room,
    operation::{Injection, Operation, Options, Placed},
    payload::add_trace,
    subject::{Answer, Subject, short_name},
};
use crate::attribute as a;

pub(super) struct StartExecution;
pub(super) struct StartSyncExecution;

/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
const LIMITS_BYTES: &[usize] = &[262_144, 1_048_576];
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
const MAX_TRACE_HEADER_BYTES: usize = 256;

impl Operation for StartExecution {
    type Input = StartExecutionInput;
    type Output = StartExecutionOutput;
    type Error = StartExecutionError;

    const HEADER: bool = true;

    fn subject(input: &StartExecutionInput, _: Options) -> Subject {
        subject("SFN/StartExecution", input.state_machine_arn())
    }

    fn inject(input: &mut StartExecutionInput, injection: &mut Injection<'_>) {
        // Started again with the same name and input, an execution is the same one; with another input it is an error.
        let is_idempotent = input.name.is_some();
        inject(
            &mut input.trace_header,
            &mut input.input,
            is_idempotent,
            injection,
        );
    }

    fn answer(output: &StartExecutionOutput) -> Answer {
        Answer::default().with(a::BATON_EXECUTION, Some(output.execution_arn()))
    }
}

impl Operation for StartSyncExecution {
    type Input = StartSyncExecutionInput;
    type Output = StartSyncExecutionOutput;
    type Error = StartSyncExecutionError;

    const HEADER: bool = true;

    fn subject(input: &StartSyncExecutionInput, _: Options) -> Subject {
        subject("SFN/StartSyncExecution", input.state_machine_arn())
    }

    fn inject(input: &mut StartSyncExecutionInput, injection: &mut Injection<'_>) {
        inject(&mut input.trace_header, &mut input.input, false, injection);
    }

    /// The call succeeds also when the execution did not.
    fn answer(output: &StartSyncExecutionOutput) -> Answer {
        let mut answer = Answer::default().with(a::BATON_EXECUTION, Some(output.execution_arn()));
        if output.status().as_str() != "SUCCEEDED" {
            let kind = output.error().unwrap_or(output.status().as_str());
            answer.refused = Some((kind.to_owned(), output.cause().unwrap_or(kind).to_owned()));
        }
        answer
    }
}

fn subject(method: &'static str, arn: Option<&str>) -> Subject {
    let arn = arn.unwrap_or_default();
    Subject::call(method, format!("start {}", machine(arn))).with(
        a::AWS_STEP_FUNCTIONS_STATE_MACHINE_ARN,
        Some(arn.to_owned()),
    )
}

/// `orders` of `arn:aws:states:us-east-1:123456789012:stateMachine:orders`, with a version or an alias behind it or not.
fn machine(arn: &str) -> &str {
    arn.split(':').nth(6).unwrap_or(short_name(arn))
}

/// The header is there for what does not fit: nothing is left out.
fn inject(
    header: &mut Option<String>,
    input: &mut Option<String>,
    is_idempotent: bool,
    injection: &mut Injection<'_>,
) {
    if header.is_some() {
        return injection.count(Placed::Kept);
    }
    *header = Some(
        injection
            .fields
            .header_within(MAX_TRACE_HEADER_BYTES)
            .to_owned(),
    );
    if is_idempotent || !injection.options.payloads {
        return;
    }
    // Without an input an execution gets `{}`.
    let before = input.take().unwrap_or_else(|| "{}".to_owned());
    let mut room = Room::new(before.len(), LIMITS_BYTES);
    let mut after = None;
    add_trace(&before, injection.fields, &mut [&mut room], |bytes| {
        after = String::from_utf8(bytes).ok();
    });
    *input = Some(after.unwrap_or(before));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_that_failed() {
        let failed = StartSyncExecutionOutput::builder()
            .execution_arn("e-1")
            .status("FAILED".into())
            .error("OutOfStock")
            .cause("no more of it");
        let time = aws_sdk_sfn::primitives::DateTime::from_secs(0);
        let output = failed.start_date(time).stop_date(time).build().unwrap();
        let refused = StartSyncExecution::answer(&output).refused.unwrap();
        assert_eq!(
            refused,
            ("OutOfStock".to_owned(), "no more of it".to_owned())
        );
    }

    #[test]
    fn names_of_machines() {
        let arn = "arn:aws:states:us-east-1:123456789012:stateMachine:orders";
        assert_eq!(machine(arn), "orders");
        assert_eq!(machine(&format!("{arn}:7")), "orders");
        assert_eq!(machine("orders"), "orders");
    }
}
