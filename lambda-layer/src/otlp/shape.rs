//! The messages of OTLP 1.x as tables, after <https://github.com/open-telemetry/opentelemetry-proto>. Spans are described to the last field; of log
//! records and metrics only the way down to what is counted. A field that is not listed may be anything.

use prost::encoding::WireType;

pub(super) struct Message {
    /// Whether one of these is one item.
    pub(super) is_item: bool,
    fields: &'static [(u32, Shape)],
}

pub(super) enum Shape {
    Varint,
    Fixed32,
    Fixed64,
    Bytes,
    Text,
    Message(&'static Message),
}

impl Message {
    const fn new(fields: &'static [(u32, Shape)]) -> Self {
        Self {
            is_item: false,
            fields,
        }
    }

    const fn item(fields: &'static [(u32, Shape)]) -> Self {
        Self {
            is_item: true,
            fields,
        }
    }

    pub(super) fn shape(&self, tag: u32) -> Option<&'static Shape> {
        self.fields
            .iter()
            .find_map(|(known, shape)| (*known == tag).then_some(shape))
    }
}

impl Shape {
    pub(super) fn wire_type(&self) -> WireType {
        match self {
            Self::Varint => WireType::Varint,
            Self::Fixed32 => WireType::ThirtyTwoBit,
            Self::Fixed64 => WireType::SixtyFourBit,
            Self::Bytes | Self::Text | Self::Message(_) => WireType::LengthDelimited,
        }
    }
}

use Shape::{Bytes, Fixed32, Fixed64, Text, Varint};

pub(super) static TRACES: Message = Message::new(&[(1, Shape::Message(&RESOURCE_SPANS))]);
static RESOURCE_SPANS: Message = Message::new(&[
    (1, Shape::Message(&RESOURCE)),
    (2, Shape::Message(&SCOPE_SPANS)),
    (3, Text),
]);
static SCOPE_SPANS: Message = Message::new(&[
    (1, Shape::Message(&SCOPE)),
    (2, Shape::Message(&SPAN)),
    (3, Text),
]);
static SPAN: Message = Message::item(&[
    (1, Bytes),
    (2, Bytes),
    (3, Text),
    (4, Bytes),
    (5, Text),
    (6, Varint),
    (7, Fixed64),
    (8, Fixed64),
    (9, Shape::Message(&KEY_VALUE)),
    (10, Varint),
    (11, Shape::Message(&EVENT)),
    (12, Varint),
    (13, Shape::Message(&LINK)),
    (14, Varint),
    (15, Shape::Message(&STATUS)),
    (16, Fixed32),
]);
static EVENT: Message = Message::new(&[
    (1, Fixed64),
    (2, Text),
    (3, Shape::Message(&KEY_VALUE)),
    (4, Varint),
]);
static LINK: Message = Message::new(&[
    (1, Bytes),
    (2, Bytes),
    (3, Text),
    (4, Shape::Message(&KEY_VALUE)),
    (5, Varint),
    (6, Fixed32),
]);
static STATUS: Message = Message::new(&[(2, Text), (3, Varint)]);

static RESOURCE: Message = Message::new(&[
    (1, Shape::Message(&KEY_VALUE)),
    (2, Varint),
    (3, Shape::Message(&ENTITY_REF)),
]);
static ENTITY_REF: Message = Message::new(&[(1, Text), (2, Text), (3, Text), (4, Text)]);
static SCOPE: Message = Message::new(&[
    (1, Text),
    (2, Text),
    (3, Shape::Message(&KEY_VALUE)),
    (4, Varint),
]);
static KEY_VALUE: Message =
    Message::new(&[(1, Text), (2, Shape::Message(&ANY_VALUE)), (3, Varint)]);
static ANY_VALUE: Message = Message::new(&[
    (1, Text),
    (2, Varint),
    (3, Varint),
    (4, Fixed64),
    (5, Shape::Message(&ARRAY)),
    (6, Shape::Message(&KEY_VALUE_LIST)),
    (7, Bytes),
    (8, Varint),
]);
static ARRAY: Message = Message::new(&[(1, Shape::Message(&ANY_VALUE))]);
static KEY_VALUE_LIST: Message = Message::new(&[(1, Shape::Message(&KEY_VALUE))]);

pub(super) static LOGS: Message = Message::new(&[(1, Shape::Message(&RESOURCE_LOGS))]);
static RESOURCE_LOGS: Message = Message::new(&[(2, Shape::Message(&SCOPE_LOGS))]);
static SCOPE_LOGS: Message = Message::new(&[(2, Shape::Message(&ITEM))]);

pub(super) static METRICS: Message = Message::new(&[(1, Shape::Message(&RESOURCE_METRICS))]);
static RESOURCE_METRICS: Message = Message::new(&[(2, Shape::Message(&SCOPE_METRICS))]);
static SCOPE_METRICS: Message = Message::new(&[(2, Shape::Message(&METRIC))]);
// Gauge, sum, histogram, exponential histogram, summary: each holds its points in field 1.
static METRIC: Message = Message::new(&[
    (5, Shape::Message(&POINTS)),
    (7, Shape::Message(&POINTS)),
    (9, Shape::Message(&POINTS)),
    (10, Shape::Message(&POINTS)),
    (11, Shape::Message(&POINTS)),
]);
static POINTS: Message = Message::new(&[(1, Shape::Message(&ITEM))]);
static ITEM: Message = Message::item(&[]);
