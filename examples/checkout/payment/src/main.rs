//! `payment`: charges the card at the payment provider and asks for the shipment.

mod provider;

use anyhow::{Context as _, Result};
use aws_sdk_sqs::Client;
use baton_propagators::http_client::HttpTracing;
use baton_propagators::lambda::{SqsMessage, TraceLayer, each_message};
use checkout_telemetry::{Telemetry, in_span, setting};
use lambda_runtime::Runtime;
use opentelemetry::KeyValue;
use serde::Deserialize;

use provider::Provider;

#[derive(Deserialize)]
struct Order {
    order_id: String,
    user_id: String,
    card_brand: String,
    amount_cents: u64,
}

#[derive(Clone)]
struct Payment {
    sqs: Client,
    shipments: String,
    provider: Provider,
}

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let telemetry = Telemetry::start("payment")?;
    let traced = HttpTracing::new(telemetry.tracer());
    let provider = Provider::new(&setting("PAYMENT_PROVIDER_URL")?, traced)?;
    let payment = Payment {
        sqs: telemetry.sqs().await,
        shipments: setting("SHIPMENTS_QUEUE_URL")?,
        provider,
    };
    let handler = each_message(move |message| {
        let payment = payment.clone();
        async move { payment.handle(message).await }
    });
    Runtime::new(handler)
        .layer(TraceLayer::new(telemetry.tracer(), move || {
            telemetry.clone().flush()
        }))
        .run()
        .await
}

impl Payment {
    async fn handle(&self, message: SqsMessage) -> Result<()> {
        let order: Order = message.json().context("the message holds no order")?;
        let attributes = [
            KeyValue::new("order.id", order.order_id.clone()),
            KeyValue::new("user.id", order.user_id.clone()),
            KeyValue::new("payment.card_brand", order.card_brand.clone()),
            KeyValue::new(
                "payment.amount_cents",
                i64::try_from(order.amount_cents).unwrap_or(i64::MAX),
            ),
        ];
        let charge = self.provider.charge(&order.card_brand, order.amount_cents);
        in_span("payment.charge_card", attributes, charge).await?;
        let send = self
            .sqs
            .send_message()
            .queue_url(&self.shipments)
            .message_body(message.body);
        send.send()
            .await
            .context("the shipment could not be queued")?;
        Ok(())
    }
}
