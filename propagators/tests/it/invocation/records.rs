//! Records of every other source: a span for each, in order, with its links and its outcome.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{check, event, fixture};
use crate::runtime_api::{Call, invoke};

/// One of the events in `tests/fixtures/events`, with what the function shall answer.
async fn run(name: &str, answer: Value, expected: &Expect) {
    let mut body = fixture(&format!("events/{name}"));
    body["answer"] = answer;
    check(
        &invoke("function::records_traced", &[event(&body)]).await,
        expected,
    );
}

#[tokio::test]
async fn kinesis_by_sequence_number() {
    let id = "49544986683135544286507457936321625675700192471156785154";
    let failures = json!({"batchItemFailures": [{"itemIdentifier": id}]});
    run("kinesis-batch", failures, &expect![[r#"
        Response("{\"batchItemFailures\":[{\"itemIdentifier\":\"49544986683135544286507457936321625675700192471156785154\"}]}")
        business: Internal "record.store" in "process clicks" of 49544986
        shop: Consumer "process clicks" in "process clicks"
          link 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          messaging.destination.name = clicks
          messaging.message.id = 49544986683135544286507457936321625675700192471156785151
          messaging.destination.partition.id = shardId-000000000006
          baton.sent_time_ms = 1480641523477
          baton.outcome = ok
        shop: Consumer "process clicks" in "process clicks"
          messaging.destination.name = clicks
          messaging.message.id = 49544986683135544286507457936321625675700192471156785152
          messaging.destination.partition.id = shardId-000000000006
          baton.sent_time_ms = 1480641523477
          baton.outcome = ok
        shop: Consumer "process clicks" in "process clicks"
          messaging.destination.name = clicks
          messaging.message.id = 49544986683135544286507457936321625675700192471156785153
          messaging.destination.partition.id = shardId-000000000006
          baton.aggregated = true
          baton.sent_time_ms = 1480641523477
          baton.outcome = ok
        shop: Consumer "process clicks" in "process clicks"
          link 0af7651916cd43dd8448eb211c80319c b7ad6b7169203331
          messaging.destination.name = clicks
          messaging.message.id = 49544986683135544286507457936321625675700192471156785154
          messaging.destination.partition.id = shardId-000000000006
          baton.sent_time_ms = 1480641523477
          error.type = _OTHER
          baton.outcome = failed
          Error { description: "the response lists it in `batchItemFailures`" }
        shop: Consumer "process clicks" in "process clicks"
          messaging.destination.name = clicks
          messaging.message.id = 49544986683135544286507457936321625675700192471156785155
          messaging.destination.partition.id = shardId-000000000006
          baton.sent_time_ms = 1480641523477
          baton.outcome = ok
        shop: Consumer "process clicks", root
          messaging.destination.name = clicks
          messaging.batch.message_count = 5
    "#]]).await;
}

#[tokio::test]
async fn kafka_by_partition_and_offset() {
    let id = json!({"partition": "views-1", "offset": 3});
    let failures = json!({"batchItemFailures": [{"itemIdentifier": id}]});
    run("msk", failures, &expect![[r#"
        Response("{\"batchItemFailures\":[{\"itemIdentifier\":{\"offset\":3,\"partition\":\"views-1\"}}]}")
        business: Internal "record.store" in "process clicks" of clicks-0
        shop: Consumer "process clicks" in "process multiple_sources"
          link 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          messaging.destination.name = clicks
          messaging.message.id = clicks-0-15
          messaging.destination.partition.id = 0
          messaging.kafka.offset = 15
          baton.sent_time_ms = 1545084650987
          baton.outcome = ok
        shop: Consumer "process clicks" in "process multiple_sources"
          messaging.destination.name = clicks
          messaging.message.id = clicks-0-16
          messaging.destination.partition.id = 0
          messaging.kafka.offset = 16
          baton.sent_time_ms = 1545084650987
          baton.outcome = ok
        shop: Consumer "process views" in "process multiple_sources"
          link 0af7651916cd43dd8448eb211c80319c b7ad6b7169203331
          messaging.destination.name = views
          messaging.message.id = views-1-3
          messaging.destination.partition.id = 1
          messaging.kafka.offset = 3
          baton.sent_time_ms = 1545084650987
          error.type = _OTHER
          baton.outcome = failed
          Error { description: "the response lists it in `batchItemFailures`" }
        shop: Consumer "process multiple_sources", root
          messaging.batch.message_count = 3
    "#]]).await;
}

#[tokio::test]
async fn dynamodb() {
    run(
        "dynamodb-batch",
        json!({"batchItemFailures": []}),
        &expect![[r#"
            Response("{\"batchItemFailures\":[]}")
            business: Internal "record.store" in "process orders"
            shop: Consumer "process orders" in "process orders"
              link 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              baton.sent_time_ms = 1691582488000
              baton.outcome = ok
            shop: Consumer "process orders" in "process orders"
              link 0af7651916cd43dd8448eb211c80319c b7ad6b7169203331
              baton.sent_time_ms = 1691582488000
              baton.outcome = ok
            shop: Consumer "process orders" in "process orders"
              baton.event_type = ttl
              baton.sent_time_ms = 1691582488000
              baton.outcome = ok
            shop: Consumer "process orders", root
              messaging.batch.message_count = 3
        "#]],
    )
    .await;
}

#[tokio::test]
async fn firehose_by_result() {
    let records = json!([{"recordId": "record1", "result": "Ok"}, {"recordId": "record2", "result": "ProcessingFailed"}]);
    run("firehose", json!({"records": records}), &expect![[r#"
        Response("{\"records\":[{\"recordId\":\"record1\",\"result\":\"Ok\"},{\"recordId\":\"record2\",\"result\":\"ProcessingFailed\"}]}")
        business: Internal "record.store" in "process archive" of record2
        shop: Consumer "process archive" in "process archive"
          link 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          messaging.destination.name = archive
          messaging.message.id = record1
          messaging.destination.partition.id = shardId-000000000000
          baton.sent_time_ms = 1507217624302
          baton.outcome = ok
        shop: Consumer "process archive" in "process archive"
          messaging.destination.name = archive
          messaging.message.id = record2
          baton.sent_time_ms = 1507217624303
          error.type = _OTHER
          baton.outcome = failed
          Error { description: "the response lists it as `ProcessingFailed`" }
        shop: Consumer "process archive", root
          messaging.destination.name = archive
          messaging.batch.message_count = 2
    "#]]).await;
}

/// One notification stands on the span of the invocation, which continues its trace.
#[tokio::test]
async fn one_notification() {
    run(
        "sns",
        json!(null),
        &expect![[r#"
            Response("{\"baggage\":\"\"}")
            business: Internal "record.store" in "process placed" of dc1e94d9
            shop: Consumer "process placed" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              messaging.destination.name = placed
              messaging.message.id = dc1e94d9-56c5-5e96-808d-cc7f68faa162
              baton.sent_time_ms = 1639777618040
              baton.outcome = ok
        "#]],
    )
    .await;
}

/// Two contexts that disagree: the parent, and a link to the other.
#[tokio::test]
async fn two_contexts() {
    run(
        "sqs-disagree",
        json!(null),
        &expect![[r#"
            Response("{\"baggage\":\"\"}")
            business: Internal "record.store" in "process orders" of 059f36b4
            shop: Consumer "process orders" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
              link 64d380186a56d23a731e0cbe6ed85687 1e4dbd311c45e826
              messaging.destination.name = orders
              messaging.message.id = 059f36b4-87a3-44ab-83d2-661975000001
              baton.sent_time_ms = 1691582488541
              baton.first_receive_time_ms = 1691582488551
              baton.receive_count = 1
              baton.outcome = ok
        "#]],
    )
    .await;
}

/// What the application handed along is there again, for one message and for each of several.
#[tokio::test]
async fn baggage() {
    for records in [1, 2] {
        let mut body = fixture("events/sqs-one");
        let mut record = body["Records"][0].take();
        record["messageAttributes"]["baggage"] =
            json!({"stringValue": "tenant=acme", "dataType": "String"});
        body["Records"] = vec![record; records].into();
        let calls = invoke("function::records_traced", &[event(&body)]).await;
        let answer = Call::Response(json!({"baggage": "tenant=acme"}).to_string());
        assert!(calls.contains(&answer), "{calls:#?}");
    }
}
