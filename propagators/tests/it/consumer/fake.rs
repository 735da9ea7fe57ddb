//! An SQS of a few messages, which are there until they are deleted.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use aws_sdk_sqs::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region, retry::RetryConfig},
};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use baton_propagators::sqs::{Consumer, ConsumerBuilder, Report};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};

type Answer = (StatusCode, Vec<u8>);

pub(super) struct Fake {
    pub(super) requests: Mutex<Vec<(String, Value)>>,
    /// How many receives, and deletes, fail before they work.
    pub(super) bad_receives: AtomicU32,
    pub(super) bad_deletes: AtomicU32,
    /// What an action is answered with, as long as it stands here.
    broken: Mutex<HashMap<&'static str, Answer>>,
    /// Each is delivered once.
    messages: Mutex<Vec<Value>>,
    /// How many are not yet deleted, or made visible again.
    left: watch::Sender<usize>,
    asked: watch::Sender<usize>,
}

impl Default for Fake {
    fn default() -> Self {
        Self::of(vec![message("m1")])
    }
}

pub(super) fn message(id: &str) -> Value {
    json!({"MessageId": id, "ReceiptHandle": "r1", "Body": "7",
        "Attributes": {"SentTimestamp": "1691582488541", "ApproximateReceiveCount": "1"}})
}

impl Fake {
    pub(super) fn of(messages: Vec<Value>) -> Self {
        Self {
            requests: Mutex::default(),
            bad_receives: AtomicU32::new(0),
            bad_deletes: AtomicU32::new(0),
            broken: Mutex::default(),
            left: watch::Sender::new(messages.len()),
            messages: Mutex::new(messages),
            asked: watch::Sender::new(0),
        }
    }

    pub(super) async fn consumer(self: &Arc<Self>) -> ConsumerBuilder {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(self));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
            .region(Region::new("us-east-1"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(endpoint);
        let url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders";
        Consumer::builder(Client::from_conf(config.build()), url)
    }

    /// Runs until every message is settled.
    pub(super) async fn run(&self, builder: ConsumerBuilder) -> Report {
        let handler = async |_| Ok::<_, String>(());
        builder.build().run_until(handler, self.all_settled()).await
    }

    pub(super) async fn all_settled(&self) {
        self.left
            .subscribe()
            .wait_for(|left| *left == 0)
            .await
            .unwrap();
    }

    /// Waits until an action was asked for so many times.
    pub(super) async fn asked(&self, action: &str, times: usize) {
        let enough = |_: &usize| self.count(action) >= times;
        self.asked.subscribe().wait_for(enough).await.unwrap();
    }

    pub(super) fn count(&self, action: &str) -> usize {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|(name, _)| name == action).count()
    }

    /// From now on an action fails with the error of this name.
    pub(super) fn breaks(&self, action: &'static str, error: &str) {
        let body = json!({"__type": format!("com.amazonaws.sqs#{error}"), "message": "no"});
        self.answers(action, StatusCode::BAD_REQUEST, body.to_string());
    }

    pub(super) fn answers(
        &self,
        action: &'static str,
        status: StatusCode,
        body: impl Into<Vec<u8>>,
    ) {
        self.broken
            .lock()
            .unwrap()
            .insert(action, (status, body.into()));
    }

    pub(super) fn works_again(&self, action: &str) {
        self.broken.lock().unwrap().remove(action);
    }

    fn settle(&self, request: &Value) {
        let entries = request["Entries"].as_array().map_or(0, Vec::len);
        self.left
            .send_modify(|left| *left = left.saturating_sub(entries));
    }
}

async fn answer(
    State(fake): State<Arc<Fake>>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, Vec<u8>) {
    let target = headers["x-amz-target"].to_str().unwrap();
    let action = target.rsplit('.').next().unwrap().to_owned();
    let request: Value = serde_json::from_str(&body).unwrap();
    fake.requests
        .lock()
        .unwrap()
        .push((action.clone(), request.clone()));
    fake.asked.send_modify(|asked| *asked += 1);
    if let Some(broken) = fake.broken.lock().unwrap().get(action.as_str()) {
        return broken.clone();
    }
    let is_bad = |left: &AtomicU32| {
        let less = |left: u32| left.checked_sub(1);
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    };
    let answer = match action.as_str() {
        "ReceiveMessage" if is_bad(&fake.bad_receives) => {
            return (StatusCode::INTERNAL_SERVER_ERROR, b"{}".into());
        }
        "DeleteMessageBatch" if is_bad(&fake.bad_deletes) => {
            json!({"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": false}], "Successful": []})
        }
        "DeleteMessageBatch" | "ChangeMessageVisibilityBatch" => {
            fake.settle(&request);
            json!({"Successful": [{"Id": "0"}], "Failed": []})
        }
        _ => {
            let message = fake.messages.lock().unwrap().pop();
            if message.is_none() {
                // A long poll.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            json!({"Messages": message.into_iter().collect::<Vec<_>>()})
        }
    };
    (StatusCode::OK, answer.to_string().into())
}
