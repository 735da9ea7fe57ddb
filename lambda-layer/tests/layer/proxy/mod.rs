//! The Runtime API proxy: what passes, and what is handed on.

mod bad_input;
mod http;
mod shutdown;

use super::lambda::Lambda;
use super::layer::Layer;
use super::receiver::Receiver;
use super::runtime_api::{Connection, RuntimeApi, body, find, header, text};
use super::spans::{attribute, spans};

const NEXT: &[u8] =
    b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\nUser-Agent: RIC/1\r\n\r\n";
const TAKEN: &[u8] = b"HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

pub(crate) struct Bed {
    lambda: Lambda,
    receiver: Receiver,
    layer: Layer,
    api: RuntimeApi,
}

impl Bed {
    async fn start(variables: &[(&str, &str)]) -> Self {
        let (mut lambda, receiver) = (Lambda::start().await, Receiver::start(&[]).await);
        let url = receiver.url();
        let mut all = vec![
            ("BATON_EXPORT", url.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "orders"),
        ];
        all.extend(variables);
        let layer = Layer::start(&mut lambda, &all).await;
        let api = RuntimeApi::behind(&layer).await;
        Self {
            lambda,
            receiver,
            layer,
            api,
        }
    }

    async fn runtime(&self) -> Connection {
        Connection::open(self.layer.addresses.proxy).await
    }

    /// The runtime asks, Lambda answers with `event`; what the runtime sees.
    async fn next(&self, headers: &str, event: &str) -> (Connection, Connection, Vec<u8>) {
        let mut runtime = self.runtime().await;
        runtime.write(NEXT).await;
        let mut upstream = self.api.accept().await;
        upstream.read().await;
        let answer = delivery("r1", headers, event.as_bytes());
        let ((), seen) = tokio::join!(upstream.write(&answer), runtime.read());
        (runtime, upstream, seen)
    }
}

fn delivery(id: &str, headers: &str, event: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: {id}\r\n\
         Lambda-Runtime-Deadline-Ms: 99999999999999\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-north-1:123456789012:function:orders\r\n\
         {headers}Content-Length: {}\r\n\r\n",
        event.len()
    )
    .into_bytes();
    answer.extend_from_slice(event);
    answer
}

fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

#[tokio::test]
async fn an_event_passes_and_context_is_handed_on() {
    let bed = Bed::start(&[]).await;
    let event = r#"{"Records":[{"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-north-1:1:orders","messageId":"m1","body":"hi",
        "messageAttributes":{"traceparent":{"dataType":"String","stringValue":"PARENT"}}}]}"#
        .replace("PARENT", PARENT);
    let headers = "lambda-Runtime-INVOCATION-id: nonce-1\r\nLambda-Runtime-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=a87bd80c:1|68fd508a:5\r\nX-New: a  b\r\n";
    let (_runtime, _upstream, seen) = bed.next(headers, &event).await;

    assert_eq!(body(&seen), event.as_bytes());
    assert_eq!(
        header(&seen, "lambda-Runtime-INVOCATION-id").as_deref(),
        Some("nonce-1")
    );
    assert_eq!(header(&seen, "X-New").as_deref(), Some("a  b"));
    assert_eq!(header(&seen, "date"), None, "nothing is added");
    let span = header(&seen, "baton-span").unwrap();
    assert!(
        span.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"),
        "{span}"
    );
    let trace =
        header(&seen, "lambda-runtime-trace-id").or(header(&seen, "Lambda-Runtime-Trace-Id"));
    let id = &span[36..52];
    let expected = format!(
        "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent={id};Sampled=1;Lineage=a87bd80c:1|68fd508a:5"
    );
    assert_eq!(trace, Some(expected));
    assert_eq!(
        text(&seen)
            .to_lowercase()
            .matches("lambda-runtime-trace-id")
            .count(),
        1
    );
}

#[tokio::test]
async fn the_traceparent_of_an_http_event_is_replaced_unless_that_is_off() {
    let event = r#"{"version":"2.0","rawPath":"/a","rawQueryString":"","headers":{"x":"1","traceparent":"PARENT"},"requestContext":{"http":{"method":"GET"}},"body":"PARENT"}"#
        .replace("PARENT", PARENT);
    let bed = Bed::start(&[]).await;
    let (_runtime, _upstream, seen) = bed.next("", &event).await;
    let span = header(&seen, "baton-span").unwrap();
    assert_eq!(text(body(&seen)), event.replacen(PARENT, &span, 1));

    let bed = Bed::start(&[("BATON_EVENT_HEADERS", "off")]).await;
    let (_runtime, _upstream, seen) = bed.next("", &event).await;
    assert_eq!(text(body(&seen)), event);
}

#[tokio::test]
async fn an_answer_passes_and_becomes_a_span() {
    let mut bed = Bed::start(&[]).await;
    let event = r#"{"httpMethod":"GET","path":"/a","requestContext":{"elb":{}},"headers":{}}"#;
    bed.lambda
        .invoke("r1", std::time::Duration::from_secs(60))
        .await;
    let (mut runtime, mut upstream, _) = bed.next("", event).await;
    let answer = r#"{"statusCode": 503, "body": "later"}"#;
    let headers = "Content-Type: a/b\r\nlambda-runtime-Invocation-Id: n\r\n";
    let request = post(
        "/2018-06-01/runtime/invocation/r1/response",
        headers,
        answer,
    );
    runtime.write(request.as_bytes()).await;
    let seen = upstream.read().await;
    assert!(
        text(&seen).starts_with("POST /2018-06-01/runtime/invocation/r1/response HTTP/1.1\r\n")
    );
    assert_eq!(
        header(&seen, "lambda-runtime-Invocation-Id").as_deref(),
        Some("n")
    );
    assert_eq!(body(&seen), answer.as_bytes());
    upstream.write(TAKEN).await;
    assert_eq!(runtime.read().await, TAKEN);

    bed.lambda
        .runtime_done(bed.layer.addresses.telemetry, "r1")
        .await;
    bed.lambda.next_called().await;
    let made = spans(&bed.receiver);
    let span = made.iter().find(|span| span.name == "GET").unwrap();
    assert_eq!(
        attribute(span, "http.response.status_code").as_deref(),
        Some("503")
    );
    assert_eq!(attribute(span, "error.type").as_deref(), Some("503"));
    assert_eq!(attribute(span, "faas.invocation_id").as_deref(), Some("r1"));
    assert_eq!(
        attribute(span, "baton.invocation_outcome").as_deref(),
        Some("ok")
    );
    let ended = bed.layer.shut_down(&bed.lambda).await;
    let made = ended.counts.as_ref().unwrap()["made"].as_u64().unwrap();
    assert_eq!(ended.spans(), [0, made, 0, 0]);
}

#[tokio::test]
async fn what_is_not_known_passes_untouched() {
    let bed = Bed::start(&[]).await;
    let mut runtime = bed.runtime().await;
    for request in [
        "PATCH /2031-01-01/new/thing?a=%20b&c HTTP/1.1\r\nX-CaSe: 1\r\nx-twice: a\r\nx-twice: b\r\nContent-Length: 3\r\n\r\nabc",
        "GET /2018-06-01/ping HTTP/1.1\r\n\r\n",
        "GET /2018-06-01/runtime/restore/next HTTP/1.1\r\n\r\n",
    ] {
        runtime.write(request.as_bytes()).await;
        let mut upstream = bed.api.accept().await;
        let seen = text(&upstream.read().await);
        let (line, rest) = request.split_once("\r\n").unwrap();
        assert!(seen.starts_with(line), "{seen}");
        for part in rest.split("\r\n").filter(|part| !part.is_empty()) {
            assert!(seen.contains(part), "{seen}");
        }
        let answer =
            b"HTTP/1.1 418 Odd\r\nX-New: Yes\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhm";
        upstream.write(answer).await;
        let seen = runtime.read().await;
        assert_eq!(header(&seen, "X-New").as_deref(), Some("Yes"));
        assert_eq!(body(&seen), b"hm");
        drop(upstream);
    }
}

#[tokio::test]
async fn a_stream_keeps_its_chunks_and_trailers() {
    let mut bed = Bed::start(&[]).await;
    bed.lambda
        .invoke("r1", std::time::Duration::from_secs(60))
        .await;
    let (mut runtime, mut upstream, _) = bed.next("", r#"{"rawPath":"/","version":"2.0","requestContext":{"http":{"method":"GET"}},"headers":{}}"#).await;
    runtime
        .write(b"POST /2018-06-01/runtime/invocation/r1/response HTTP/1.1\r\nHost: x\r\nLambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\nTrailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n5\r\nfirst\r\n")
        .await;
    // The first chunk goes on before the second is there.
    upstream.read_until(b"first").await;
    runtime
        .write(b"6\r\nsecond\r\n0\r\nLambda-Runtime-Function-Error-Type: Function.Broken\r\nLambda-Runtime-Function-Error-Body: eyJlcnJvclR5cGUiOiJCcm9rZW4iLCJlcnJvck1lc3NhZ2UiOiJtaWR3YXkifQ==\r\n\r\n")
        .await;
    let seen = text(&upstream.read_until(b"eyJ").await).to_lowercase();
    assert!(
        seen.contains("second")
            && seen.contains("lambda-runtime-function-error-type: function.broken"),
        "{seen}"
    );
    upstream.write(TAKEN).await;
    runtime.read().await;
    bed.lambda
        .runtime_done(bed.layer.addresses.telemetry, "r1")
        .await;
    bed.lambda.next_called().await;
    let made = spans(&bed.receiver);
    let span = &made[0];
    assert_eq!(attribute(span, "error.type").as_deref(), Some("Broken"));
    assert_eq!(
        attribute(span, "baton.invocation_outcome").as_deref(),
        Some("error")
    );
    assert_eq!(span.status.as_ref().unwrap().message, "midway");
}

#[tokio::test]
async fn two_events_at_once() {
    let bed = Bed::start(&[]).await;
    let (mut one, mut two) = (bed.runtime().await, bed.runtime().await);
    one.write(NEXT).await;
    let mut first = bed.api.accept().await;
    first.read().await;
    two.write(NEXT).await;
    let mut second = bed.api.accept().await;
    second.read().await;
    second.write(&delivery("r2", "", b"2")).await;
    assert_eq!(body(&two.read().await), b"2");
    first.write(&delivery("r1", "", b"1")).await;
    assert_eq!(body(&one.read().await), b"1");
}

#[tokio::test]
async fn a_runtime_that_hangs_up_is_a_call_that_ends() {
    let bed = Bed::start(&[]).await;
    let mut runtime = bed.runtime().await;
    runtime.write(NEXT).await;
    let mut upstream = bed.api.accept().await;
    upstream.read().await;
    drop(runtime);
    assert!(upstream.is_closed().await);
}

#[tokio::test]
async fn a_next_on_a_connection_that_had_died_is_asked_again() {
    let bed = Bed::start(&[]).await;
    let mut runtime = bed.runtime().await;
    runtime.write(NEXT).await;
    let mut upstream = bed.api.accept().await;
    upstream.read().await;
    // It was thawed, and the connection is gone.
    drop(upstream);
    let mut upstream = bed.api.accept().await;
    let seen = upstream.read().await;
    assert!(find(&seen, b"/runtime/invocation/next").is_some());
    upstream.write(&delivery("r1", "", b"{}")).await;
    assert_eq!(body(&runtime.read().await), b"{}");
}

/// What runs on an event is not to lead the events of others somewhere else.
#[tokio::test]
async fn after_the_first_event_nobody_leads_the_proxy_elsewhere() {
    let bed = Bed::start(&[]).await;
    bed.next("", "{}").await;
    let ping = "GET /baton/ping HTTP/1.1\r\nHost: x\r\nBaton-Upstream: 127.0.0.1:9\r\n\r\n";
    let answer = bed.runtime().await.ask(ping.as_bytes()).await;
    assert!(text(&answer).starts_with("HTTP/1.1 200"));
    let (_, _, seen) = bed.next("", "{}").await;
    assert!(text(&seen).starts_with("HTTP/1.1 200"));
}
