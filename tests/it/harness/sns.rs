//! Topics of the SQS server, which speaks SNS too.

use super::http;
use super::sqs_server::SqsServer;

/// Makes a topic and returns its ARN.
pub(crate) async fn topic(server: &SqsServer, name: &str) -> String {
    let answer = ask(server, &[("Action", "CreateTopic"), ("Name", name)]).await;
    let arn = answer
        .split(['<', '>'])
        .find(|part| part.starts_with("arn:"));
    arn.unwrap_or_else(|| panic!("no ARN: {answer}")).to_owned()
}

/// Delivers what is published to a queue; `raw` without the envelope.
pub(crate) async fn subscribe(server: &SqsServer, topic: &str, queue: &str, raw: bool) {
    let name = aws_sdk_sqs::types::QueueAttributeName::QueueArn;
    let arn = server.attribute(queue, name).await;
    let raw = raw.to_string();
    let form = [
        ("Action", "Subscribe"),
        ("TopicArn", topic),
        ("Protocol", "sqs"),
        ("Endpoint", &arn),
        ("Attributes.entry.1.key", "RawMessageDelivery"),
        ("Attributes.entry.1.value", &raw),
    ];
    ask(server, &form).await;
}

async fn ask(server: &SqsServer, form: &[(&str, &str)]) -> String {
    let pairs = form.iter().map(|(name, value)| format!("{name}={value}"));
    let body = pairs.collect::<Vec<_>>().join("&") + "&Version=2010-03-31";
    let answer = http::client()
        .post(server.endpoint())
        .header("content-type", "application/x-www-form-urlencoded")
        // The server goes by the service in the credential's scope, and does not check the signature.
        .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=0")
        .body(body)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{status}: {text}");
    text
}
