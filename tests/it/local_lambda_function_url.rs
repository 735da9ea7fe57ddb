//! A Function URL: HTTP in, a payload 2.0 event, HTTP out.

use local_lambda::{Config, InvokeRequest, LocalLambda};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::http;
use crate::harness::recording::Recording;

struct Site {
    recording: Recording,
    lambda: LocalLambda,
    url: String,
    client: Client,
}

impl Site {
    async fn start() -> Self {
        let recording = Recording::new();
        let mut function = recording.function("site", "record.http");
        function.function_url = true;
        function.concurrency = 1;
        let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
        Self {
            url: lambda.function_url("site").unwrap(),
            recording,
            lambda,
            client: http::client(),
        }
    }

    /// The request's path is relative to the URL.
    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    fn last_event(&self) -> Value {
        self.recording.notes().pop().unwrap()["event"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_becomes_an_event() {
    let site = Site::start().await;
    let request = site
        .request(Method::POST, "a%20path/x?a=1&a=2&b=%20")
        .header("X-Twice", "1")
        .header("X-Twice", "2");
    let response = request
        .header("Cookie", "c=1; d=2")
        .json(&json!({"order": 7}))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    let answered = response.headers()["x-amzn-trace-id"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(response.text().await.unwrap(), "ok");

    let note = site.recording.notes().pop().unwrap();
    let event = &note["event"];
    assert_eq!(
        (&event["version"], &event["routeKey"]),
        (&json!("2.0"), &json!("$default"))
    );
    assert_eq!(
        (&event["rawPath"], &event["rawQueryString"]),
        (&json!("/a%20path/x"), &json!("a=1&a=2&b=%20"))
    );
    assert_eq!(
        event["queryStringParameters"],
        json!({"a": "1,2", "b": " "})
    );
    assert_eq!(event["cookies"], json!(["c=1", "d=2"]));
    assert_eq!(event["headers"]["x-twice"], "1,2");
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("{\"order\":7}"), &json!(false))
    );
    // One trace: in the event, in the runtime and in the answer.
    let root = event["headers"]["x-amzn-trace-id"].as_str().unwrap();
    assert!(root.starts_with("Root=1-") && !root.contains(';'), "{root}");
    assert_eq!(note["trace"], answered);
    assert!(
        answered.starts_with(&format!("{root};Parent=")) && answered.ends_with(";Sampled=0"),
        "{answered}"
    );
    site.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_header_is_kept() {
    let site = Site::start().await;
    let header = "Root=1-5eb33c07-de25b420912dee103a5db434;Parent=53995c3f42cd8ad8;Sampled=1";
    site.request(Method::GET, "")
        .header("X-Amzn-Trace-Id", header)
        .send()
        .await
        .unwrap();
    let note = site.recording.notes().pop().unwrap();
    assert_eq!(
        (&note["trace"], &note["event"]["headers"]["x-amzn-trace-id"]),
        (&json!(header), &json!(header))
    );
    site.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_and_no_bytes() {
    let site = Site::start().await;
    let bytes = vec![0, 255, 128, 10];
    site.request(Method::PUT, "")
        .body(bytes)
        .send()
        .await
        .unwrap();
    let event = site.last_event();
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("AP+ACg=="), &json!(true))
    );

    let response = site.request(Method::HEAD, "").send().await.unwrap();
    assert_eq!(
        (response.status(), response.bytes().await.unwrap().len()),
        (StatusCode::OK, 0)
    );
    let event = site.last_event();
    assert_eq!(event["requestContext"]["http"]["method"], "HEAD");
    assert!(event.get("body").is_none() && event.get("cookies").is_none());
    site.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_becomes_a_response() {
    let site = Site::start().await;
    let ask = async |answer: Value| {
        let request = site
            .request(Method::GET, "")
            .header("answer", answer.to_string());
        request.send().await.unwrap()
    };
    let cookies = ask(
        json!({"statusCode": 201, "headers": {"X-A": "b", "Content-Type": "text/plain"}, "cookies": ["a=1", "b=2"], "body": "made"}),
    );
    let cookies = cookies.await;
    assert_eq!(cookies.status(), 201);
    assert_eq!(
        (
            &cookies.headers()["x-a"],
            &cookies.headers()["content-type"]
        ),
        (&"b".parse().unwrap(), &"text/plain".parse().unwrap())
    );
    let set: Vec<_> = cookies.headers().get_all("set-cookie").iter().collect();
    assert_eq!(set, ["a=1", "b=2"]);
    assert_eq!(cookies.text().await.unwrap(), "made");

    let binary = ask(json!({"statusCode": 200, "body": "AP8=", "isBase64Encoded": true})).await;
    assert_eq!(binary.bytes().await.unwrap().as_ref(), [0, 255]);

    let inferred = ask(json!({"message": "hi"})).await;
    assert_eq!(
        (
            inferred.status(),
            inferred.headers()["content-type"].to_str().unwrap()
        ),
        (StatusCode::OK, "application/json")
    );
    assert_eq!(
        inferred.json::<Value>().await.unwrap(),
        json!({"message": "hi"})
    );

    let unusable = ask(json!({"statusCode": "none"})).await;
    assert_eq!(unusable.status(), 502);
    site.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_have_the_documented_statuses() {
    let site = Site::start().await;
    let failed = site
        .request(Method::GET, "?answer=raise")
        .send()
        .await
        .unwrap();
    assert_eq!(failed.status(), 502);
    assert_eq!(
        failed.json::<Value>().await.unwrap(),
        json!({"message": "Internal Server Error"})
    );

    let large = site
        .request(Method::POST, "")
        .header("content-type", "text/plain")
        .body("x".repeat(6 * 1024 * 1024))
        .send();
    assert_eq!(large.await.unwrap().status(), 413);

    // A direct invocation keeps the only environment busy.
    let function = site.lambda.function("site").unwrap();
    let notes = site.recording.notes().len();
    let slow = json!({"queryStringParameters": {"answer": "{}"}, "sleep": 3}).to_string();
    let busy = tokio::spawn(async move { function.invoke(InvokeRequest::new(slow)).await });
    site.recording.wait_for(notes + 1).await;
    let throttled = site.request(Method::GET, "").send().await.unwrap();
    assert_eq!(throttled.status(), 429);
    let body = throttled.json::<Value>().await.unwrap();
    assert_eq!(
        body,
        json!({"Reason": "ConcurrentInvocationLimitExceeded", "message": "Rate Exceeded."})
    );
    busy.await.unwrap().unwrap();
    site.lambda.shutdown().await;
}
