//! OTLP/JSON is stored as the protobuf that says the same.

use baton_store::http::{Intake, Request, Response};
use baton_store::schema::{Settings, Store};
use baton_store::url::StoreUrl;
use baton_store::writer::Writer;
use serde_json::{Value, json};

use crate::support::number;

async fn post(intake: &Intake, path: &str, body: &Value) -> (u16, Value) {
    let request = Request::post(path, "application/json; charset=utf-8", body.to_string());
    let Response {
        status,
        headers,
        body,
    } = intake.handle(request).await;
    assert_eq!(headers, [("content-type", "application/json")]);
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn spans_logs_and_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.duckdb");
    let store = Store::open(&StoreUrl::duckdb(&path), &Settings::default()).unwrap();
    let writer = Writer::start(store).unwrap();
    let intake = Intake::new(writer.clone());
    // Numbers of 64 bits as text and as numbers, names of fields that nobody knows, ids in capitals.
    let good = json!({
        "traceId": "5B8EFFF798038103D269B633813FC60C", "spanId": "EEE19B7EC3C1B174", "parentSpanId": "EEE19B7EC3C1B173",
        "name": "I'm a server span", "startTimeUnixNano": "1544712660000000000", "endTimeUnixNano": 1_544_712_661_000_000_000_u64,
        "kind": 2, "colour": {"is": "blue"}, "status": {"code": 2, "message": "gone"},
        "attributes": [
            {"key": "my.span.attr", "value": {"stringValue": "some value"}}, {"key": "n", "value": {"intValue": "-3"}},
            {"key": "list", "value": {"arrayValue": {"values": [{"boolValue": true}, {"doubleValue": 0.5}]}}},
        ],
        "events": [{"timeUnixNano": "1544712660500000000", "name": "e"}],
    });
    let bad = json!({"traceId": "00", "spanId": "EEE19B7EC3C1B174", "name": "x"});
    let resource =
        json!({"attributes": [{"key": "service.name", "value": {"stringValue": "my.service"}}]});
    let body = json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "lib"}, "spans": [good, bad]}]}]});
    for _ in 0..2 {
        let (status, answer) = post(&intake, "/v1/traces", &body).await;
        assert_eq!(status, 200, "{answer}");
        let partial = &answer["partialSuccess"];
        assert_eq!(partial["rejectedSpans"], "1", "{answer}");
        assert!(
            partial["errorMessage"]
                .as_str()
                .unwrap()
                .contains("trace id of 1 bytes")
        );
    }
    let (_, answer) = post(&intake, "/v1/traces", &json!({})).await;
    assert_eq!(answer, json!({}));
    let logs =
        json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{}, {}]}, {"logRecords": [{}]}]}]});
    let (_, answer) = post(&intake, "/v1/logs", &logs).await;
    assert_eq!(answer["partialSuccess"]["rejectedLogRecords"], "3");
    let metric = json!({"name": "m", "sum": {"dataPoints": [{}, {}]}});
    let metrics = json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]});
    let (_, answer) = post(&intake, "/v1/metrics", &metrics).await;
    assert_eq!(answer["partialSuccess"]["rejectedDataPoints"], "2");
    writer.close().await;

    let as_expected = "SELECT count(*) FROM spans WHERE trace_id = '5b8efff798038103d269b633813fc60c' AND span_id = 'eee19b7ec3c1b174'
        AND parent_span_id = 'eee19b7ec3c1b173' AND service_name = 'my.service' AND kind = 'SERVER' AND status_code = 'ERROR'
        AND start_time_ns = 1544712660000000000 AND duration_ns = 1000000000 AND attributes['n'] = '-3'
        AND attributes['list'] = '[true,0.5]' AND events[1].time_ns = 1544712660500000000";
    assert_eq!(number(&path, as_expected), 1);
    assert_eq!(number(&path, "SELECT count(*) FROM spans"), 1);
}
