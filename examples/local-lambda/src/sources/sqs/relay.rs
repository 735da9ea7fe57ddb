//! Events of SNS and EventBridge that come through a queue.
//!
//! On Lambda both services invoke the function themselves. Here their topic or rule has a queue as its target, on the same
//! server, and what lies in the queue becomes the event that the service would have sent:
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html>,
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html>.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::event::{Received, payload};
use crate::config::Relay;

/// The event of a batch; what came through a relay is a batch of one.
pub(super) fn event(relay: Relay, batch: &[Received]) -> Result<Bytes, String> {
    match (relay, batch) {
        (Relay::EventBridge, [only]) => {
            let event = object(&only.body)?;
            if !event.contains_key("detail-type") {
                return Err("it has no `detail-type`".to_owned());
            }
            // Byte for byte: numbers and the order of fields are the sender's.
            Ok(Bytes::from(only.body.clone()))
        }
        (Relay::Sns, [only]) => sns(object(&only.body)?),
        (Relay::None | Relay::EventBridge | Relay::Sns, _) => Ok(payload(batch)),
    }
}

fn object(body: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(body).map_err(|error| format!("it is no JSON object: {error}"))
}

/// The envelope of a subscription without raw delivery, in the spelling of Lambda's event.
fn sns(mut envelope: Map<String, Value>) -> Result<Bytes, String> {
    let topic = envelope.get("TopicArn").and_then(Value::as_str);
    let topic = topic.ok_or("it is no notification of SNS; raw delivery cannot be told apart")?;
    let subscription = format!("{topic}:00000000-0000-0000-0000-000000000000");
    let renamed = [
        ("SigningCertURL", "SigningCertUrl"),
        ("UnsubscribeURL", "UnsubscribeUrl"),
    ];
    for (from, to) in renamed {
        if let Some(value) = envelope.remove(from) {
            envelope.insert(to.to_owned(), value);
        }
    }
    // Lambda shows both, empty or not.
    envelope.entry("Subject").or_insert(Value::Null);
    envelope.entry("MessageAttributes").or_insert(json!({}));
    let event = json!({"Records": [{
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
        "Sns": envelope,
    }]});
    Ok(Bytes::from(event.to_string()))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn of(relay: Relay, body: &str) -> Result<String, String> {
        let received = Received::of_body(body);
        event(relay, &[received]).map(|event| String::from_utf8(event.to_vec()).unwrap())
    }

    #[test]
    fn a_notification_becomes_the_event_of_sns() {
        let body = r#"{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:us-east-1:000000000000:placed","Message":"hi","UnsubscribeURL":"http://x","MessageAttributes":{"traceparent":{"Type":"String","Value":"00-ab"}}}"#;
        expect![[r#"{"Records":[{"EventSource":"aws:sns","EventSubscriptionArn":"arn:aws:sns:us-east-1:000000000000:placed:00000000-0000-0000-0000-000000000000","EventVersion":"1.0","Sns":{"Message":"hi","MessageAttributes":{"traceparent":{"Type":"String","Value":"00-ab"}},"MessageId":"m","Subject":null,"TopicArn":"arn:aws:sns:us-east-1:000000000000:placed","Type":"Notification","UnsubscribeUrl":"http://x"}}]}"#]]
            .assert_eq(&of(Relay::Sns, body).unwrap());
    }

    #[test]
    fn an_event_of_a_bus_is_left_as_it_is() {
        let body = r#"{"version":"0", "detail-type":"Placed", "detail":{"n":1.0}}"#;
        assert_eq!(of(Relay::EventBridge, body).as_deref(), Ok(body));
    }

    #[test]
    fn anything_else_is_refused() {
        for (relay, body) in [
            (Relay::Sns, "raw"),
            (Relay::Sns, "{}"),
            (Relay::EventBridge, "[]"),
            (Relay::EventBridge, r#"{"detail":{}}"#),
        ] {
            assert!(of(relay, body).is_err(), "{relay:?} {body}");
        }
    }
}
