use super::*;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const HEADER: &str = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1";

/// What a message with so many attributes becomes: what was done, and the three values that stand there then.
#[track_caller]
fn check(
    before: &[(&str, &str)],
    header: Option<&str>,
    body_bytes: usize,
    placed: Placed,
    after: [Option<&str>; 3],
) {
    let value = |text: &str| {
        MessageAttributeValue::builder()
            .data_type("String")
            .string_value(text)
            .build()
            .unwrap()
    };
    let mut attributes = Some(
        before
            .iter()
            .map(|(name, text)| ((*name).to_owned(), value(text)))
            .collect::<Attributes>(),
    );
    let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
    let mut system = header.map(|header| {
        let value = MessageSystemAttributeValue::builder()
            .data_type("String")
            .string_value(header)
            .build()
            .unwrap();
        SystemAttributes::from([(name.clone(), value)])
    });

    let context = TraceContext::parse(PARENT, Some("dd=s:1")).unwrap();
    let draft = Draft {
        body_bytes,
        attributes: &mut attributes,
        system: &mut system,
    };
    let mut bytes = draft.bytes();
    assert_eq!(inject(&context, draft, &mut bytes), placed);

    let attributes = attributes.unwrap();
    let attribute = |name| {
        attributes
            .get(name)
            .and_then(MessageAttributeValue::string_value)
    };
    let header = system
        .as_ref()
        .and_then(|system| system.get(&name)?.string_value());
    assert_eq!(
        [attribute(TRACEPARENT), attribute(TRACESTATE), header],
        after
    );
    assert!(attributes.len() <= 10);
    for (name, text) in before {
        assert_eq!(
            attribute(name),
            Some(*text),
            "the sender's own attribute changed"
        );
    }
}

fn own(count: usize) -> Vec<(&'static str, &'static str)> {
    ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
        .into_iter()
        .map(|name| (name, "x"))
        .take(count)
        .collect()
}

#[test]
fn the_ten_attributes() {
    check(
        &own(0),
        None,
        1,
        Placed::Attributes,
        [Some(PARENT), Some("dd=s:1"), None],
    );
    check(
        &own(8),
        None,
        1,
        Placed::Attributes,
        [Some(PARENT), Some("dd=s:1"), None],
    );
    check(
        &own(9),
        None,
        1,
        Placed::Attributes,
        [Some(PARENT), None, None],
    );
    check(
        &own(10),
        None,
        1,
        Placed::AwsTraceHeader,
        [None, None, Some(HEADER)],
    );
    check(
        &own(10),
        Some("Root=own"),
        1,
        Placed::LeftOut,
        [None, None, Some("Root=own")],
    );
}

#[test]
fn what_the_sender_set_stays() {
    let own = [(TRACEPARENT, "own"), (TRACESTATE, "mine=1")];
    check(
        &own,
        None,
        1,
        Placed::AlreadyThere,
        [Some("own"), Some("mine=1"), None],
    );
    check(
        &own[1..],
        None,
        1,
        Placed::Attributes,
        [Some(PARENT), Some("mine=1"), None],
    );
    check(
        &[],
        Some("Root=own"),
        1,
        Placed::Attributes,
        [Some(PARENT), Some("dd=s:1"), Some("Root=own")],
    );
}

#[test]
fn the_size_limits() {
    let state_bytes = TRACESTATE.len() + "String".len() + "dd=s:1".len();
    for limit in SIZE_LIMITS_BYTES {
        let room = limit - TRACEPARENT_BYTES;
        check(
            &[],
            None,
            room - state_bytes,
            Placed::Attributes,
            [Some(PARENT), Some("dd=s:1"), None],
        );
        check(
            &[],
            None,
            room,
            Placed::Attributes,
            [Some(PARENT), None, None],
        );
        check(
            &[],
            None,
            room + 1,
            Placed::AwsTraceHeader,
            [None, None, Some(HEADER)],
        );
        check(
            &[],
            None,
            limit,
            Placed::AwsTraceHeader,
            [None, None, Some(HEADER)],
        );
    }
    // Refused with us and without us.
    check(
        &[],
        None,
        1_048_577,
        Placed::Attributes,
        [Some(PARENT), Some("dd=s:1"), None],
    );
}
