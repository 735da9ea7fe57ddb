//! Spans made by hand, in a store of the real schema.

mod checkout;

use std::collections::BTreeMap;

use baton_store::query::{Rows, execute};
use baton_store::schema::{Settings, Store};
use baton_store::url::StoreUrl;
use serde::Serialize;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) use checkout::checkout;

/// 2026-11-22 15:20:00 UTC
pub(crate) const START_MS: i64 = 1_795_360_800_000;

/// The trace that all examples of the documentation ask for.
pub(crate) const CHECKOUT: &str = "5b8efff798038103d269b633813fc60c";

/// A span; times in milliseconds after [`START_MS`].
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Span {
    trace_id: String,
    span_id: String,
    parent_span_id: Option<String>,
    service_name: String,
    name: String,
    kind: &'static str,
    start_time_ns: i64,
    duration_ns: i64,
    status_code: &'static str,
    status_message: String,
    attributes: BTreeMap<String, String>,
    resource_attributes: BTreeMap<String, String>,
    links: Vec<Link>,
    events: Vec<Event>,
}

#[derive(Debug, Clone, Serialize)]
struct Event {
    name: String,
    attributes: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize)]
struct Link {
    trace_id: String,
    span_id: String,
}

/// A trace id out of one letter; a whole id stays.
pub(crate) fn trace_id(name: &str) -> String {
    if name.len() == 32 {
        name.into()
    } else {
        name.repeat(32)
    }
}

fn span_id(number: u64) -> String {
    format!("{number:016x}")
}

impl Span {
    pub(crate) fn new(
        trace: &str,
        id: u64,
        service: &str,
        name: &str,
        start_ms: i64,
        duration_ms: i64,
    ) -> Self {
        Self {
            trace_id: trace_id(trace),
            span_id: span_id(id),
            parent_span_id: None,
            service_name: service.into(),
            name: name.into(),
            kind: "INTERNAL",
            start_time_ns: (START_MS + start_ms) * 1_000_000,
            duration_ns: duration_ms * 1_000_000,
            status_code: "UNSET",
            status_message: String::new(),
            attributes: BTreeMap::new(),
            resource_attributes: BTreeMap::from([("service.name".into(), service.into())]),
            links: Vec::new(),
            events: Vec::new(),
        }
    }

    pub(crate) fn below(mut self, parent: u64) -> Self {
        self.parent_span_id = Some(span_id(parent));
        self
    }

    pub(crate) fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        let text = match value.into() {
            Value::String(text) => text,
            other => other.to_string(),
        };
        self.attributes.insert(key.into(), text);
        self
    }

    pub(crate) fn without(mut self, key: &str) -> Self {
        self.attributes.remove(key);
        self
    }

    pub(crate) fn error(mut self, message: &str) -> Self {
        self.status_code = "ERROR";
        self.status_message = message.into();
        self
    }

    pub(crate) fn event(mut self, name: &str, attributes: &[(&str, &str)]) -> Self {
        let attributes = attributes
            .iter()
            .map(|(key, value)| ((*key).into(), (*value).into()))
            .collect();
        self.events.push(Event {
            name: name.into(),
            attributes,
        });
        self
    }

    pub(crate) fn of_resource(mut self, key: &str, value: &str) -> Self {
        self.resource_attributes.insert(key.into(), value.into());
        self
    }

    pub(crate) fn link(mut self, trace: &str, id: u64) -> Self {
        self.links.push(Link {
            trace_id: trace_id(trace),
            span_id: span_id(id),
        });
        self
    }

    /// Sends to a queue.
    pub(crate) fn sends(self, queue: &str) -> Self {
        let span = self
            .kind("PRODUCER")
            .with("messaging.system", "aws_sqs")
            .with("messaging.operation.type", "send");
        span.with("messaging.destination.name", queue)
    }

    /// Processes one message of a queue, delivered for the `count`th time.
    pub(crate) fn processes(self, queue: &str, message: &str, count: i64) -> Self {
        let span = self
            .kind("CONSUMER")
            .with("messaging.system", "aws_sqs")
            .with("messaging.operation.type", "process");
        span.with("messaging.destination.name", queue)
            .with("messaging.message.id", message)
            .with("baton.receive_count", count)
    }

    /// When the message was sent, in milliseconds after [`START_MS`].
    pub(crate) fn sent(self, sent_ms: i64) -> Self {
        self.with("baton.sent_time_ms", START_MS + sent_ms)
    }

    /// The invocation of a batch.
    pub(crate) fn batch(self, queue: &str, messages: usize) -> Self {
        let span = self
            .kind("CONSUMER")
            .with("messaging.system", "aws_sqs")
            .with("messaging.operation.type", "process");
        span.with("messaging.destination.name", queue)
            .with("messaging.batch.message_count", messages)
    }
}

/// A store with spans in it, until it is dropped.
pub(crate) struct Told {
    pub(crate) url: StoreUrl,
    pub(crate) store: Store,
    folder: TempDir,
}

/// Puts spans into a new store.
pub(crate) fn tell(spans: &[Span]) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::duckdb(folder.path().join("spans.duckdb"));
    let store = Store::open(&url, &Settings::default()).unwrap();
    let told = Told { url, store, folder };
    told.add(spans);
    told
}

impl Told {
    pub(crate) fn add(&self, spans: &[Span]) {
        let json = serde_json::to_string(spans).unwrap();
        self.store.connection().execute(INSERT, [json]).unwrap();
    }

    pub(crate) fn ask(&self, sql: &str) -> Rows {
        execute(self.store.connection(), sql, &[]).unwrap_or_else(|error| panic!("{error}\n{sql}"))
    }

    /// Closes the file, so that other processes can open it.
    pub(crate) fn close(self) -> (StoreUrl, TempDir) {
        drop(self.store);
        (self.url, self.folder)
    }

    /// Rows as lines of text, values separated by ` | `; times in milliseconds where a column ends in `_ns`.
    pub(crate) fn lines(&self, sql: &str) -> String {
        let rows = self.ask(sql);
        let cell = |(value, column): (&Value, &baton_store::query::Column)| match value {
            Value::Number(number) if column.name.ends_with("_ns") => {
                format!("{} ms", number.as_i64().unwrap() / 1_000_000)
            }
            Value::String(text) => text.clone(),
            Value::Null => "-".into(),
            other => other.to_string(),
        };
        let line = |row: &Vec<Value>| {
            row.iter()
                .zip(&rows.columns)
                .map(cell)
                .collect::<Vec<_>>()
                .join(" | ")
        };
        rows.rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

const INSERT: &str = "
INSERT INTO baton_data.span_rows BY NAME
SELECT
  s.* EXCLUDE (links, events), '' AS trace_state, 1 AS flags, 'by-hand' AS scope_name, '' AS scope_version,
  list_transform(s.events, lambda event: {'time_ns': s.start_time_ns, 'name': event.name, 'attributes': event.attributes,
    'attribute_types': repeat('s', cardinality(event.attributes)::INTEGER), 'dropped_attributes_count': 0}) AS events,
  repeat('s', cardinality(s.attributes)::INTEGER) AS attribute_types, repeat('s', cardinality(s.resource_attributes)::INTEGER) AS resource_attribute_types,
  MAP {} AS scope_attributes, '' AS scope_attribute_types, 0 AS dropped_attributes_count, 0 AS dropped_events_count, 0 AS dropped_links_count,
  list_transform(s.links, lambda link: {'trace_id': link.trace_id, 'span_id': link.span_id, 'trace_state': '', 'attributes': MAP {}::MAP(VARCHAR, VARCHAR),
    'attribute_types': '', 'dropped_attributes_count': 0, 'flags': 0}) AS links
FROM (SELECT unnest(from_json(?, '[{
  \"trace_id\": \"VARCHAR\", \"span_id\": \"VARCHAR\", \"parent_span_id\": \"VARCHAR\", \"service_name\": \"VARCHAR\", \"name\": \"VARCHAR\",
  \"kind\": \"VARCHAR\", \"start_time_ns\": \"BIGINT\", \"duration_ns\": \"BIGINT\", \"status_code\": \"VARCHAR\", \"status_message\": \"VARCHAR\",
  \"attributes\": \"MAP(VARCHAR, VARCHAR)\", \"resource_attributes\": \"MAP(VARCHAR, VARCHAR)\",
  \"links\": [{\"trace_id\": \"VARCHAR\", \"span_id\": \"VARCHAR\"}], \"events\": [{\"name\": \"VARCHAR\", \"attributes\": \"MAP(VARCHAR, VARCHAR)\"}]
}]')) AS s)";
