//! An SQS server that does what a test says: real servers do not fail on demand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

struct Message {
    id: String,
    visible_from: Instant,
    receives: u32,
}

/// How one delete call is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Delete {
    Ok,
    /// The entry at this place fails, the others are deleted.
    FailsAt(usize),
    Status(u16),
}

#[derive(Default)]
struct Queue {
    messages: Vec<Message>,
    deletes: VecDeque<Delete>,
    /// The sizes of all delete calls.
    delete_calls: Vec<usize>,
    /// The receive count of every message deleted.
    deleted: Vec<u32>,
}

pub(crate) struct FakeSqs {
    queue: Arc<Mutex<Queue>>,
    pub(crate) url: String,
}

const VISIBILITY: Duration = Duration::from_secs(2);

impl FakeSqs {
    /// A queue of `messages` messages with a visibility timeout of 2 s.
    pub(crate) async fn start(messages: usize, deletes: &[Delete]) -> Self {
        let message = |number: usize| Message {
            id: format!("m{number}"),
            visible_from: Instant::now(),
            receives: 0,
        };
        let queue = Arc::new(Mutex::new(Queue {
            messages: (0..messages).map(message).collect(),
            deletes: deletes.iter().copied().collect(),
            ..Queue::default()
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/000000000000/q", listener.local_addr().unwrap());
        let router = Router::new().fallback(call).with_state(Arc::clone(&queue));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { queue, url }
    }

    pub(crate) fn delete_calls(&self) -> Vec<usize> {
        self.queue.lock().unwrap().delete_calls.clone()
    }

    pub(crate) fn deleted(&self) -> Vec<u32> {
        self.queue.lock().unwrap().deleted.clone()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.lock().unwrap().messages.is_empty()
    }
}

async fn call(
    State(queue): State<Arc<Mutex<Queue>>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    let request: Value = serde_json::from_slice(&body).unwrap();
    let target = headers["x-amz-target"].to_str().unwrap();
    match target {
        "AmazonSQS.GetQueueAttributes" => {
            let attributes = json!({"QueueArn": "arn:aws:sqs:us-east-1:000000000000:q", "VisibilityTimeout": VISIBILITY.as_secs().to_string()});
            (StatusCode::OK, Json(json!({"Attributes": attributes})))
        }
        "AmazonSQS.ReceiveMessage" => (StatusCode::OK, Json(receive(&queue, &request).await)),
        "AmazonSQS.DeleteMessageBatch" => queue.lock().unwrap().delete(&request),
        other => panic!("{other}"),
    }
}

async fn receive(queue: &Mutex<Queue>, request: &Value) -> Value {
    let most = usize::try_from(request["MaxNumberOfMessages"].as_u64().unwrap()).unwrap();
    let until = Instant::now()
        + Duration::from_secs(request["WaitTimeSeconds"].as_u64().unwrap_or_default());
    loop {
        let found = queue.lock().unwrap().take(most);
        if !found.is_empty() {
            return json!({"Messages": found});
        }
        if Instant::now() >= until {
            return json!({});
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Queue {
    fn take(&mut self, most: usize) -> Vec<Value> {
        let now = Instant::now();
        let visible = self
            .messages
            .iter_mut()
            .filter(|message| message.visible_from <= now);
        let take = |message: &mut Message| {
            message.visible_from = now + VISIBILITY;
            message.receives += 1;
            json!({"MessageId": message.id, "ReceiptHandle": message.id, "Body": "{}", "MD5OfBody": "99914b932bd37a50b983c5e7c90ae93b"})
        };
        visible.take(most).map(take).collect()
    }

    fn delete(&mut self, request: &Value) -> (StatusCode, Json<Value>) {
        let entries = request["Entries"].as_array().unwrap();
        self.delete_calls.push(entries.len());
        let answer = self.deletes.pop_front().unwrap_or(Delete::Ok);
        if let Delete::Status(status) = answer {
            return (StatusCode::from_u16(status).unwrap(), Json(json!({})));
        }
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for (at, entry) in entries.iter().enumerate() {
            let id = &entry["Id"];
            if matches!(answer, Delete::FailsAt(failing) if failing == at) {
                failed.push(json!({"Id": id, "Code": "InternalError", "SenderFault": false}));
                continue;
            }
            let handle = entry["ReceiptHandle"].as_str().unwrap();
            let receives = self
                .messages
                .iter()
                .find(|message| message.id == handle)
                .map(|message| message.receives);
            self.deleted.extend(receives);
            self.messages.retain(|message| message.id != handle);
            successful.push(json!({"Id": id}));
        }
        (
            StatusCode::OK,
            Json(json!({"Successful": successful, "Failed": failed})),
        )
    }
}
