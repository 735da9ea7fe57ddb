//! `awslambdaric`, the Python runtime client that AWS wrote, runs a handler under local-lambda, alone and with extensions.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use local_lambda::{Config, FaultKind, InvokeRequest, LocalLambda};
use serde_json::{Value, json};

use crate::harness::binaries::binary;
use crate::harness::interpreters::{functions, python};
use crate::harness::recording::Recording;

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_gets_its_event_and_context() {
    let recording = Recording::new();
    let lambda = LocalLambda::start(Config::new([recording.function("echo", "record.echo")]))
        .await
        .unwrap();
    let request = InvokeRequest {
        client_context: Some(r#"{"custom":{"traceparent":"00-ab-cd-01"}}"#.to_owned()),
        trace_header: Some(
            "Root=1-5eb33c07-de25b420912dee103a5db434;Parent=53995c3f42cd8ad8;Sampled=1".to_owned(),
        ),
        ..InvokeRequest::new(r#"{"order":7,"text":"ä"}"#)
    };
    let output = lambda
        .function("echo")
        .unwrap()
        .invoke(request.clone())
        .await
        .unwrap();

    assert_eq!(output.function_error, None, "{}", output.log_tail);
    let seen: Value = serde_json::from_slice(&output.payload).unwrap();
    assert_eq!(seen["event"], json!({"order": 7, "text": "ä"}));
    assert_eq!(seen["request_id"], output.request_id.to_string());
    assert_eq!(
        seen["arn"],
        "arn:aws:lambda:us-east-1:000000000000:function:echo"
    );
    assert_eq!(seen["memory"], "512");
    assert_eq!(seen["custom"], json!({"traceparent": "00-ab-cd-01"}));
    assert_eq!(seen["trace"], request.trace_header.unwrap());
    assert!(
        output.log_tail.contains("echo was here"),
        "{}",
        output.log_tail
    );

    // The second invocation finds the environment warm.
    lambda
        .function("echo")
        .unwrap()
        .invoke(InvokeRequest::new("{}"))
        .await
        .unwrap();
    let environments = lambda.function("echo").unwrap().environments();
    assert_eq!(
        environments
            .iter()
            .map(|e| e.invocations)
            .collect::<Vec<_>>(),
        [2]
    );
    lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_is_a_function_error() {
    let recording = Recording::new();
    let lambda = LocalLambda::start(Config::new([recording.function("obey", "record.obey")]))
        .await
        .unwrap();
    let function = lambda.function("obey").unwrap();
    let failed = function
        .invoke(InvokeRequest::new(r#"{"raise":"no stock"}"#))
        .await
        .unwrap();
    assert_eq!(failed.function_error.unwrap().kind, FaultKind::Error);
    let error: Value = serde_json::from_slice(&failed.payload).unwrap();
    assert_eq!(
        (&error["errorType"], &error["errorMessage"]),
        (&json!("ValueError"), &json!("no stock"))
    );

    // The environment lives on.
    let answered = function
        .invoke(InvokeRequest::new(r#"{"answer":[1]}"#))
        .await
        .unwrap();
    assert_eq!(answered.payload, "[1]");
    assert_eq!(function.environments().len(), 1);
    lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_hears_of_every_invocation_and_of_the_end() {
    let recording = Recording::new();
    let opt = recording.dir().join("opt");
    install(&opt, "watcher", &functions().join("watcher.py"));
    let mut function = recording.function("echo", "record.echo");
    function.opt = Some(opt);
    function
        .env
        .insert("PYTHON".to_owned(), python().display().to_string());
    function.env.insert(
        "WATCHED".to_owned(),
        recording.dir().join("watched").display().to_string(),
    );
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    let mut expected = vec!["registered echo record.echo".to_owned()];
    for _ in 0..2 {
        let output = lambda
            .function("echo")
            .unwrap()
            .invoke(InvokeRequest::new("{}"))
            .await
            .unwrap();
        assert_eq!(output.function_error, None, "{}", output.log_tail);
        expected.push(format!("INVOKE {}", output.request_id));
    }
    lambda.shutdown().await;
    expected.push("SHUTDOWN spindown".to_owned());
    let watched = fs::read_to_string(recording.dir().join("watched")).unwrap();
    assert_eq!(watched.lines().collect::<Vec<_>>(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_runs_beside_the_layer() {
    let recording = Recording::new();
    let opt = recording.dir().join("opt");
    install(&opt, "baton-layer", &binary("baton-layer"));
    let mut function = recording.function("echo", "record.echo");
    function.opt = Some(opt);
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    for order in 0..3 {
        let event = json!({"order": order}).to_string();
        let output = lambda
            .function("echo")
            .unwrap()
            .invoke(InvokeRequest::new(event))
            .await
            .unwrap();
        assert_eq!(output.function_error, None, "{}", output.log_tail);
        let seen: Value = serde_json::from_slice(&output.payload).unwrap();
        assert_eq!(seen["event"], json!({"order": order}));
    }
    let events = lambda.events();
    lambda.shutdown().await;
    let registered = events
        .snapshot()
        .into_iter()
        .find(|event| event.kind == "platform.extension");
    assert_eq!(registered.unwrap().record["name"], "baton-layer");
}

/// Puts a program into `opt/extensions`.
fn install(opt: &Path, name: &str, program: &Path) {
    let extensions = opt.join("extensions");
    fs::create_dir_all(&extensions).unwrap();
    let installed = extensions.join(name);
    fs::copy(program, &installed).unwrap();
    fs::set_permissions(&installed, fs::Permissions::from_mode(0o755)).unwrap();
}
