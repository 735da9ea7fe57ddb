//! Lambda invokes as they go over the wire, read as the function gets them.

use std::process::Command;

use aws_sdk_lambda::{primitives::Blob, types::InvocationType};
use base64::{Engine, engine::general_purpose::STANDARD};
use baton_propagators::event::{ClientContext, Invocation, Reader};

use crate::{
    clients::{Tracing, client},
    front::{Front, Limits, Request},
};

/// The parent that a function finds, and where. Lambda decodes the client context, and drops that of an event.
fn parent(request: &Request) -> Option<(String, String)> {
    let is_event = request.header("x-amz-invocation-type") == Some("Event");
    let json = request.header("x-amz-client-context").filter(|_| !is_event);
    let json = json.map(|base64| String::from_utf8(STANDARD.decode(base64).unwrap()).unwrap());
    let mut invocation = Invocation::new(&request.body);
    invocation.client_context = json.as_deref().map(ClientContext::Json);
    invocation.trace_header = request.header("x-amzn-trace-id");
    let event = Reader::default().invocation(&invocation);
    let parent = event.relation().parent?;
    Some((
        parent.context.traceparent().to_string(),
        parent.place.to_string(),
    ))
}

#[track_caller]
fn check(front: &Front, tracing: &Tracing, place: &str) {
    let [request] = <[_; 1]>::try_from(front.take()).unwrap();
    let found = parent(&request).unwrap();
    assert_eq!(found, (tracing.parent(), place.to_owned()));
}

#[tokio::test]
async fn every_kind_of_invoke() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let client = client!(aws_sdk_lambda, &front.endpoint, tracing.interceptor());
    let event = Blob::new(r#"{"order": 7}"#);

    let invoke = client
        .invoke()
        .function_name("orders")
        .payload(event.clone());
    invoke.send().await.unwrap();
    check(&front, &tracing, "ClientContext.custom");

    let invoke = client
        .invoke_with_response_stream()
        .function_name("orders")
        .payload(event.clone());
    invoke.send().await.unwrap();
    check(&front, &tracing, "ClientContext.custom");

    let invoke = client
        .invoke()
        .function_name("orders")
        .invocation_type(InvocationType::Event);
    invoke.payload(event.clone()).send().await.unwrap();
    check(&front, &tracing, "Lambda-Runtime-Trace-Id");

    let client = client!(aws_sdk_lambda, &front.endpoint, tracing.with_payloads());
    let invoke = client
        .invoke()
        .function_name("orders")
        .invocation_type(InvocationType::Event);
    invoke.payload(event).send().await.unwrap();
    check(&front, &tracing, "_trace");
}

/// What is there stays, member by member; what is no client context is not touched.
#[tokio::test]
async fn a_client_context_of_the_caller() {
    let tracing = Tracing::new();
    let front = Front::start(None, Limits::NEW).await;
    let client = client!(aws_sdk_lambda, &front.endpoint, tracing.interceptor());
    let own = "00-11111111111111111111111111111111-2222222222222222-01";
    let with_parent = format!(r#"{{"custom":{{"traceparent":"{own}"}}}}"#);
    for (before, after) in [
        (
            r#"{"env":{"n":1.50}}"#,
            r#"{"env":{"n":1.50},"custom":{"traceparent":"<P>"}}"#,
        ),
        (
            r#"{"custom":{},"client":null}"#,
            r#"{"client":null,"custom":{"traceparent":"<P>"}}"#,
        ),
        (
            r#"{"custom": {"a":"b" }}"#,
            r#"{"custom":{"a":"b" ,"traceparent":"<P>"}}"#,
        ),
        (r#"{"custom":[]}"#, r#"{"custom":[]}"#),
        ("[]", "[]"),
        ("{", "{"),
        (with_parent.as_str(), with_parent.as_str()),
    ] {
        let invoke = client
            .invoke()
            .function_name("orders")
            .client_context(STANDARD.encode(before));
        invoke.send().await.unwrap();
        let request = front.take().remove(0);
        let sent = STANDARD
            .decode(request.header("x-amz-client-context").unwrap())
            .unwrap();
        let sent = String::from_utf8(sent)
            .unwrap()
            .replace(&tracing.parent(), "<P>");
        assert_eq!(sent, after);
        // The header of a request is not ours when the sender chose the parent.
        assert_eq!(
            request.header("x-amzn-trace-id").is_none(),
            before == with_parent
        );
    }
    let invoke = client
        .invoke()
        .function_name("orders")
        .client_context("%%%");
    invoke.send().await.unwrap();
    assert_eq!(front.take()[0].header("x-amz-client-context"), Some("%%%"));
}

/// In a function the SDK has a header of its own, that of the invocation: it is no span of ours.
#[test]
fn in_a_function() {
    let function = Command::new(std::env::current_exe().unwrap())
        .args(["invoke::every_kind_of_invoke", "--exact"])
        .env("AWS_LAMBDA_FUNCTION_NAME", "shop")
        .env(
            "_X_AMZN_TRACE_ID",
            "Root=1-64d38018-6a56d23a731e0cbe6ed85687;Parent=1e4dbd311c45e826;Sampled=1;Lineage=1:fe460cdd:0",
        )
        .output();
    let function = function.unwrap();
    let told = String::from_utf8_lossy(&function.stdout);
    assert!(
        function.status.success() && told.contains("1 passed"),
        "{told}"
    );
}
