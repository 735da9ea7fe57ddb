//! Events as AWS sends them.

use std::{fmt::Write, fs, path::PathBuf};

use expect_test::{Expect, expect};

use super::*;
use crate::context::TraceContext;

pub(super) fn fixture(name: &str) -> Vec<u8> {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let own = fixtures.join(format!("{name}.json"));
    let path = if own.exists() {
        own
    } else {
        fixtures.join(format!("aws_lambda_events/example-{name}.json"))
    };
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn short(context: &TraceContext<'_>) -> String {
    let state = context.state().as_str();
    format!(
        "{}{}{state}",
        context.traceparent(),
        if state.is_empty() { "" } else { " " }
    )
}

fn lines(text: &mut String, attributes: &[opentelemetry::KeyValue]) {
    for attribute in attributes {
        writeln!(text, "  {} = {}", attribute.key, attribute.value).unwrap();
    }
}

pub(super) fn summary(event: &Event<'_>) -> String {
    let name = event
        .span_name()
        .unwrap_or_else(|| "(the function)".to_owned());
    let mut text = format!("{:?}: {:?} {name}\n", event.trigger, event.span_kind());
    let relation = event.relation();
    writeln!(text, "{}", relation.reason).unwrap();
    let parent = relation.parent.map(|found| ("parent", found));
    let links = relation.links.into_iter().map(|found| ("link", found));
    for (role, found) in parent.into_iter().chain(links) {
        let context = short(&found.context);
        writeln!(
            text,
            "{role} {context} ({} in {})",
            found.format, found.place
        )
        .unwrap();
    }
    lines(&mut text, &event.attributes());
    if event.records.len() > 1 {
        for record in &event.records {
            writeln!(text, "{}", record.span_name()).unwrap();
            for found in record.contexts.iter() {
                writeln!(text, "  link {} in {}", short(&found.context), found.place).unwrap();
            }
            lines(&mut text, &record.attributes());
        }
    }
    for (count, what) in [(event.unopened, "not opened"), (event.left_out, "left out")] {
        if count > 0 {
            writeln!(text, "{count} {what}").unwrap();
        }
    }
    text
}

#[track_caller]
fn check(name: &str, expected: &Expect) {
    expected.assert_eq(&summary(&Event::parse(&fixture(name))));
}

#[test]
fn api_gateway_v1() {
    check(
        "apigw-request",
        &expect![[r#"
            ApiGatewayV1: Server POST /{proxy+}
            nothing to continue
              faas.trigger = http
              http.request.method = POST
              url.path = /hello/world
              url.scheme = https
              server.address = gy415nuibc.execute-api.us-east-2.amazonaws.com
              http.route = /{proxy+}
              client.address = 192.168.196.186
              user_agent.original = PostmanRuntime/2.4.5
              network.protocol.version = 1.1
        "#]],
    );
    check(
        "apigw-console-test-request",
        &expect![[r#"
            ApiGatewayV1: Server POST /myPath
            nothing to continue
              faas.trigger = http
              http.request.method = POST
              url.path = /myPath
              url.scheme = https
              server.address = testPrefix.testDomainName
              http.route = /myPath
              client.address = test-invoke-source-ip
              user_agent.original = aws-internal/3 aws-sdk-java/1.12.154 Linux/5.4.156-94.273.amzn2int.x86_64 OpenJDK_64-Bit_Server_VM/25.322-b06 java/1.8.0_322 vendor/Oracle_Corporation cfg/retry-mode/standard
              network.protocol.version = 1.1
        "#]],
    );
}

#[test]
fn api_gateway_v2() {
    check(
        "apigw-sam-http-request",
        &expect![[r#"
            ApiGatewayV2: Server GET /dump
            nothing to continue
              faas.trigger = http
              http.request.method = GET
              url.path = /dump
              url.scheme = http
              server.address = localhost
              http.route = /dump
              client.address = 127.0.0.1
              user_agent.original = Custom User Agent String
              network.protocol.version = 1.1
        "#]],
    );
    check(
        "apigw-v2-request-no-authorizer",
        &expect![[r#"
            ApiGatewayV2: Server GET
            nothing to continue
              faas.trigger = http
              http.request.method = GET
              url.path = /
              url.scheme = https
              server.address = aaaaaaaaaa.execute-api.us-west-2.amazonaws.com
              client.address = 1.2.3.4
              user_agent.original = curl/7.58.0
              network.protocol.version = 1.1
        "#]],
    );
}

/// The query is not to be seen.
#[test]
fn function_url() {
    check(
        "function-url",
        &expect![[r#"
            FunctionUrl: Server POST
            the caller meant this run
            parent 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 congo=t61rcWkgMzE (tracecontext in headers)
              faas.trigger = http
              http.request.method = POST
              url.path = /checkout
              url.scheme = https
              server.address = abcdefghijklmnopqrstuvwxyz123456.lambda-url.us-east-1.on.aws
              client.address = 203.0.113.7
              user_agent.original = curl/8.5.0
              network.protocol.version = 1.1
        "#]],
    );
}

#[test]
fn load_balancer() {
    check(
        "alb-lambda-target-request-headers-only",
        &expect![[r#"
            Alb: Server GET
            nothing to continue
              faas.trigger = http
              http.request.method = GET
              url.path = /
              url.scheme = http
              server.address = lambda-test-alb-1334523864.us-east-1.elb.amazonaws.com
              user_agent.original = curl/7.54.0
        "#]],
    );
    check(
        "alb-lambda-target-request-multivalue-headers",
        &expect![[r#"
            Alb: Server GET
            nothing to continue
              faas.trigger = http
              http.request.method = GET
              url.path = /
              url.scheme = http
              server.address = lambda-test-alb-1234567.us-east-1.elb.amazonaws.com
              user_agent.original = curl/7.54.0
        "#]],
    );
}

#[test]
fn sqs() {
    check(
        "sqs-event",
        &expect![[r#"
            Sqs: Consumer process SQSQueue
            nothing to continue
              faas.trigger = pubsub
              messaging.system = aws_sqs
              messaging.operation.name = process
              messaging.operation.type = process
              messaging.destination.name = SQSQueue
              messaging.message.id = MessageID_1
              baton.sent_time_ms = 1520621625029
              baton.first_receive_time_ms = 1520621634884
              baton.receive_count = 2
        "#]],
    );
}

#[test]
fn sqs_batch() {
    check(
        "sqs-batch",
        &expect![[r#"
            Sqs: Consumer process orders
            several messages: each has a span with its own links
            link 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 congo=t61rcWkgMzE (tracecontext in messageAttributes)
            link 00-64d380186a56d23a731e0cbe6ed85687-1e4dbd311c45e826-00 (xray in attributes.AWSTraceHeader)
              faas.trigger = pubsub
              messaging.system = aws_sqs
              messaging.operation.name = process
              messaging.operation.type = process
              messaging.destination.name = orders
              messaging.batch.message_count = 3
            process orders
              link 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 congo=t61rcWkgMzE in messageAttributes
              messaging.system = aws_sqs
              messaging.operation.name = process
              messaging.operation.type = process
              messaging.destination.name = orders
              messaging.message.id = 11111111-0000-0000-0000-000000000001
              baton.sent_time_ms = 1691582488541
              baton.first_receive_time_ms = 1691582488551
              baton.receive_count = 1
            process orders
              link 00-64d380186a56d23a731e0cbe6ed85687-1e4dbd311c45e826-00 in attributes.AWSTraceHeader
              messaging.system = aws_sqs
              messaging.operation.name = process
              messaging.operation.type = process
              messaging.destination.name = orders
              messaging.message.id = 22222222-0000-0000-0000-000000000002
              baton.sent_time_ms = 1691582480000
              baton.first_receive_time_ms = 1691582481000
              baton.receive_count = 3
              baton.dead_letter_source = arn:aws:sqs:us-east-1:123456789012:payments
            process orders
              messaging.system = aws_sqs
              messaging.operation.name = process
              messaging.operation.type = process
              messaging.destination.name = orders
              messaging.message.id = 33333333-0000-0000-0000-000000000003
              baton.sent_time_ms = 1691582488600
              baton.first_receive_time_ms = 1691582488700
              baton.receive_count = 1
        "#]],
    );
}
