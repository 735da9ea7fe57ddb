//! Users who shop: each sends its checkouts one after the other, all users at once.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::stream::{self, StreamExt, TryStreamExt};
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};

/// One checkout, as the shop's web page posts it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Whose it is.
    pub user_id: String,
    /// Where the mail about it goes.
    pub email: String,
    /// Brand of the card it is paid with.
    pub card_brand: String,
    /// What is bought.
    pub lines: Vec<Line>,
}

/// One line of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Article.
    pub sku: String,
    /// How many.
    pub quantity: u32,
    /// Price of one.
    pub price_cents: u64,
}

impl Order {
    /// The `n`th order of the example. One in four pays with the slow brand, one in 41 has a mail address that bounces, and orders have
    /// three to twelve lines.
    #[must_use]
    pub fn example(n: usize, users: usize) -> Self {
        let user = n % users.max(1);
        let domain = if n % 41 == 7 {
            "bounce.example"
        } else {
            "shop.example"
        };
        let card_brand = match (n + n / users.max(1)) % 4 {
            1 => "mastercard",
            2 => "amex",
            _ => "visa",
        };
        let line = |line| Line {
            sku: format!("sku-{:03}", (n * 7 + line * 13) % 500),
            quantity: 1,
            price_cents: 1_999,
        };
        Self {
            user_id: format!("usr_{user:05}"),
            email: format!("user{user}@{domain}"),
            card_brand: card_brand.to_owned(),
            lines: (0..3 + n % 10).map(line).collect(),
        }
    }
}

/// Sends `count` orders from `users` users and returns how many were accepted.
pub(crate) async fn shop(
    url: &str,
    count: usize,
    users: usize,
    on_checkout: impl Fn(),
) -> Result<usize> {
    let client = reqwest::Client::new();
    let users = users.max(1);
    let sessions = (0..users).map(|user| {
        let (client, on_checkout) = (&client, &on_checkout);
        async move {
            let mut accepted = 0;
            for n in (user..count).step_by(users) {
                checkout(client, url, &Order::example(n, users)).await?;
                accepted += 1;
                on_checkout();
            }
            Ok::<_, anyhow::Error>(accepted)
        }
    });
    stream::iter(sessions)
        .buffer_unordered(users)
        .try_fold(0, |sum, accepted| async move { Ok(sum + accepted) })
        .await
}

async fn checkout(client: &reqwest::Client, url: &str, order: &Order) -> Result<()> {
    let url = format!("{}/checkout", url.trim_end_matches('/'));
    loop {
        let request = client.post(&url).json(order);
        let answer = request
            .send()
            .await
            .with_context(|| format!("no answer from `{url}`"))?;
        match answer.status() {
            status if status.is_success() => return Ok(()),
            // Every environment is busy: a browser's user would press the button again.
            StatusCode::TOO_MANY_REQUESTS => tokio::time::sleep(Duration::from_millis(50)).await,
            status => {
                let text = answer.text().await.unwrap_or_default();
                bail!(
                    "the checkout of `{}` was answered with {status}: {text}",
                    order.user_id
                )
            }
        }
    }
}
