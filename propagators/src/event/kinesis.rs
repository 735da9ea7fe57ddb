//! Kinesis: records of a stream, which hold bytes and nothing beside them.

use opentelemetry::KeyValue;

use super::{Place, Reading, Record, Trigger, place::Step, record::RawRecord};
use crate::{
    attribute as a,
    json::{Object, Raw, object},
};

/// The first bytes of what the Kinesis Producer Library packs several records into, `F3 89 9A C2`, as base64.
const AGGREGATED: &[u8] = b"84mawg";

object! {
    struct Kinesis {
        data: "data",
        sequence_number: "sequenceNumber",
        arrival: "approximateArrivalTimestamp",
    }
}

/// Pipes hands the inner object over without its `kinesis` around it.
pub(super) fn read<'a>(raw: &RawRecord<'a>, reading: &mut Reading<'_>) -> Record<'a> {
    let kinesis = Kinesis::read(raw.kinesis);
    let data = kinesis.data.or(raw.data);
    let sequence_number = kinesis.sequence_number.or(raw.sequence_number);
    let arrival = kinesis.arrival.or(raw.arrival);

    let mut record = Record::new(Trigger::Kinesis).with_arn(raw.source_arn);
    record.message_id = sequence_number.and_then(Raw::text).unwrap_or_default();
    record.sent_time_ms = arrival.and_then(Raw::seconds_ms);
    if reading.is_outermost() {
        describe(&mut record, raw.event_id, data);
    }
    if let Some(data) = data {
        let step = if raw.kinesis.is_some() {
            Step::KinesisData
        } else {
            Step::Data
        };
        let (place, into) = (Place::of(step), &mut record.contexts);
        if is_aggregated(data) {
            reading.aggregated(data, place, into);
        } else {
            record.inside = reading.base64(data, place, into);
        }
    }
    record
}

fn is_aggregated(data: Raw<'_>) -> bool {
    data.quoted()
        .is_some_and(|data| data.starts_with(AGGREGATED))
}

fn describe(record: &mut Record<'_>, event_id: Option<Raw<'_>>, data: Option<Raw<'_>>) {
    if !record.destination.is_empty() {
        let stream = record.destination.to_string();
        record
            .details
            .push(KeyValue::new(a::AWS_KINESIS_STREAM_NAME, stream));
    }
    // shardId-000000000000:49568167373333333333333333333333333333333333333333333333
    if let Some(id) = event_id.and_then(Raw::text)
        && let Some((shard, _)) = id.split_once(':')
    {
        let shard = KeyValue::new(a::MESSAGING_DESTINATION_PARTITION_ID, shard.to_owned());
        record.details.push(shard);
    }
    if data.is_some_and(is_aggregated) {
        record
            .details
            .push(KeyValue::new(a::BATON_AGGREGATED, true));
    }
}
