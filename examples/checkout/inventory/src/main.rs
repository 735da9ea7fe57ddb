//! `inventory`: reserves what an order needs and asks for the payment.

mod stock;

use anyhow::{Context as _, Result};
use aws_sdk_sqs::Client;
use baton_propagators::lambda::{SqsMessage, TraceLayer, each_message};
use checkout_telemetry::{Telemetry, in_span, setting};
use lambda_runtime::Runtime;
use opentelemetry::KeyValue;
use serde::Deserialize;

use stock::Stock;

#[derive(Deserialize)]
struct Order {
    order_id: String,
    user_id: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    sku: String,
    quantity: i64,
}

#[derive(Clone)]
struct Inventory {
    sqs: Client,
    payments: String,
    stock: Stock,
}

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let telemetry = Telemetry::start("inventory")?;
    let stock = Stock::open(&setting("INVENTORY_DB")?).await?;
    let inventory = Inventory {
        sqs: telemetry.sqs().await,
        payments: setting("PAYMENTS_QUEUE_URL")?,
        stock,
    };
    let handler = each_message(move |message| {
        let inventory = inventory.clone();
        async move { inventory.handle(message).await }
    });
    Runtime::new(handler)
        .layer(TraceLayer::new(telemetry.tracer(), move || {
            telemetry.clone().flush()
        }))
        .run()
        .await
}

impl Inventory {
    async fn handle(&self, message: SqsMessage) -> Result<()> {
        let order: Order = message.json().context("the message holds no order")?;
        let attributes = [
            KeyValue::new("order.id", order.order_id.clone()),
            KeyValue::new("user.id", order.user_id.clone()),
        ];
        in_span("inventory.reserve_items", attributes, self.reserve(&order)).await?;
        self.sqs
            .send_message()
            .queue_url(&self.payments)
            .message_body(message.body)
            .send()
            .await
            .context("the payment could not be queued")?;
        Ok(())
    }

    /// One query per order line: the N+1 that the demo finds. A single `WHERE sku IN (…)` would do.
    async fn reserve(&self, order: &Order) -> Result<()> {
        for line in &order.lines {
            let available = self.stock.available(&line.sku).await?;
            anyhow::ensure!(
                available >= line.quantity,
                "`{}` is out of stock: {available} left, {} ordered",
                line.sku,
                line.quantity
            );
        }
        self.stock
            .reserve(
                &order.order_id,
                order.lines.iter().map(|line| line.quantity).sum(),
            )
            .await
    }
}
