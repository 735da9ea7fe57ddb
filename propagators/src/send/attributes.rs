//! Message attributes, which SQS and SNS have alike.

use std::collections::HashMap;

use super::{
    fields::Fields,
    limits::{Room, take},
};
use crate::context::TRACEPARENT;

/// A message with more is refused by SQS, and discarded on its way from SNS to SQS in raw delivery:
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>,
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html>
pub const MAX_MESSAGE_ATTRIBUTES: usize = 10;

/// A queue or a topic may be set to any limit between 1 KiB and 1 MiB, which is the default of new queues; 256 KiB was that
/// of older ones, and is that of topics. Those who set one choose a power of two.
pub(super) const MESSAGE_LIMITS_BYTES: &[usize] = &[
    1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576,
];
/// All messages of a batch together, before 2025 and now.
pub(super) const BATCH_LIMITS_BYTES: &[usize] = &[262_144, 1_048_576];

const STRING: &str = "String";

/// The attributes of one message.
pub(super) type Attributes<A> = Option<HashMap<String, A>>;

/// The type that an SDK has for one attribute.
pub(crate) trait Attribute: Sized {
    fn string(value: &str) -> Option<Self>;

    /// Type and value, as they count.
    fn bytes(&self) -> usize;
}

macro_rules! attribute {
    ($attribute:ty) => {
        impl $crate::send::attributes::Attribute for $attribute {
            fn string(value: &str) -> Option<Self> {
                Self::builder().data_type("String").string_value(value).build().ok()
            }

            fn bytes(&self) -> usize {
                let text = self.string_value().map_or(0, str::len);
                let binary = self.binary_value().map_or(0, |blob| blob.as_ref().len());
                self.data_type().len() + text + binary
            }
        }
    };
}
pub(super) use attribute;

/// Whether the sender chose the parent of this message.
pub(super) fn has_parent<A>(attributes: &Attributes<A>) -> bool {
    attributes.as_ref().is_some_and(|attributes| attributes.contains_key(TRACEPARENT))
}

/// What the attributes add to the size of a message.
pub(super) fn bytes<A: Attribute>(attributes: &Attributes<A>) -> usize {
    let attributes = attributes.iter().flatten();
    attributes.map(|(name, value)| name.len() + value.bytes()).sum()
}

/// Adds `traceparent`, and of the other fields what there is room for. `false` when it had no room: then nothing changed.
pub(super) fn add_all<A: Attribute>(
    attributes: &mut Attributes<A>,
    fields: &Fields,
    rooms: &mut [&mut Room],
) -> bool {
    let named = fields.named();
    let mut names = named.iter();
    let first = names.next().is_some_and(|field| add(attributes, *field, rooms));
    if first {
        for field in names {
            add(attributes, *field, rooms);
        }
    }
    first
}

fn add<A: Attribute>(
    attributes: &mut Attributes<A>,
    (name, value): (&str, &str),
    rooms: &mut [&mut Room],
) -> bool {
    let there = attributes.as_ref();
    let possible = there.is_none_or(|there| has_room(there, name))
        && take(rooms, name.len() + STRING.len() + value.len());
    possible && insert(attributes.get_or_insert_default(), name, value)
}

/// Whether the attribute now stands there with this value.
pub(crate) fn insert<A: Attribute>(
    attributes: &mut HashMap<String, A>,
    name: &str,
    value: &str,
) -> bool {
    let possible = has_room(attributes, name) && !value.is_empty();
    let Some(attribute) = A::string(value).filter(|_| possible) else {
        return false;
    };
    attributes.insert(name.to_owned(), attribute);
    true
}

fn has_room<A>(attributes: &HashMap<String, A>, name: &str) -> bool {
    attributes.len() < MAX_MESSAGE_ATTRIBUTES && !attributes.contains_key(name)
}
