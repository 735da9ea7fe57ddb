//! `shipping`: makes the label and asks for the mail that says so.

use anyhow::{Context as _, Result};
use aws_sdk_sqs::Client;
use baton_propagators::lambda::{SqsMessage, TraceLayer, each_message};
use checkout_telemetry::{Telemetry, in_span, setting};
use lambda_runtime::Runtime;
use opentelemetry::KeyValue;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Order {
    order_id: String,
    user_id: String,
    email: String,
}

#[derive(Clone)]
struct Shipping {
    sqs: Client,
    notifications: String,
}

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let telemetry = Telemetry::start("shipping")?;
    let shipping = Shipping {
        sqs: telemetry.sqs().await,
        notifications: setting("NOTIFICATIONS_QUEUE_URL")?,
    };
    let handler = each_message(move |message| {
        let shipping = shipping.clone();
        async move { shipping.handle(message).await }
    });
    Runtime::new(handler)
        .layer(TraceLayer::new(telemetry.tracer(), move || {
            telemetry.clone().flush()
        }))
        .run()
        .await
}

impl Shipping {
    async fn handle(&self, message: SqsMessage) -> Result<()> {
        let order: Order = message.json().context("the message holds no order")?;
        let attributes = [
            KeyValue::new("order.id", order.order_id.clone()),
            KeyValue::new("user.id", order.user_id.clone()),
        ];
        let label = in_span("shipping.create_label", attributes, async {
            label(&order.order_id)
        })
        .await?;
        let mail = json!({ "order_id": order.order_id, "user_id": order.user_id, "email": order.email, "label": label });
        let send = self
            .sqs
            .send_message()
            .queue_url(&self.notifications)
            .message_body(mail.to_string());
        send.send()
            .await
            .context("the notification could not be queued")?;
        Ok(())
    }
}

/// The parcel number: the order's last characters, in capitals.
fn label(order_id: &str) -> Result<String> {
    let start = order_id
        .char_indices()
        .rev()
        .nth(9)
        .map(|(at, _)| at)
        .context("the order's id has fewer than ten characters")?;
    Ok(format!(
        "PARCEL-{}",
        order_id.split_at(start).1.to_uppercase()
    ))
}
