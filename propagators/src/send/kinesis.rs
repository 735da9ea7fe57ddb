//! Kinesis: bytes and nothing beside them. The one way is inside.

use aws_sdk_kinesis::{
    operation::{
        put_record::{PutRecordError, PutRecordInput, PutRecordOutput},
        put_records::{PutRecordsError, PutRecordsInput, PutRecordsOutput},
    },
    primitives::Blob,
    types::PutRecordsRequestEntry,
};

use super::{
    limits::Room,
    operation::{Injection, Operation, Options},
    stream,
    subject::{Answer, Subject, short_name},
};
use crate::attribute as a;

pub(super) struct PutRecord;
pub(super) struct PutRecords;

/// A stream takes records of 1 MiB, or what its owner raised that to, up to 10 MiB, with or without the partition key.
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html>
const RECORD_LIMITS_BYTES: &[usize] = &[
    1_048_576, 2_097_152, 3_145_728, 4_194_304, 5_242_880, 6_291_456, 7_340_032, 8_388_608,
    9_437_184, 10_485_760,
];
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html>: before 2025 and now.
const REQUEST_LIMITS_BYTES: &[usize] = &[5_242_880, 10_485_760];

impl Operation for PutRecord {
    type Input = PutRecordInput;
    type Output = PutRecordOutput;
    type Error = PutRecordError;

    const HEADER: bool = false;

    fn subject(input: &PutRecordInput, options: Options) -> Subject {
        let data = input.data.as_ref().map_or(&[][..], Blob::as_ref);
        let is_parent = options.payloads && stream::is_parent(data);
        subject(input.stream_name(), input.stream_arn(), is_parent).with_body(data.len())
    }

    fn inject(input: &mut PutRecordInput, injection: &mut Injection<'_>) {
        if let Some(data) = &mut input.data {
            let key_bytes = input.partition_key.as_ref().map_or(0, String::len);
            let data_bytes = data.as_ref().len();
            let record = Room::between(data_bytes, key_bytes + data_bytes, RECORD_LIMITS_BYTES);
            let mut request = Room::new(0, &[]);
            stream::inject(data, record, &mut request, injection);
        }
    }

    fn answer(output: &PutRecordOutput) -> Answer {
        Answer::default()
            .with(a::MESSAGING_MESSAGE_ID, Some(output.sequence_number()))
            .with(
                a::MESSAGING_DESTINATION_PARTITION_ID,
                Some(output.shard_id()),
            )
    }
}

impl Operation for PutRecords {
    type Input = PutRecordsInput;
    type Output = PutRecordsOutput;
    type Error = PutRecordsError;

    const HEADER: bool = false;

    fn subject(input: &PutRecordsInput, options: Options) -> Subject {
        let records = input.records();
        let is_parent = options.payloads
            && records
                .iter()
                .any(|record| stream::is_parent(record.data.as_ref()));
        subject(input.stream_name(), input.stream_arn(), is_parent).with_batch(records.len())
    }

    fn inject(input: &mut PutRecordsInput, injection: &mut Injection<'_>) {
        let records = input.records.as_deref_mut().unwrap_or_default();
        let mut request = Room::new(records.iter().map(bytes).sum(), REQUEST_LIMITS_BYTES);
        for record in records {
            let data_bytes = record.data.as_ref().len();
            let room = Room::between(data_bytes, bytes(record), RECORD_LIMITS_BYTES);
            stream::inject(&mut record.data, room, &mut request, injection);
        }
    }

    fn answer(output: &PutRecordsOutput) -> Answer {
        let records = output.records();
        let refused = records
            .iter()
            .filter_map(|record| Some((record.error_code()?, record.error_message())));
        Answer::batch(records.len(), refused)
    }
}

fn subject(name: Option<&str>, arn: Option<&str>, is_parent: bool) -> Subject {
    let stream = name.or(arn.map(short_name)).unwrap_or_default();
    let subject = Subject::message(a::AWS_KINESIS, stream, is_parent);
    subject.with(a::AWS_KINESIS_STREAM_NAME, Some(stream.to_owned()))
}

fn bytes(record: &PutRecordsRequestEntry) -> usize {
    record.partition_key().map_or(0, str::len) + record.data.as_ref().len()
}
