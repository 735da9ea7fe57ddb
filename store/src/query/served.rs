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
    pid: u32,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Served {
    /// The `serve` that `file` tells of, if it is the process that holds the store and it answers: a file may outlive its process.
    pub(super) async fn find(file: &Path, holder_pid: Option<u32>) -> Option<Self> {
        let text = std::fs::read_to_string(file).ok()?;
        let ServeFile {
            address,
            token,
            pid,
        } = serde_json::from_str(&text).ok()?;
        if holder_pid.is_some_and(|holder_pid| holder_pid != pid) {
            return None;
        }
        let client = http_client::builder().connect_timeout(HELLO).build().ok()?;
        let served = Self {
            address,
            token,
            client,
        };
        served.answers().await.then_some(served)
    }

    /// Not by a query, which may have to wait for others, and without the token, which belongs to a `serve` alone.
    async fn answers(&self) -> bool {
        let hello = self.client.get(format!("http://{}/healthz", self.address));
        let hello = hello.timeout(HELLO).send().await;
        hello.is_ok_and(|hello| hello.status().is_success())
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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::http::{HeaderMap, StatusCode};
    use axum::routing::{get, post};

    /// Its places for queries are taken: no answer to one, but it is there. The token is for queries alone.
    #[tokio::test]
    async fn a_busy_serve_is_found() {
        let hello = async |headers: HeaderMap| match headers.get("authorization") {
            None => StatusCode::OK,
            Some(_) => StatusCode::BAD_REQUEST,
        };
        let router = Router::new()
            .route("/healthz", get(hello))
            .route("/v1/sql", post(async || std::future::pending::<()>().await));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("s.duckdb.serve.json");
        let presence = json!({"address": address, "otlp_http": "", "token": "t", "pid": 7});
        std::fs::write(&file, presence.to_string()).unwrap();

        assert!(Served::find(&file, Some(7)).await.is_some());
        assert!(Served::find(&file, None).await.is_some());
        assert!(Served::find(&file, Some(8)).await.is_none());
    }
}
