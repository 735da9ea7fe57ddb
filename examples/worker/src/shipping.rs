//! The work itself.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use aws_sdk_sqs::types::Message;
use serde::Deserialize;
use serde_json::json;

/// What the queue brings: `{"order": 7}`.
#[derive(Debug, Deserialize)]
struct Order {
    order: u64,
    /// How long shipping takes.
    #[serde(default)]
    takes_ms: u64,
    /// Nobody lives there: an order that can never be shipped.
    #[serde(default)]
    no_address: bool,
}

/// Ships one order, and prints a line about it.
///
/// The same order may come twice, as ever with SQS. A shop would look up whether it was shipped; here it is just another line.
pub(crate) async fn ship(message: Message) -> Result<()> {
    let body = message.body().context("the message is empty")?;
    let order: Order = serde_json::from_str(body).context("the message is no order")?;
    ensure!(!order.no_address, "order {} has no address", order.order);
    let line = |what: &str| {
        println!(
            "{}",
            json!({ what: order.order, "message_id": message.message_id() })
        )
    };
    if order.takes_ms > 0 {
        line("shipping");
        tokio::time::sleep(Duration::from_millis(order.takes_ms)).await;
    }
    line("shipped");
    Ok(())
}
