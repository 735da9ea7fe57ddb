//! One message of an event.

use std::borrow::Cow;

use opentelemetry::KeyValue;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Contexts, Reading, Trigger, dynamodb, kinesis, s3, sns, sqs};
use crate::{
    carrier::RecordAttributes,
    json::{Object, Raw, Scan, object},
};

/// One message, stream record, or notification.
///
/// ```
/// use baton_propagators::event::Event;
///
/// let event = Event::parse(br#"{"Records": [{"eventSource": "aws:kinesis",
///     "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/clicks", "eventID": "shardId-000000000000:4957",
///     "kinesis": {"sequenceNumber": "4957", "data": "SGVsbG8=", "approximateArrivalTimestamp": 1480641523.477}}]}"#);
///
/// let record = &event.records[0];
/// assert_eq!((record.message_id.as_ref(), record.destination.as_ref()), ("4957", "clicks"));
/// assert_eq!(record.sent_time_ms, Some(1_480_641_523_477));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record<'a> {
    /// What kind of message it is.
    pub trigger: Trigger,
    /// The id that Lambda knows it by, and that `batchItemFailures` lists: a message id, a sequence number,
    /// `topic-partition-offset`. Empty when there is none.
    pub message_id: Cow<'a, str>,
    /// The ARN of the queue, topic, stream, broker or bucket.
    pub source_arn: Cow<'a, str>,
    /// The name of the queue, topic, stream, table or bucket; of EventBridge the detail type.
    pub destination: Cow<'a, str>,
    /// The message attributes of SQS and SNS, for other propagators.
    pub attributes: RecordAttributes<'a>,
    /// Where the sender stood.
    pub contexts: Contexts,
    /// What kind of event its body is, when a carrier was looked for in there.
    pub inside: Option<Trigger>,
    /// When it was sent, epoch milliseconds.
    pub sent_time_ms: Option<i64>,
    /// When it was received for the first time, epoch milliseconds.
    pub first_receive_time_ms: Option<i64>,
    /// How often it was received, this time included.
    pub receive_count: Option<i64>,
    /// The ARN of the queue that gave it up, for a message out of a dead-letter queue.
    pub dead_letter_source: Option<Cow<'a, str>>,
    /// What else its span says.
    pub(super) details: Vec<KeyValue>,
}

object! {
    /// What stands in `Records`, of any source.
    pub(super) struct RawRecord {
        event_source: "eventSource",
        sns_event_source: "EventSource",
        source_arn: "eventSourceARN",
        message_id: "messageId",
        body: "body",
        attributes: "attributes",
        message_attributes: "messageAttributes",
        sns: "Sns",
        kinesis: "kinesis",
        data: "data",
        sequence_number: "sequenceNumber",
        arrival: "approximateArrivalTimestamp",
        dynamodb: "dynamodb",
        table: "tableName",
        event_id: "eventID",
        event_name: "eventName",
        event_time: "eventTime",
        user_identity: "userIdentity",
        s3: "s3",
        response_elements: "responseElements",
    }
}

/// What one item of `Records` is.
#[expect(
    clippy::large_enum_variant,
    reason = "it is a record nearly always, and goes into its list at once"
)]
pub(super) enum Item<'a> {
    Record(Record<'a>),
    /// A source without messages.
    Other(Trigger),
    Unknown,
}

// ===== impl Record =====

impl<'a> Record<'a> {
    pub(super) fn new(trigger: Trigger) -> Self {
        Self {
            trigger,
            message_id: Cow::default(),
            source_arn: Cow::default(),
            destination: Cow::default(),
            attributes: RecordAttributes::default(),
            contexts: Contexts::default(),
            inside: None,
            sent_time_ms: None,
            first_receive_time_ms: None,
            receive_count: None,
            dead_letter_source: None,
            details: Vec::new(),
        }
    }

    /// Takes an ARN, and the last part of it as the name.
    pub(super) fn with_arn(mut self, arn: Option<Raw<'a>>) -> Self {
        self.source_arn = arn.and_then(Raw::text).unwrap_or_default();
        self.destination = match &self.source_arn {
            Cow::Borrowed(arn) => Cow::Borrowed(last_part(arn)),
            Cow::Owned(arn) => Cow::Owned(last_part(arn).to_owned()),
        };
        self
    }

    pub(super) fn detail(&mut self, key: &'static str, value: Option<Raw<'_>>) {
        if let Some(value) = value.and_then(Raw::text) {
            self.details.push(KeyValue::new(key, value.into_owned()));
        }
    }
}

// ===== impl Item =====

impl<'a> Item<'a> {
    /// Reads the item where the cursor stands.
    pub(super) fn scan(scan: &mut Scan<'a>, reading: &mut Reading<'_>) -> Option<Self> {
        if scan.peek()? != b'{' {
            scan.value()?;
            return Some(Self::Unknown);
        }
        let raw = RawRecord::scan(scan)?;
        Some(Self::read(&raw, reading))
    }

    pub(super) fn read(raw: &RawRecord<'a>, reading: &mut Reading<'_>) -> Self {
        let source = raw.event_source.or(raw.sns_event_source);
        let Some(source) = source.and_then(Raw::text) else {
            return Self::Unknown;
        };
        match source.as_ref() {
            "aws:sqs" => Self::Record(sqs::read(raw, reading)),
            "aws:sns" => Self::Record(sns::read(raw, reading)),
            "aws:kinesis" => Self::Record(kinesis::read(raw, reading)),
            "aws:dynamodb" => Self::Record(dynamodb::read(raw, reading)),
            // Stores that speak S3 name themselves.
            _ if raw.s3.is_some() => Self::Record(s3::read(raw)),
            "aws:ses" => Self::Other(Trigger::Ses),
            "aws:codecommit" => Self::Other(Trigger::CodeCommit),
            _ => Self::Unknown,
        }
    }
}

/// The name at the end of an ARN: `orders` of `arn:aws:sqs:us-east-1:123456789012:orders` and of `…:stream/orders`.
pub(crate) fn last_part(arn: &str) -> &str {
    arn.rsplit([':', '/']).next().unwrap_or(arn)
}

/// `2021-12-17T21:46:58.040Z` as milliseconds.
pub(super) fn rfc3339_ms(text: Option<Raw<'_>>) -> Option<i64> {
    let time = OffsetDateTime::parse(&text?.text()?, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()
}
