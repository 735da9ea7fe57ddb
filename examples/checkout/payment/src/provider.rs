//! The client of the payment provider. One line traces it.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use baton_propagators::http_client::HttpTracing;
use reqwest::Url;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use serde_json::json;

#[derive(Clone)]
pub(crate) struct Provider {
    client: ClientWithMiddleware,
    charges: Url,
}

impl Provider {
    pub(crate) fn new(base: &str, tracing: HttpTracing) -> Result<Self> {
        let charges = Url::parse(base).and_then(|base| base.join("/v1/charges"));
        let charges = charges.with_context(|| format!("`PAYMENT_PROVIDER_URL` is `{base}`, expected a URL such as `https://payments.example`"))?;
        // No connection is kept between invocations: a frozen environment cannot see that the other side closed it.
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(10))
            .pool_max_idle_per_host(0)
            .build()?;
        let client = ClientBuilder::new(client).with(tracing).build();
        Ok(Self { client, charges })
    }

    /// Charges a card.
    pub(crate) async fn charge(&self, card_brand: &str, amount_cents: u64) -> Result<()> {
        let request = self
            .client
            .post(self.charges.clone())
            .json(&json!({ "card_brand": card_brand, "amount_cents": amount_cents }));
        let response = request.send().await;
        let response = response.context("the payment provider gave no answer")?;
        if !response.status().is_success() {
            bail!("the payment provider answered {}", response.status());
        }
        Ok(())
    }
}
