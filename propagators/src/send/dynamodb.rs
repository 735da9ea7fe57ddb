//! DynamoDB: the attribute `_trace` of an item, on request, which its stream delivers with the new image.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::{
        put_item::{PutItemError, PutItemInput, PutItemOutput},
        update_item::{UpdateItemError, UpdateItemInput, UpdateItemOutput},
    },
    types::{AttributeAction, AttributeValue, AttributeValueUpdate},
};
use opentelemetry::{Array, StringValue, Value, trace::SpanKind};

use super::{
    limits::{Room, take},
    operation::{Injection, Operation, Options, Placed},
    payload::TRACE,
    subject::{Answer, Subject, short_name},
    update_expression,
};
use crate::attribute as a;

pub(super) struct PutItem;
pub(super) struct UpdateItem;

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const ITEM_LIMITS_BYTES: &[usize] = &[409_600];
const EXPRESSION_LIMITS_BYTES: &[usize] = &[4_096];
/// A number takes half of its digits, and at most this.
const NUMBER_BYTES: usize = 21;
/// Around a list or a map, and around each thing in it.
const CONTAINER_BYTES: usize = 3;

type Item = HashMap<String, AttributeValue>;

impl Operation for PutItem {
    type Input = PutItemInput;
    type Output = PutItemOutput;
    type Error = PutItemError;

    const HEADER: bool = false;

    fn subject(input: &PutItemInput, options: Options) -> Subject {
        let kept = input
            .item
            .as_ref()
            .is_some_and(|item| item.contains_key(TRACE));
        subject("PutItem", input.table_name(), options.payloads && !kept)
    }

    fn inject(input: &mut PutItemInput, injection: &mut Injection<'_>) {
        if let Some(item) = input.item.as_mut().filter(|_| injection.options.payloads) {
            let placed = add_to_item(item, injection);
            injection.count(placed);
        }
    }

    fn answer(_: &PutItemOutput) -> Answer {
        Answer::default()
    }
}

impl Operation for UpdateItem {
    type Input = UpdateItemInput;
    type Output = UpdateItemOutput;
    type Error = UpdateItemError;

    const HEADER: bool = false;

    fn subject(input: &UpdateItemInput, options: Options) -> Subject {
        subject(
            "UpdateItem",
            input.table_name(),
            options.payloads && !sets_trace(input),
        )
    }

    fn inject(input: &mut UpdateItemInput, injection: &mut Injection<'_>) {
        if injection.options.payloads {
            let placed = add_to_update(input, injection);
            injection.count(placed);
        }
    }

    fn answer(_: &UpdateItemOutput) -> Answer {
        Answer::default()
    }
}

/// After the conventions for databases; a PRODUCER where a reader of the stream can continue it.
/// <https://opentelemetry.io/docs/specs/semconv/database/dynamodb/>
fn subject(operation: &'static str, table: Option<&str>, is_parent: bool) -> Subject {
    let table = short_name(table.unwrap_or_default()).to_owned();
    let names = vec![StringValue::from(table.clone())];
    let kind = if is_parent {
        SpanKind::Producer
    } else {
        SpanKind::Client
    };
    let subject = Subject {
        name: format!("{operation} {table}"),
        kind,
        attributes: Vec::new(),
    };
    subject
        .with(a::DB_SYSTEM_NAME, Some("aws.dynamodb"))
        .with(a::DB_OPERATION_NAME, Some(operation))
        .with(a::DB_COLLECTION_NAME, Some(table))
        .with(
            a::AWS_DYNAMODB_TABLE_NAMES,
            Some(Value::Array(Array::String(names))),
        )
}

fn add_to_item(item: &mut Item, injection: &Injection<'_>) -> Placed {
    if item.contains_key(TRACE) {
        return Placed::Kept;
    }
    let mut room = Room::between(0, bytes_of_map(item), ITEM_LIMITS_BYTES);
    match trace(injection, &mut room) {
        Some(trace) => {
            item.insert(TRACE.to_owned(), trace);
            Placed::Done
        }
        None => Placed::LeftOut,
    }
}

/// How large the item is already, nobody knows here: see the documentation of the module.
fn add_to_update(input: &mut UpdateItemInput, injection: &Injection<'_>) -> Placed {
    if sets_trace(input) {
        return Placed::Kept;
    }
    let Some(trace) = trace(injection, &mut Room::new(0, ITEM_LIMITS_BYTES)) else {
        return Placed::LeftOut;
    };
    // The old parameters and expressions cannot be mixed.
    let is_old = input.attribute_updates.is_some()
        || input.expected.is_some()
        || input.conditional_operator.is_some();
    if is_old {
        let updates = input.attribute_updates.get_or_insert_default();
        let update = AttributeValueUpdate::builder()
            .value(trace)
            .action(AttributeAction::Put);
        updates.insert(TRACE.to_owned(), update.build());
        return Placed::Done;
    }
    let before = input.update_expression.as_deref().unwrap_or_default();
    let after = update_expression::with_trace(before);
    let mut room = Room::new(before.len(), EXPRESSION_LIMITS_BYTES);
    if !take(&mut [&mut room], after.len() - before.len()) {
        return Placed::LeftOut;
    }
    input.update_expression = Some(after);
    let names = input.expression_attribute_names.get_or_insert_default();
    names.insert(update_expression::NAME.to_owned(), TRACE.to_owned());
    let values = input.expression_attribute_values.get_or_insert_default();
    values.insert(update_expression::VALUE.to_owned(), trace);
    Placed::Done
}

/// A name that begins with an underscore stands in an expression only through its placeholder. Of a key it cannot be set.
fn sets_trace(input: &UpdateItemInput) -> bool {
    let key = input.key.iter().flatten();
    let names = input.expression_attribute_names.iter().flatten();
    let updates = input.attribute_updates.iter().flatten();
    names
        .map(|(_, name)| name)
        .chain(updates.map(|(name, _)| name))
        .chain(key.map(|(name, _)| name))
        .any(|name| name == TRACE)
}

/// A map of strings.
fn trace(injection: &Injection<'_>, room: &mut Room) -> Option<AttributeValue> {
    injection.fields.first_that(|selection| {
        let pair = |(name, value): &(&str, &str)| {
            ((*name).to_owned(), AttributeValue::S((*value).to_owned()))
        };
        let trace = AttributeValue::M(selection.iter().map(pair).collect());
        take(&mut [room], TRACE.len() + bytes_of(&trace)).then_some(trace)
    })
}

/// At most what DynamoDB counts:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
fn bytes_of_map(item: &Item) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + bytes_of(value))
        .sum()
}

/// The SDK sends values nested as deeply as they are, by recursion as here.
fn bytes_of(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::B(blob) => blob.as_ref().len(),
        AttributeValue::Bs(blobs) => blobs.iter().map(|blob| blob.as_ref().len()).sum(),
        AttributeValue::L(list) => {
            CONTAINER_BYTES + list.iter().map(|value| 1 + bytes_of(value)).sum::<usize>()
        }
        AttributeValue::M(map) => CONTAINER_BYTES + map.len() + bytes_of_map(map),
        AttributeValue::N(_) => NUMBER_BYTES,
        AttributeValue::Ns(numbers) => NUMBER_BYTES * numbers.len(),
        AttributeValue::S(text) => text.len(),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        _ => 1,
    }
}
