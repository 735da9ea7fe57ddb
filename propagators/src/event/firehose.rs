//! Firehose: records to transform.

use super::{Event, Place, Reading, Record, Trigger, envelope::Envelope, place::Step};
use crate::{
    attribute as a,
    json::{Object, Raw, object},
};

object! {
    struct FirehoseRecord {
        id: "recordId",
        data: "data",
        arrival: "approximateArrivalTimestamp",
        metadata: "kinesisRecordMetadata",
    }
}

pub(super) fn read<'a>(envelope: &Envelope<'a>, reading: &mut Reading<'_>) -> Event<'a> {
    let items = envelope.lower_records.into_iter().flat_map(Raw::items);
    let items = items.filter(|item| item.is_object());
    let record = |item| record(&FirehoseRecord::read(Some(item)), envelope, reading);
    Event::of_items(Trigger::Firehose, items, record)
}

fn record<'a>(
    found: &FirehoseRecord<'a>,
    envelope: &Envelope<'a>,
    reading: &mut Reading<'_>,
) -> Record<'a> {
    let mut record = Record::new(Trigger::Firehose).with_arn(envelope.delivery_stream);
    record.message_id = found.id.and_then(Raw::text).unwrap_or_default();
    record.sent_time_ms = found.arrival.and_then(Raw::integer);
    if reading.is_outermost() {
        let shard = found.metadata.and_then(|metadata| metadata.get("shardId"));
        record.detail(a::MESSAGING_DESTINATION_PARTITION_ID, shard);
    }
    if let Some(data) = found.data {
        record.inside = reading.base64(data, Place::of(Step::Data), &mut record.contexts);
    }
    record
}
