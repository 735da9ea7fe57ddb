//! The way through a running `baton serve`.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{QueryError, Rows};
use crate::http_client;

/// How long a `serve` may take to say that it is there.
const HELLO: Duration = Duration::from_secs(2);

/// A `baton serve` that answers.
#[derive(Debug)]
pub(super) struct Served {
    address: String,
    token: String,
    client: reqwest::Client,
}

/// What `PATH.serve.json` holds, as far as a reader needs it.
#[derive(Deserialize)]
struct ServeFile {
    address: String,
    token: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Served {
    /// The `serve` that `file` tells of, if there is one and it answers: a file may outlive its process.
    pub(super) async fn find(file: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(file).ok()?;
        let ServeFile { address, token } = serde_json::from_str(&text).ok()?;
        let client = http_client::builder().connect_timeout(HELLO).build().ok()?;
        let served = Self {
            address,
            token,
            client,
        };
        let hello = tokio::time::timeout(HELLO, served.query("SELECT 1", &[])).await;
        matches!(hello, Ok(Ok(_))).then_some(served)
    }

    pub(super) async fn query(&self, sql: &str, params: &[Value]) -> Result<Rows, QueryError> {
        let lost = |source| QueryError::Served {
            address: self.address.clone(),
            source,
        };
        let request = self
            .client
            .post(format!("http://{}/v1/sql", self.address))
            .bearer_auth(&self.token);
        let response = request
            .json(&json!({"sql": sql, "params": params}))
            .send()
            .await
            .map_err(lost)?;
        let status = response.status();
        let body = response.bytes().await.map_err(lost)?;
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|error| QueryError::Result(error.to_string()));
        }
        match serde_json::from_slice::<Refusal>(&body) {
            Ok(Refusal { error: message }) if status.as_u16() == 400 => {
                Err(QueryError::Sql { message })
            }
            refusal => Err(QueryError::Answer {
                address: self.address.clone(),
                status: status.as_u16(),
                message: refusal.map_or_else(
                    |_| String::from_utf8_lossy(&body).trim().to_owned(),
                    |refusal| refusal.error,
                ),
            }),
        }
    }
}
