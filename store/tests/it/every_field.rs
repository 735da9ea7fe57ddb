//! Every field and every type of attribute is there after it was stored.

use baton_store::http::{Intake, Request};
use baton_store::query::execute;
use baton_store::schema::{Settings, Store};
use baton_store::url::StoreUrl;
use baton_store::writer::Writer;
use expect_test::expect;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, EntityRef, InstrumentationScope, KeyValue, KeyValueList,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message;

use crate::support::requests::{PROTOBUF, attribute, partial_success, request, span, text};

/// Stores a request; then the rows of a query as one JSON object a line.
async fn stored(request: &impl Message, sql: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(
        &StoreUrl::duckdb(folder.path().join("s.duckdb")),
        &Settings::default(),
    )
    .unwrap();
    let reader = store.connection().try_clone().unwrap();
    let later = store.connection().try_clone().unwrap();
    let writer = Writer::start(store).unwrap();
    let response = Intake::new(writer.clone())
        .handle(Request::post(
            "/v1/traces",
            PROTOBUF,
            request.encode_to_vec(),
        ))
        .await;
    assert_eq!(
        (response.status, partial_success(&response.body).0),
        (200, 0)
    );
    writer.seal().await.unwrap();
    let snapshot = writer.begin_read(&reader).unwrap();
    let rows = execute(&reader, sql, &[]).unwrap();
    reader.execute_batch("ROLLBACK").unwrap();
    drop(snapshot);
    let lines: Vec<String> = rows
        .objects()
        .map(|row| serde_json::to_string_pretty(&row).unwrap())
        .collect();
    writer.close().await;
    let taken_in = execute(&later, sql, &[]).unwrap();
    assert_eq!(rows, taken_in, "the same in the table as in a segment");
    lines.join("\n")
}

fn attributes() -> Vec<KeyValue> {
    let list = vec![
        attribute("k", text("v")),
        attribute("n", Value::IntValue(1)),
    ];
    let array = vec![
        AnyValue {
            value: Some(Value::IntValue(1)),
        },
        AnyValue {
            value: Some(text("two")),
        },
    ];
    vec![
        attribute("string", text("a 'quote', a \"quote\", \n a \0 and ü")),
        attribute("", text("")),
        attribute("int", Value::IntValue(i64::MIN)),
        attribute("double", Value::DoubleValue(0.1)),
        attribute("bool", Value::BoolValue(false)),
        attribute("bytes", Value::BytesValue(vec![0, 159, 146, 150])),
        attribute("array", Value::ArrayValue(ArrayValue { values: array })),
        attribute("list", Value::KvlistValue(KeyValueList { values: list })),
        KeyValue {
            key: "empty".into(),
            value: Some(AnyValue { value: None }),
            ..KeyValue::default()
        },
        KeyValue {
            key: "none".into(),
            value: None,
            ..KeyValue::default()
        },
    ]
}

#[tokio::test]
async fn a_full_span() {
    let event = Event {
        time_unix_nano: 11,
        name: "cache miss".into(),
        attributes: vec![attribute("tries", Value::IntValue(2))],
        dropped_attributes_count: 4,
    };
    let link = Link {
        trace_id: vec![0xab; 16],
        span_id: vec![0xcd; 8],
        trace_state: "a=b".into(),
        attributes: vec![attribute("why", text("batch"))],
        dropped_attributes_count: 5,
        flags: 0x301,
    };
    let span = Span {
        trace_id: vec![0xff; 16],
        span_id: vec![1; 8],
        parent_span_id: vec![2; 8],
        trace_state: "vendor=1".into(),
        flags: 0x101,
        name: "process".into(),
        kind: 5,
        start_time_unix_nano: 10,
        end_time_unix_nano: 12,
        attributes: attributes(),
        dropped_attributes_count: 1,
        events: vec![event, Event::default()],
        dropped_events_count: 2,
        links: vec![link],
        dropped_links_count: 3,
        status: Some(Status {
            code: 2,
            message: "gone".into(),
        }),
    };
    let scope = InstrumentationScope {
        name: "lib".into(),
        version: "1".into(),
        attributes: vec![attribute("s", text("x"))],
        dropped_attributes_count: 6,
    };
    let entity = EntityRef {
        schema_url: "u".into(),
        r#type: "host".into(),
        id_keys: vec!["id".into()],
        description_keys: vec![],
    };
    let resource = Resource {
        attributes: vec![attribute("service.name", text("shop"))],
        dropped_attributes_count: 7,
        entity_refs: vec![entity],
    };
    let mut whole = request(vec![]);
    whole.resource_spans = vec![ResourceSpans {
        resource: Some(resource),
        scope_spans: vec![ScopeSpans {
            scope: Some(scope),
            spans: vec![span],
            schema_url: "scope-schema".into(),
        }],
        schema_url: "resource-schema".into(),
    }];
    expect![[r#"
        {
          "trace_id": "ffffffffffffffffffffffffffffffff",
          "span_id": "0101010101010101",
          "parent_span_id": "0202020202020202",
          "trace_state": "vendor=1",
          "flags": 257,
          "service_name": "shop",
          "name": "process",
          "kind": "CONSUMER",
          "start_time_ns": 10,
          "duration_ns": 2,
          "status_code": "ERROR",
          "status_message": "gone",
          "attributes": {
            "": "",
            "array": "[1,\"two\"]",
            "bool": "false",
            "bytes": "AJ+Slg==",
            "double": "0.1",
            "empty": null,
            "int": "-9223372036854775808",
            "list": "{\"k\":\"v\",\"n\":1}",
            "none": null,
            "string": "a 'quote', a \"quote\", \n a \u0000 and ü"
          },
          "attribute_types": "ssidbyaknn",
          "resource_attributes": {
            "service.name": "shop"
          },
          "resource_attribute_types": "s",
          "resource_dropped_attributes_count": 7,
          "resource_schema_url": "resource-schema",
          "resource_entity_refs": "[{\"descriptionKeys\":[],\"idKeys\":[\"id\"],\"schemaUrl\":\"u\",\"type\":\"host\"}]",
          "scope_name": "lib",
          "scope_version": "1",
          "scope_attributes": {
            "s": "x"
          },
          "scope_attribute_types": "s",
          "scope_dropped_attributes_count": 6,
          "scope_schema_url": "scope-schema",
          "events": [
            {
              "attribute_types": "i",
              "attributes": {
                "tries": "2"
              },
              "dropped_attributes_count": 4,
              "name": "cache miss",
              "time_ns": 11
            },
            {
              "attribute_types": "",
              "attributes": {},
              "dropped_attributes_count": 0,
              "name": "",
              "time_ns": 0
            }
          ],
          "links": [
            {
              "attribute_types": "s",
              "attributes": {
                "why": "batch"
              },
              "dropped_attributes_count": 5,
              "flags": 769,
              "span_id": "cdcdcdcdcdcdcdcd",
              "trace_id": "abababababababababababababababab",
              "trace_state": "a=b"
            }
          ],
          "dropped_attributes_count": 1,
          "dropped_events_count": 2,
          "dropped_links_count": 3
        }"#]].assert_eq(&stored(&whole, "SELECT * FROM baton_data.spans").await);
}

#[tokio::test]
async fn an_almost_empty_span() {
    let span = Span {
        trace_id: vec![1; 16],
        span_id: vec![1; 8],
        parent_span_id: vec![0; 8],
        kind: 9,
        status: Some(Status {
            code: 7,
            message: String::new(),
        }),
        ..Span::default()
    };
    let mut bare = request(vec![span]);
    bare.resource_spans[0].resource = None;
    expect![[r#"
        {
          "trace_id": "01010101010101010101010101010101",
          "span_id": "0101010101010101",
          "parent_span_id": null,
          "trace_state": "",
          "flags": 0,
          "service_name": "unknown_service",
          "name": "",
          "kind": "9",
          "start_time_ns": 0,
          "duration_ns": 0,
          "status_code": "7",
          "status_message": "",
          "attributes": {},
          "attribute_types": "",
          "resource_attributes": {},
          "resource_attribute_types": "",
          "resource_dropped_attributes_count": null,
          "resource_schema_url": null,
          "resource_entity_refs": null,
          "scope_name": "",
          "scope_version": "",
          "scope_attributes": {},
          "scope_attribute_types": "",
          "scope_dropped_attributes_count": null,
          "scope_schema_url": null,
          "events": [],
          "links": [],
          "dropped_attributes_count": 0,
          "dropped_events_count": 0,
          "dropped_links_count": 0
        }"#]]
    .assert_eq(&stored(&bare, "SELECT * FROM baton_data.spans").await);
}

#[tokio::test]
async fn more_spans_than_one_vector() {
    let spans = (0..5_000u64).map(|i| {
        let events = (0..i % 3).map(|n| Event {
            time_unix_nano: n,
            attributes: vec![attribute("i", Value::IntValue(i.cast_signed()))],
            ..Event::default()
        });
        Span {
            events: events.collect(),
            ..span(i)
        }
    });
    let sql = "SELECT count(*) AS spans, count(DISTINCT span_id) AS ids, sum(len(events)) AS events,
                      count(*) FILTER (attributes['order.id'] = split_part(name, ' ', 2)) AS own_attributes,
                      count(*) FILTER (list_bool_and(list_transform(events, e -> e.attributes['i'] = attributes['order.id']))) AS own_events
               FROM baton_data.spans";
    expect![[r#"
        {
          "spans": 5000,
          "ids": 5000,
          "events": 4999,
          "own_attributes": 5000,
          "own_events": 3333
        }"#]]
    .assert_eq(&stored(&request(spans.collect()), sql).await);
}
