//! The client of the payment provider, with a CLIENT span for each call after the HTTP conventions
//! (<https://opentelemetry.io/docs/specs/semconv/http/http-spans/>).

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use baton_propagators::context::TraceContext;
use checkout_telemetry::in_span_of_kind;
use opentelemetry::trace::{SpanKind, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use reqwest::Url;
use serde_json::json;

#[derive(Clone)]
pub(crate) struct Provider {
    client: reqwest::Client,
    charges: Url,
}

impl Provider {
    pub(crate) fn new(base: &str) -> Result<Self> {
        let charges = Url::parse(base).and_then(|base| base.join("/v1/charges"));
        let charges = charges.with_context(|| format!("`PAYMENT_PROVIDER_URL` is `{base}`, expected a URL such as `https://payments.example`"))?;
        // No connection is kept between invocations: a frozen environment cannot see that the other side closed it.
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(10))
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client, charges })
    }

    /// Charges a card.
    pub(crate) async fn charge(&self, card_brand: &str, amount_cents: u64) -> Result<()> {
        let attributes = [
            KeyValue::new("http.request.method", "POST"),
            KeyValue::new("url.full", self.charges.to_string()),
            KeyValue::new(
                "server.address",
                self.charges.host_str().unwrap_or_default().to_owned(),
            ),
            KeyValue::new(
                "server.port",
                i64::from(self.charges.port_or_known_default().unwrap_or(80)),
            ),
        ];
        in_span_of_kind(
            SpanKind::Client,
            "POST",
            attributes,
            self.post(card_brand, amount_cents),
        )
        .await
    }

    async fn post(&self, card_brand: &str, amount_cents: u64) -> Result<()> {
        let current = Context::current();
        let span = current.span();
        let mut request = self
            .client
            .post(self.charges.clone())
            .json(&json!({ "card_brand": card_brand, "amount_cents": amount_cents }));
        if let Some(context) = TraceContext::from_span_context(span.span_context()) {
            request = request.header("traceparent", context.traceparent().to_string());
        }
        let status = request
            .send()
            .await
            .context("the payment provider gave no answer")?
            .status();
        span.set_attribute(KeyValue::new(
            "http.response.status_code",
            i64::from(status.as_u16()),
        ));
        if !status.is_success() {
            bail!("the payment provider answered {status}");
        }
        Ok(())
    }
}
