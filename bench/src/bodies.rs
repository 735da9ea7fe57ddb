//! SQS events of ten messages whose context is in other places than in an attribute, or nowhere.

use serde_json::json;

use crate::inputs::{self, TRACEPARENT};

const HEADER: &str = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1";

/// The metric of each shape, its event, and how many contexts are in it.
pub(crate) fn shapes(body_bytes: usize) -> [(&'static str, Vec<u8>, usize); 6] {
    let line = json!({ "sku": "SKU-000417", "name": "Kettle \"Nordlys\" 1.7 l", "quantity": 2, "price_cents": 4990 });
    let lines = vec![line.clone(); body_bytes / (line.to_string().len() + 1)];
    let order = json!({ "order": "o-20260401-000417", "lines": lines });
    let traced = json!({ "lines": lines, "_trace": { "traceparent": TRACEPARENT } });
    let placed = json!({
        "version": "0", "id": "7bf73129-1428-4cd3-a780-95db273d1602", "detail-type": "OrderPlaced", "source": "shop",
        "account": "123456789012", "time": "2026-04-01T12:00:00Z", "region": "us-east-1", "resources": [], "detail": traced
    });
    // A string in a string: the message of a topic is escaped twice.
    let notification = json!({
        "Type": "Notification", "MessageId": "dc1e94d9-56c5-5e96-808d-cc7f68faa162", "Message": order.to_string(),
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:placed", "Timestamp": "2026-04-01T12:00:00.000Z",
        "MessageAttributes": { "traceparent": { "Type": "String", "Value": TRACEPARENT } }
    });
    let event = |body: &str, header| inputs::event(10, body, &json!({}), header);
    let prose = "A kettle that boils in two minutes and keeps its word. ".repeat(body_bytes / 55);
    [
        ("sqs10_escaped_ratio", event(&order.to_string(), None), 0),
        (
            "sqs10_header_ratio",
            event(&order.to_string(), Some(HEADER)),
            10,
        ),
        ("sqs10_body_ratio", event(&traced.to_string(), None), 10),
        (
            "sqs10_eventbridge_ratio",
            event(&placed.to_string(), None),
            10,
        ),
        (
            "sqs10_sns_ratio",
            event(&notification.to_string(), None),
            10,
        ),
        ("sqs10_text_ratio", event(&prose, Some(HEADER)), 10),
    ]
}
