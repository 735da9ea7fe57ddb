//! What came with the event goes along with what the handler sends.

use serde_json::{Value, json};

use super::{event, fixture, messages, request};
use crate::runtime_api::{Call, Event, invoke};

const LINEAGE: &str = "Root=1-64d38018-6a56d23a731e0cbe6ed85687;Parent=1e4dbd311c45e826;Sampled=0;Lineage=1:fe460cdd:0";

/// The fields that a client inside of the handler would send.
async fn sent(event: Event) -> Value {
    sent_by("function::handing_on", event).await
}

async fn sent_by(function: &str, event: Event) -> Value {
    let calls = invoke(function, &[event]).await;
    let answer = calls.iter().find_map(|call| match call {
        Call::Response(body) => Some(serde_json::from_str(body).unwrap()),
        _ => None,
    });
    answer.unwrap_or_else(|| panic!("no response: {calls:#?}"))
}

#[tokio::test]
async fn tracestate() {
    let sent = sent(request("/checkout")).await;
    assert_eq!(sent["tracestate"], "congo=t61rcWkgMzE");
}

#[tokio::test]
async fn baggage() {
    let mut body = fixture("function-url");
    body["headers"]["baggage"] = "tenant=acme".into();
    assert_eq!(sent(event(&body)).await["baggage"], "tenant=acme");
}

/// Lambda stops endless loops by it.
#[tokio::test]
async fn lineage() {
    let event = Event {
        trace_id: Some(LINEAGE),
        ..event(&json!({}))
    };
    let sent = sent(event).await;
    let header = sent["x-amzn-trace-id"].as_str().unwrap();
    assert!(
        header.ends_with(";Sampled=1;Lineage=1:fe460cdd:0"),
        "{header}"
    );
}

/// What a message brings, where the runtime has none; that of the runtime is newer.
#[tokio::test]
async fn lineage_of_messages() {
    let mut body = messages(2);
    for record in body["Records"].as_array_mut().unwrap() {
        record["attributes"]["AWSTraceHeader"] =
            "Root=1-64d38018-6a56d23a731e0cbe6ed85687;Lineage=a87bd80c:1".into();
    }
    let one = json!({"Records": [body["Records"][0]]});
    for (function, body) in [
        ("function::handing_on", &one),
        ("function::handing_on_from_a_batch", &body),
    ] {
        for (trace_id, expected) in [
            (None, ";Sampled=1;Lineage=a87bd80c:1"),
            (Some(LINEAGE), ";Sampled=1;Lineage=1:fe460cdd:0"),
        ] {
            let event = Event {
                trace_id,
                ..event(body)
            };
            let sent = sent_by(function, event).await;
            let header = sent["x-amzn-trace-id"].as_str().unwrap();
            assert!(header.ends_with(expected), "{function}: {header}");
        }
    }
}

/// The same where Baton's extension made the span: its ids, and all the rest of the event.
#[tokio::test]
async fn beside_the_extension() {
    let mut body = fixture("function-url");
    body["headers"]["baggage"] = "tenant=acme".into();
    let event = Event {
        trace_id: Some(LINEAGE),
        headers: vec![(
            "baton-span",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-53995c3f42cd8ad8-01",
        )],
        ..event(&body)
    };
    assert_eq!(
        sent(event).await,
        json!({
            "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-53995c3f42cd8ad8-01",
            "tracestate": "congo=t61rcWkgMzE",
            "baggage": "tenant=acme",
            "x-amzn-trace-id": "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:fe460cdd:0",
        })
    );
}
