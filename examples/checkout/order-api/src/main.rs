//! `order-api`: takes a checkout over HTTP and puts the order into the queue `orders`.

use anyhow::{Context as _, Result};
use aws_sdk_sqs::Client;
use baton_propagators::lambda::{TraceLayer, traced};
use checkout_telemetry::{Telemetry, in_span, setting};
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use opentelemetry::KeyValue;
use serde::Deserialize;
use serde_json::{Value, json};

/// What this function needs of a Function URL or API Gateway event.
#[derive(Deserialize)]
struct HttpRequest {
    #[serde(default)]
    body: Option<String>,
}

#[derive(Clone)]
struct OrderApi {
    sqs: Client,
    orders: String,
}

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let telemetry = Telemetry::start("order-api")?;
    let api = OrderApi {
        sqs: telemetry.sqs().await,
        orders: setting("ORDERS_QUEUE_URL")?,
    };
    let handler = service_fn(move |event: LambdaEvent<HttpRequest>| {
        let api = api.clone();
        async move { Ok::<_, lambda_runtime::Error>(api.checkout(event.payload).await) }
    });
    Runtime::new(traced(handler))
        .layer(TraceLayer::new(telemetry.tracer(), move || {
            telemetry.clone().flush()
        }))
        .run()
        .await
}

impl OrderApi {
    async fn checkout(&self, request: HttpRequest) -> Value {
        let Some(mut order) = request
            .body
            .and_then(|body| serde_json::from_str::<Value>(&body).ok())
        else {
            return answer(400, &json!({ "error": "the body is no order in JSON" }));
        };
        let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
        let order_id = format!("ord_{high:016x}");
        let user_id = order
            .get("user_id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let attributes = [
            KeyValue::new("order.id", order_id.clone()),
            KeyValue::new("user.id", user_id),
        ];
        if let Some(fields) = order.as_object_mut() {
            fields.insert("order_id".to_owned(), json!(order_id));
        }
        match in_span("checkout.process", attributes, self.process(order)).await {
            Ok(()) => answer(202, &json!({ "order_id": order_id })),
            Err(error) => answer(500, &json!({ "error": error.to_string() })),
        }
    }

    async fn process(&self, mut order: Value) -> Result<()> {
        let lines = order
            .get("lines")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        let amount = in_span(
            "checkout.validate_cart",
            [KeyValue::new("cart.item_count", count)],
            async { validate(&lines) },
        )
        .await?;
        if let Some(fields) = order.as_object_mut() {
            fields.insert("amount_cents".to_owned(), json!(amount));
        }
        let send = self
            .sqs
            .send_message()
            .queue_url(&self.orders)
            .message_body(order.to_string());
        send.send().await.context("the order could not be queued")?;
        Ok(())
    }
}

/// The price of a cart.
fn validate(lines: &[Value]) -> Result<u64> {
    anyhow::ensure!(!lines.is_empty(), "the cart is empty");
    let cents = |line: &Value, key: &str| line.get(key).and_then(Value::as_u64);
    let prices = lines
        .iter()
        .map(|line| Some(cents(line, "price_cents")? * cents(line, "quantity")?));
    prices
        .sum::<Option<u64>>()
        .context("a line of the cart has no price or no quantity")
}

fn answer(status: u16, body: &Value) -> Value {
    json!({ "statusCode": status, "headers": { "content-type": "application/json" }, "body": body.to_string() })
}
