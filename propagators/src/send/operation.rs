//! What differs from operation to operation, and the table of them all.

use std::{error::Error as StdError, fmt};

use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};

use super::{
    fields::Fields,
    subject::{Answer, Subject},
};
use crate::attribute as a;

/// One operation of one service.
pub(super) trait Operation {
    type Input: fmt::Debug + Send + Sync + 'static;
    type Output: fmt::Debug + Send + Sync + 'static;
    type Error: ProvideErrorMetadata + StdError + Send + Sync + 'static;

    /// Whether AWS hands the header `X-Amzn-Trace-Id` of this request on.
    const HEADER: bool;
    /// The attribute that says in which region.
    const REGION: &'static str = a::CLOUD_REGION;

    /// What its span says at the start.
    fn subject(input: &Self::Input, options: Options) -> Subject;

    /// Puts the context into the request.
    fn inject(input: &mut Self::Input, injection: &mut Injection<'_>);

    /// What the answer adds to the span.
    fn answer(output: &Self::Output) -> Answer;
}

/// What the user chose.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Options {
    pub(super) payloads: bool,
    pub(super) max_message_bytes: Option<usize>,
}

/// The context of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// The sender had put one there.
    Kept,
    /// It rides in the message, or beside it.
    Done,
    /// It fitted nowhere.
    LeftOut,
}

/// One request that gets its context, and what became of it.
#[derive(Debug)]
pub(super) struct Injection<'a> {
    pub(super) fields: &'a Fields,
    pub(super) options: Options,
    pub(super) left_out: u64,
    /// Whether a message has a parent of its own.
    pub(super) kept: bool,
}

/// An operation with its types erased.
#[derive(Clone, Copy, Debug)]
pub(super) struct Erased {
    pub(super) header: bool,
    pub(super) region: &'static str,
    pub(super) subject: fn(&Input, Options) -> Option<Subject>,
    pub(super) inject: fn(&mut Input, &mut Injection<'_>),
    pub(super) answer: fn(&Output) -> Answer,
    pub(super) error: fn(&Error) -> Option<&ErrorMetadata>,
}

// ===== impl Injection =====

impl<'a> Injection<'a> {
    pub(super) const fn new(fields: &'a Fields, options: Options) -> Self {
        Self { fields, options, left_out: 0, kept: false }
    }

    pub(super) const fn count(&mut self, placed: Placed) {
        match placed {
            Placed::Kept => self.kept = true,
            Placed::Done => {}
            Placed::LeftOut => self.left_out += 1,
        }
    }
}

// ===== impl Erased =====

impl Erased {
    const fn of<O: Operation>() -> Self {
        Self {
            header: O::HEADER,
            region: O::REGION,
            subject: |input, options| Some(O::subject(input.downcast_ref()?, options)),
            inject: |input, injection| {
                if let Some(input) = input.downcast_mut() {
                    O::inject(input, injection);
                }
            },
            answer: |output| output.downcast_ref().map(O::answer).unwrap_or_default(),
            error: |error| error.downcast_ref::<O::Error>().map(ProvideErrorMetadata::meta),
        }
    }

    /// The operation that has such an input, and what its span says; `None` for all that are no sends.
    pub(super) fn find(input: &Input, options: Options) -> Option<(&'static Self, Subject)> {
        OPERATIONS
            .iter()
            .find_map(|operation| Some((operation, (operation.subject)(input, options)?)))
    }
}

const OPERATIONS: &[Erased] = &[
    #[cfg(feature = "sqs")]
    Erased::of::<super::sqs::SendMessage>(),
    #[cfg(feature = "sqs")]
    Erased::of::<super::sqs::SendMessageBatch>(),
    #[cfg(feature = "sns")]
    Erased::of::<super::sns::Publish>(),
    #[cfg(feature = "sns")]
    Erased::of::<super::sns::PublishBatch>(),
    #[cfg(feature = "eventbridge")]
    Erased::of::<super::eventbridge::PutEvents>(),
    #[cfg(feature = "invoke")]
    Erased::of::<super::invoke::Invoke>(),
    #[cfg(feature = "invoke")]
    Erased::of::<super::invoke::InvokeWithResponseStream>(),
    #[cfg(feature = "stepfunctions")]
    Erased::of::<super::step_functions::StartExecution>(),
    #[cfg(feature = "stepfunctions")]
    Erased::of::<super::step_functions::StartSyncExecution>(),
    #[cfg(feature = "kinesis")]
    Erased::of::<super::kinesis::PutRecord>(),
    #[cfg(feature = "kinesis")]
    Erased::of::<super::kinesis::PutRecords>(),
    #[cfg(feature = "firehose")]
    Erased::of::<super::firehose::PutRecord>(),
    #[cfg(feature = "firehose")]
    Erased::of::<super::firehose::PutRecordBatch>(),
    #[cfg(feature = "dynamodb")]
    Erased::of::<super::dynamodb::PutItem>(),
    #[cfg(feature = "dynamodb")]
    Erased::of::<super::dynamodb::UpdateItem>(),
];
