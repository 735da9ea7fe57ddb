//! `notification`: sends the mails, ten messages at a time. Some addresses bounce: their messages are tried again, then end in the
//! dead-letter queue.

use anyhow::{Context as _, Result, bail};
use baton_propagators::lambda::{SqsMessage, TraceLayer, each_message};
use checkout_telemetry::{Telemetry, in_span};
use lambda_runtime::Runtime;
use opentelemetry::KeyValue;
use serde::Deserialize;

#[derive(Deserialize)]
struct Mail {
    order_id: String,
    user_id: String,
    email: String,
}

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let telemetry = Telemetry::start("notification")?;
    Runtime::new(each_message(handle))
        .layer(TraceLayer::new(telemetry.tracer(), move || {
            telemetry.clone().flush()
        }))
        .run()
        .await
}

async fn handle(message: SqsMessage) -> Result<()> {
    let mail: Mail = message.json().context("the message holds no mail")?;
    let attributes = [
        KeyValue::new("order.id", mail.order_id.clone()),
        KeyValue::new("user.id", mail.user_id.clone()),
    ];
    in_span("notification.send_email", attributes, send(&mail)).await
}

/// Stands for a mail provider: the domain `bounce.example` has no mailboxes.
async fn send(mail: &Mail) -> Result<()> {
    match mail.email.split_once('@') {
        Some((_, "bounce.example")) => bail!("550 mailbox unavailable: {}", mail.email),
        Some(_) => Ok(()),
        None => bail!("`{}` is no mail address", mail.email),
    }
}
