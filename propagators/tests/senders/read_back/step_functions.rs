use serde_json::{Value, json};

use super::{check, server};
use crate::{
    clients::{Tracing, client},
    server::eventually,
};

/// A machine whose only state answers with what it would hand to a function: the context object.
const MACHINE: &str = r#"{"StartAt": "Ship", "States": {"Ship": {"Type": "Pass", "End": true, "Parameters": {
    "Execution.$": "$$.Execution", "State.$": "$$.State", "StateMachine.$": "$$.StateMachine"}}}}"#;

#[tokio::test]
async fn the_input_of_an_execution() {
    let (server, front) = server().await;
    let tracing = Tracing::new();
    let plain = client!(aws_sdk_sfn, &server.endpoint);
    let traced = client!(aws_sdk_sfn, &front.endpoint, tracing.with_payloads());
    let role = "arn:aws:iam::000000000000:role/machine";
    let made = plain
        .create_state_machine()
        .name("orders")
        .role_arn(role)
        .definition(MACHINE);
    let arn = made.send().await.unwrap().state_machine_arn;

    for input in [Some(r#"{"order": 7}"#), None] {
        front.take();
        let start = traced
            .start_execution()
            .state_machine_arn(&arn)
            .set_input(input.map(str::to_owned));
        let execution = start.send().await.unwrap().execution_arn;
        let span = tracing.take().remove(0);
        let context = &span.span_context;
        let parent = format!("00-{}-{}-01", context.trace_id(), context.span_id());
        assert_eq!(
            crate::clients::attribute(&span, "baton.execution"),
            execution
        );

        let output = eventually("the execution", async || {
            let described = plain
                .describe_execution()
                .execution_arn(&execution)
                .send()
                .await
                .unwrap();
            described.output
        })
        .await;
        let event: Value = serde_json::from_str(&output).unwrap();
        check(&event, &parent, "Execution.Input._trace");
        assert_eq!(
            event["Execution"]["Input"]["order"],
            input.map_or(json!(null), |_| json!(7))
        );

        let sent = front.take().remove(0);
        let header = sent.header("x-amzn-trace-id").unwrap();
        assert_eq!(sent.json()["traceHeader"], header);
        assert!(header.contains(&format!("Parent={}", context.span_id())));
    }
}
