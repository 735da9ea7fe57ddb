//! How large things are, as AWS counts.

use std::collections::HashMap;

use serde_json::Value;

/// How many there are, their size, and whether one is empty: of names, types and values.
pub(super) fn attributes(attributes: &Value) -> (usize, usize, bool) {
    let Some(attributes) = attributes.as_object() else {
        return (0, 0, false);
    };
    let value = |attribute: &Value| {
        let text = attribute["StringValue"].as_str().map(str::len);
        text.unwrap_or_else(|| base64_bytes(&attribute["BinaryValue"]))
    };
    let bytes = |(name, attribute): (&String, &Value)| {
        name.len() + attribute["DataType"].as_str().unwrap().len() + value(attribute)
    };
    let is_empty = attributes.values().any(|attribute| value(attribute) == 0);
    (
        attributes.len(),
        attributes.iter().map(bytes).sum(),
        is_empty,
    )
}

/// Number of attributes and size of each message of a form.
pub(super) fn form_messages(form: &HashMap<String, String>) -> Vec<(usize, usize)> {
    let batch = (1..).map(|n| format!("PublishBatchRequestEntries.member.{n}."));
    let batch = batch.take_while(|prefix| form.contains_key(&format!("{prefix}Id")));
    let mut prefixes: Vec<_> = batch.collect();
    if prefixes.is_empty() {
        prefixes.push(String::new());
    }
    let count = |prefix: &str| {
        let own: Vec<_> = form
            .iter()
            .filter(|(name, _)| name.starts_with(prefix))
            .collect();
        let names = own.iter().filter(|(name, _)| {
            name.contains("MessageAttributes.entry") && name.ends_with(".Name")
        });
        let counted = own.iter().filter(|(name, _)| {
            name.contains("MessageAttributes.entry")
                || **name == format!("{prefix}Message")
                || name.ends_with("Subject")
        });
        (names.count(), counted.map(|(_, value)| value.len()).sum())
    };
    prefixes.iter().map(|prefix| count(prefix)).collect()
}

/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html>
pub(super) fn event(entry: &Value) -> usize {
    let text = |name: &str| entry[name].as_str().map_or(0, str::len);
    let resources = entry["Resources"].as_array().into_iter().flatten();
    let resources: usize = resources
        .map(|resource| resource.as_str().unwrap().len())
        .sum();
    let time = if entry["Time"].is_null() { 0 } else { 14 };
    text("Source") + text("DetailType") + text("Detail") + resources + time
}

/// Of what is encoded.
pub(super) fn base64_bytes(value: &Value) -> usize {
    let text = value.as_str().unwrap_or_default();
    text.len() / 4 * 3 - text.bytes().rev().take_while(|byte| *byte == b'=').count()
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
pub(super) fn item(item: &Value) -> usize {
    let members = item.as_object().into_iter().flatten();
    members
        .map(|(name, value)| name.len() + attribute_value(value))
        .sum()
}

fn attribute_value(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else {
        return 0;
    };
    match kind.as_str() {
        "S" => value.as_str().unwrap().len(),
        "N" => value.as_str().unwrap().len() / 2 + 1,
        "M" => 3 + value.as_object().unwrap().len() + item(value),
        _ => 1,
    }
}
