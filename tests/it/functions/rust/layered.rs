//! The same for Rust: `$DO` says what the function does.

use std::time::Duration;

use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, LambdaEvent, MetadataPrelude, run, service_fn};
use serde_json::{Value, json};

#[tokio::main]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
async fn main() -> Result<(), Error> {
    let act = std::env::var("DO")?;
    match act.as_str() {
        "init" => Err("no such module".into()),
        "stream" => run(service_fn(stream)).await,
        act => {
            let handler = async |event: LambdaEvent<Value>| handle(act, event.payload).await;
            run(service_fn(handler)).await
        }
    }
}

async fn handle(act: &str, event: Value) -> Result<Value, Error> {
    match act {
        "answer" => Ok(event),
        "http" => Ok(
            json!({"statusCode": 404, "headers": {"content-type": "text/plain"}, "body": "no such order"}),
        ),
        "batch" => Ok(failures(&event)),
        "fail" => Err("no stock".into()),
        "sleep" => {
            tokio::time::sleep(Duration::from_mins(10)).await;
            Ok(Value::Null)
        }
        "hog" => hog().await,
        "leave" => std::process::exit(1),
        other => Err(format!("`{other}` is nothing that this function does").into()),
    }
}

fn failures(event: &Value) -> Value {
    let records = event.get("Records").and_then(Value::as_array);
    let bad = records
        .into_iter()
        .flatten()
        .filter(|record| record.get("body") == Some(&json!("bad")));
    let failed: Vec<Value> = bad
        .map(|record| json!({"itemIdentifier": record.get("messageId")}))
        .collect();
    json!({"batchItemFailures": failed})
}

/// Touches what it takes, and leaves the platform time to see it.
async fn hog() -> Result<Value, Error> {
    let mut held = Vec::new();
    loop {
        held.push(vec![1_u8; 16 * 1024 * 1024]);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn stream(_event: LambdaEvent<Value>) -> Result<Response<Body>, Error> {
    let (mut sender, body) = channel();
    tokio::spawn(async move {
        let parts = [
            "first ".to_owned(),
            "x".repeat(1_000_000),
            " last".to_owned(),
        ];
        for part in parts {
            if sender.send_data(part.into()).await.is_err() {
                return;
            }
        }
    });
    let mut metadata_prelude = MetadataPrelude {
        cookies: vec!["a=1".to_owned()],
        ..MetadataPrelude::default()
    };
    metadata_prelude
        .headers
        .insert("content-type", "text/plain".parse()?);
    Ok(Response {
        metadata_prelude,
        stream: body,
    })
}
