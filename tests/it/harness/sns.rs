//! Topics of the SQS server, which speaks SNS too.

use aws_sdk_sns::Client;
use aws_sdk_sns::config::{BehaviorVersion, Builder, Credentials, Region};
use aws_sdk_sqs::types::QueueAttributeName;

use super::sqs_server::SqsServer;

/// For a client of the server.
pub(crate) fn config(server: &SqsServer) -> Builder {
    Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(server.endpoint())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
}

/// Makes a topic and returns its ARN.
pub(crate) async fn topic(server: &SqsServer, name: &str) -> String {
    let client = Client::from_conf(config(server).build());
    let made = client.create_topic().name(name).send().await.unwrap();
    made.topic_arn.expect("a topic has an ARN")
}

/// Delivers what is published to a queue; `raw` without the envelope.
pub(crate) async fn subscribe(server: &SqsServer, topic: &str, queue: &str, raw: bool) {
    let name = QueueAttributeName::QueueArn;
    let arn = server.attribute(queue, name).await;
    let client = Client::from_conf(config(server).build());
    let subscribe = client.subscribe().topic_arn(topic).protocol("sqs");
    subscribe
        .endpoint(arn)
        .attributes("RawMessageDelivery", raw.to_string())
        .send()
        .await
        .unwrap();
}
