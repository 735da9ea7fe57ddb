//! Lambda is told the same bytes with and without the wrapper: over every trigger, and every kind of result.

use std::{collections::BTreeSet, fs, path::PathBuf};

use baton_propagators::event;
use serde_json::json;

use super::event;
use crate::{
    function::RESULTS,
    runtime_api::{Call, Event, invoke_watched},
};

/// All events that we have of a folder.
fn events(folder: &str) -> Vec<Event> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/fixtures", folder]
        .iter()
        .collect();
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    let event = |path: PathBuf| Event {
        body: fs::read_to_string(path).unwrap(),
        trace_id: None,
        headers: Vec::new(),
    };
    files.into_iter().map(event).collect()
}

/// The same calls, but for the flushes.
async fn compare(name: &str, events: &[Event]) {
    let plain = invoke_watched(&format!("function::{name}_plain"), events).await;
    let (mut calls, heads) = invoke_watched(&format!("function::{name}_traced"), events).await;
    let all = calls.len();
    calls.retain(|call| !matches!(call, Call::Spans(_)));
    assert_eq!(
        all - calls.len(),
        events.len(),
        "one flush for each invocation"
    );
    for (traced, plain) in calls.iter().zip(&plain.0) {
        assert_eq!(traced, plain);
    }
    assert_eq!((calls.len(), heads), (plain.0.len(), plain.1));
}

#[tokio::test]
async fn every_trigger() {
    let folders = ["", "events", "aws_lambda_events"];
    let mut all: Vec<_> = folders.into_iter().flat_map(events).collect();
    // The one source without a file.
    let task = json!({"taskId": "t", "s3Key": "k", "s3VersionId": "1", "s3BucketArn": "arn:aws:s3:::orders"});
    all.push(event(&json!({"invocationSchemaVersion": "1.0", "invocationId": "i", "job": {"id": "j"}, "tasks": [task]})));
    let triggers = |all: &[Event]| -> BTreeSet<_> {
        let trigger = |event: &Event| event::Event::parse(event.body.as_bytes()).trigger.as_str();
        all.iter().map(trigger).collect()
    };
    assert_eq!(triggers(&all).len(), 43, "{:?}", triggers(&all));
    let each = |event: Event| vec![event; RESULTS];
    let all: Vec<_> = all.into_iter().flat_map(each).collect();
    compare("every_result", &all).await;
}

/// The extension's headers change nothing either.
#[tokio::test]
async fn beside_the_extension() {
    let told = |event: Event| Event {
        headers: vec![
            (
                "baton-span",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-53995c3f42cd8ad8-01",
            ),
            ("baton-process-spans", "2"),
        ],
        ..event
    };
    let each = |event: Event| vec![told(event); RESULTS];
    let all: Vec<_> = events("events").into_iter().flat_map(each).collect();
    compare("every_result", &all).await;
}

#[tokio::test]
async fn what_is_no_event() {
    let bodies = [
        "null",
        "7",
        "\"text\"",
        "[]",
        "{",
        "",
        "\u{0}",
        "{\"Records\": 7}",
    ];
    let events = bodies.map(|body| Event {
        body: body.to_owned(),
        trace_id: Some("Root=garbage;;;=\t"),
        headers: vec![
            ("lambda-runtime-client-context", "{}"),
            ("baton-span", "garbage"),
        ],
    });
    compare("every_result", &events).await;
}

#[tokio::test]
async fn streamed() {
    let events = ["whole", "breaks off", "whole"].map(|body| event(&json!(body)));
    compare("streamed", &events).await;
}
