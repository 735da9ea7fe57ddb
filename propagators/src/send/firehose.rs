//! Firehose: as Kinesis, with limits of its own.

use aws_sdk_firehose::{
    operation::{
        put_record::{PutRecordError, PutRecordInput, PutRecordOutput},
        put_record_batch::{PutRecordBatchError, PutRecordBatchInput, PutRecordBatchOutput},
    },
    types::Record,
};

use super::{
    limits::Room,
    operation::{Injection, Operation, Options},
    stream,
    subject::{Answer, Subject},
};
use crate::attribute as a;

pub(super) struct PutRecord;
pub(super) struct PutRecordBatch;

/// 1,000 KiB; the text says KB. <https://docs.aws.amazon.com/firehose/latest/APIReference/API_Record.html>
const RECORD_LIMITS_BYTES: &[usize] = &[1_000_000, 1_024_000];
/// <https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html>
const REQUEST_LIMITS_BYTES: &[usize] = &[4_000_000, 4_194_304];

impl Operation for PutRecord {
    type Input = PutRecordInput;
    type Output = PutRecordOutput;
    type Error = PutRecordError;

    const HEADER: bool = false;

    fn subject(input: &PutRecordInput, options: Options) -> Subject {
        let data = input
            .record()
            .map_or(&[][..], |record| record.data.as_ref());
        let is_parent = options.payloads && stream::is_parent(data);
        let stream = input.delivery_stream_name().unwrap_or_default();
        Subject::message(a::AWS_FIREHOSE, stream, is_parent).with_body(data.len())
    }

    fn inject(input: &mut PutRecordInput, injection: &mut Injection<'_>) {
        if let Some(record) = &mut input.record {
            inject(record, &mut Room::new(0, &[]), injection);
        }
    }

    fn answer(output: &PutRecordOutput) -> Answer {
        Answer::default().with(a::MESSAGING_MESSAGE_ID, Some(output.record_id()))
    }
}

impl Operation for PutRecordBatch {
    type Input = PutRecordBatchInput;
    type Output = PutRecordBatchOutput;
    type Error = PutRecordBatchError;

    const HEADER: bool = false;

    fn subject(input: &PutRecordBatchInput, options: Options) -> Subject {
        let records = input.records();
        let is_parent = options.payloads
            && records
                .iter()
                .any(|record| stream::is_parent(record.data.as_ref()));
        let stream = input.delivery_stream_name().unwrap_or_default();
        Subject::message(a::AWS_FIREHOSE, stream, is_parent).with_batch(records.len())
    }

    fn inject(input: &mut PutRecordBatchInput, injection: &mut Injection<'_>) {
        let records = input.records.as_deref_mut().unwrap_or_default();
        let all = records
            .iter()
            .map(|record| record.data.as_ref().len())
            .sum();
        let mut request = Room::new(all, REQUEST_LIMITS_BYTES);
        for record in records {
            inject(record, &mut request, injection);
        }
    }

    fn answer(output: &PutRecordBatchOutput) -> Answer {
        let records = output.request_responses();
        let refused = records
            .iter()
            .filter_map(|record| Some((record.error_code()?, record.error_message())));
        Answer::batch(records.len(), refused)
    }
}

fn inject(record: &mut Record, request: &mut Room, injection: &mut Injection<'_>) {
    let room = Room::new(record.data.as_ref().len(), RECORD_LIMITS_BYTES);
    stream::inject(&mut record.data, room, request, injection);
}
