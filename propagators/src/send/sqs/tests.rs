use super::*;
use crate::{
    context::{TRACEPARENT, TRACESTATE, TraceContext},
    format::Baggage,
    send::{attributes::Attribute, fields::Fields},
};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const HEADER: &str =
    "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1;Lineage=a87bd80c:1";
const PARENT_BYTES: usize = TRACEPARENT.len() + "String".len() + PARENT.len();
const STATE_BYTES: usize = TRACESTATE.len() + "String".len() + "dd=s:1".len();
const BAGGAGE_BYTES: usize = "baggage".len() + "String".len() + "tenant=acme".len();
const ALL_BYTES: usize = PARENT_BYTES + STATE_BYTES + BAGGAGE_BYTES;

fn fields() -> Fields {
    let context = TraceContext::parse(PARENT, Some("dd=s:1")).unwrap();
    Fields::new(
        &context,
        &Baggage::parse("tenant=acme").0,
        "Lineage=a87bd80c:1",
    )
}

/// What a message with these attributes becomes: how many were left out, and what is added.
#[track_caller]
fn check(
    own: &[(&str, &str)],
    header: Option<&str>,
    body_bytes: usize,
    options: Options,
    expected: (u64, &[&str]),
) {
    let mut input = SendMessageInput::builder().message_body("x".repeat(body_bytes));
    for (name, value) in own {
        input = input.message_attributes(*name, MessageAttributeValue::string(value).unwrap());
    }
    if let Some(header) = header {
        let value = MessageSystemAttributeValue::builder()
            .data_type("String")
            .string_value(header);
        input = input.message_system_attributes(SystemName::AwsTraceHeader, value.build().unwrap());
    }
    let mut input = input.build().unwrap();

    let fields = fields();
    let mut injection = Injection::new(&fields, options);
    SendMessage::inject(&mut input, &mut injection);

    let attributes = input.message_attributes.unwrap_or_default();
    assert!(attributes.len() <= 10);
    let value = |name: &str| attributes.get(name)?.string_value();
    for (name, text) in own {
        assert_eq!(
            value(name),
            Some(*text),
            "the sender's own attribute changed"
        );
    }
    let system = input.message_system_attributes.unwrap_or_default();
    let found = system
        .get(&SystemName::AwsTraceHeader)
        .and_then(|value| value.string_value());
    assert!(found.is_none() || found == header || (header.is_none() && found == Some(HEADER)));

    let all = [
        (TRACEPARENT, PARENT),
        (TRACESTATE, "dd=s:1"),
        ("baggage", "tenant=acme"),
    ];
    let added = all
        .into_iter()
        .filter(|(name, text)| value(name) == Some(text));
    let mut added: Vec<_> = added.map(|(name, _)| name).collect();
    added.extend((found == Some(HEADER)).then_some("AWSTraceHeader"));
    assert_eq!((injection.left_out, added.as_slice()), expected);
}

fn own(count: usize) -> Vec<(&'static str, &'static str)> {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    names
        .into_iter()
        .map(|name| (name, "x"))
        .take(count)
        .collect()
}

const ALL: &[&str] = &["traceparent", "tracestate", "baggage", "AWSTraceHeader"];

#[test]
fn the_ten_attributes() {
    let options = Options::default();
    check(&own(0), None, 1, options, (0, ALL));
    check(&own(7), None, 1, options, (0, ALL));
    check(
        &own(8),
        None,
        1,
        options,
        (0, &["traceparent", "tracestate", "AWSTraceHeader"]),
    );
    check(
        &own(9),
        None,
        1,
        options,
        (0, &["traceparent", "AWSTraceHeader"]),
    );
    check(&own(10), None, 1, options, (0, &["AWSTraceHeader"]));
    check(&own(10), Some("Root=own"), 1, options, (1, &[]));
}

#[test]
fn what_the_sender_set_stays() {
    let options = Options::default();
    let own = [(TRACEPARENT, "own"), (TRACESTATE, "mine=1")];
    check(&own, None, 1, options, (0, &[]));
    check(
        &own[1..],
        None,
        1,
        options,
        (0, &["traceparent", "baggage", "AWSTraceHeader"]),
    );
    check(
        &[],
        Some("Root=own"),
        1,
        options,
        (0, &["traceparent", "tracestate", "baggage"]),
    );
}

#[test]
fn the_size_limits() {
    let of = |max_message_bytes| Options {
        max_message_bytes,
        ..Options::default()
    };
    let limits = MESSAGE_LIMITS_BYTES.iter().map(|limit| (*limit, of(None)));
    for (limit, options) in limits.chain([(100_000, of(Some(100_000)))]) {
        check(&[], None, limit - ALL_BYTES, options, (0, ALL));
        let two = PARENT_BYTES + STATE_BYTES;
        check(
            &[],
            None,
            limit - two,
            options,
            (0, &["traceparent", "tracestate", "AWSTraceHeader"]),
        );
        let room = limit - PARENT_BYTES;
        check(
            &[],
            None,
            room,
            options,
            (0, &["traceparent", "AWSTraceHeader"]),
        );
        check(&[], None, room + 1, options, (0, &["AWSTraceHeader"]));
        check(&[], None, limit, options, (0, &["AWSTraceHeader"]));
        check(&[], Some("Root=own"), limit, options, (1, &[]));
    }
    // Refused with us and without us.
    check(&[], None, 1_048_577, Options::default(), (0, ALL));
}
