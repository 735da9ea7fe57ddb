//! The rows: an event, what the function does with it, and the limits it has.

use std::fs;
use std::time::Duration;

use local_lambda::{FunctionConfig, Initialization};
use serde_json::{Value, json};

use crate::harness::interpreters::workspace;

/// One row.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// `$DO` of the function.
    pub(crate) act: &'static str,
    pub(crate) event: Value,
    pub(crate) trace_header: Option<&'static str>,
    /// One after the other.
    pub(crate) calls: usize,
    /// Twice at once instead.
    pub(crate) at_once: bool,
    pub(crate) change: fn(&mut FunctionConfig),
    /// Lambda's record of a failure may overtake what the runtime says about it: then the words are Lambda's.
    pub(crate) words_vary: bool,
}

/// As Lambda hands on what a traced caller sent.
const TRACE_HEADER: &str =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

// === impl Case ===

impl Case {
    fn new(name: &'static str, act: &'static str, event: Value) -> Self {
        Self {
            name,
            act,
            event,
            trace_header: None,
            calls: 1,
            at_once: false,
            change: |_| (),
            words_vary: false,
        }
    }

    /// Where the ids stand that a tree may show.
    pub(crate) fn known(&self) -> String {
        format!("{}{}", self.event, self.trace_header.unwrap_or_default())
    }
}

pub(crate) fn http() -> Case {
    Case::new("http", "http", fixture("function-url.json"))
}

/// Ten messages of ten senders, three of which fail.
pub(crate) fn sqs_batch() -> Case {
    let record = |number: u32| {
        let traceparent =
            format!("00-4bf92f3577b34da6a3ce929d0e0e47{number:02}-00f067aa0ba902{number:02}-01");
        json!({
            "messageId": format!("fixture-{number}"),
            "receiptHandle": "handle",
            "body": if number % 4 == 1 { "bad" } else { "good" },
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1691582488541",
                "SenderId": "AROAEXAMPLE:sender",
                "ApproximateFirstReceiveTimestamp": "1691582488551",
            },
            "messageAttributes": {"traceparent": {"stringValue": traceparent, "dataType": "String"}},
            "md5OfBody": "e91e6348157868de9dd8b25c81aebfb9",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders",
            "awsRegion": "us-east-1",
        })
    };
    let records: Vec<Value> = (0..10).map(record).collect();
    Case::new("sqs_batch", "batch", json!({"Records": records}))
}

pub(crate) fn sns() -> Case {
    Case::new("sns", "answer", fixture("events/sns.json"))
}

pub(crate) fn eventbridge() -> Case {
    Case {
        trace_header: Some(TRACE_HEADER),
        ..Case::new("eventbridge", "answer", fixture("events/eventbridge.json"))
    }
}

pub(crate) fn cold_and_warm() -> Case {
    Case {
        trace_header: Some(TRACE_HEADER),
        calls: 2,
        ..Case::new("cold_and_warm", "answer", json!({"order": 7}))
    }
}

pub(crate) fn snap_start() -> Case {
    Case {
        change: |function| function.initialization = Initialization::SnapStart,
        ..Case::new("snap_start", "http", fixture("function-url.json"))
    }
}

/// Two invocations side by side in one environment.
pub(crate) fn managed_instances() -> Case {
    Case {
        change: |function| {
            function.initialization = Initialization::ManagedInstances { max_concurrency: 2 };
        },
        at_once: true,
        ..Case::new("managed_instances", "http", fixture("function-url.json"))
    }
}

pub(crate) fn error() -> Case {
    Case::new("error", "fail", fixture("function-url.json"))
}

pub(crate) fn timeout() -> Case {
    Case {
        change: |function| function.timeout = Duration::from_secs(3),
        ..Case::new("timeout", "sleep", fixture("function-url.json"))
    }
}

pub(crate) fn out_of_memory() -> Case {
    Case {
        change: |function| function.memory_mb = 256,
        ..Case::new("out_of_memory", "hog", fixture("function-url.json"))
    }
}

pub(crate) fn exit() -> Case {
    Case::new("exit", "leave", fixture("function-url.json"))
}

pub(crate) fn init_failure() -> Case {
    Case {
        words_vary: true,
        ..Case::new("init_failure", "init", fixture("function-url.json"))
    }
}

pub(crate) fn stream() -> Case {
    Case::new("stream", "stream", fixture("function-url.json"))
}

/// An event in the shape that AWS documents.
fn fixture(name: &str) -> Value {
    let path = workspace().join("propagators/tests/fixtures").join(name);
    let text = fs::read_to_string(&path).unwrap();
    serde_json::from_str(&text).unwrap()
}
