//! Which messages of a batch are done: the rules of partial batch responses.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting>

use std::collections::BTreeSet;

use serde_json::Value;

use super::event::Received;

/// What the function's answer says about its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Every message is done.
    Success,
    /// These messages come back; the others are done.
    Partial(BTreeSet<String>),
    /// Every message comes back, because the answer is not usable.
    Failure(String),
}

// === impl Outcome ===

impl Outcome {
    /// Reads the answer of a function with `ReportBatchItemFailures`.
    pub(crate) fn parse(answer: &[u8], batch: &[Received]) -> Self {
        if answer.trim_ascii().is_empty() {
            return Self::Success;
        }
        match serde_json::from_slice(answer) {
            Ok(answer) => Self::of_value(&answer, batch),
            Err(error) => Self::Failure(format!("the answer is no JSON: {error}")),
        }
    }

    fn of_value(answer: &Value, batch: &[Received]) -> Self {
        let failures = match answer {
            Value::Null => return Self::Success,
            Value::Object(fields) => match fields.get("batchItemFailures") {
                None | Some(Value::Null) => return Self::Success,
                Some(Value::Array(failures)) => failures,
                Some(other) => {
                    return Self::Failure(format!(
                        "`batchItemFailures` is `{other}`, expected a list"
                    ));
                }
            },
            other => return Self::Failure(format!("the answer is `{other}`, expected an object")),
        };
        let mut failed = BTreeSet::new();
        for failure in failures {
            let Some(id) = failure
                .get("itemIdentifier")
                .and_then(Value::as_str)
                .filter(|id| !id.is_empty())
            else {
                return Self::Failure(format!(
                    "`{failure}` names no message, expected {{\"itemIdentifier\":\"<messageId>\"}}"
                ));
            };
            if !batch.iter().any(|message| message.message_id == id) {
                return Self::Failure(format!("`{id}` is the id of no message in the batch"));
            }
            failed.insert(id.to_owned());
        }
        if failed.is_empty() {
            Self::Success
        } else {
            Self::Partial(failed)
        }
    }

    /// Whether the message is done.
    pub(crate) fn is_done(&self, message: &Received) -> bool {
        match self {
            Self::Success => true,
            Self::Partial(failed) => !failed.contains(&message.message_id),
            Self::Failure(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sqs::types::Message;

    use super::*;
    use crate::sources::sqs::event::QueueName;

    fn batch() -> Vec<Received> {
        let queue = QueueName {
            arn: "arn:aws:sqs:us-east-1:000000000000:q".to_owned(),
            region: "us-east-1".to_owned(),
        };
        ["a", "b", "c"]
            .map(|id| Received::new(&Message::builder().message_id(id).build(), &queue).unwrap())
            .into()
    }

    #[track_caller]
    fn check(answer: &str, done: &[&str]) {
        let batch = batch();
        let outcome = Outcome::parse(answer.as_bytes(), &batch);
        let said: Vec<_> = batch
            .iter()
            .filter(|message| outcome.is_done(message))
            .map(|message| message.message_id.as_str())
            .collect();
        assert_eq!(said, done, "{answer} gives {outcome:?}");
    }

    #[test]
    fn documented_successes() {
        for answer in [
            "",
            " \n",
            "null",
            "{}",
            r#"{"batchItemFailures":[]}"#,
            r#"{"batchItemFailures":null}"#,
            r#"{"ok":true}"#,
        ] {
            check(answer, &["a", "b", "c"]);
        }
    }

    #[test]
    fn named_messages_come_back() {
        check(
            r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#,
            &["a", "c"],
        );
        check(
            r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}"#,
            &["a", "c"],
        );
        check(
            r#"{"batchItemFailures":[{"itemIdentifier":"c"},{"itemIdentifier":"a"}],"more":1}"#,
            &["b"],
        );
        check(
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"},{"itemIdentifier":"c"}]}"#,
            &[],
        );
    }

    #[test]
    fn documented_failures_of_the_whole_batch() {
        for answer in [
            "not json",
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":7}]}"#,
            r#"{"batchItemFailures":[{"itemId":"a"}]}"#,
            r#"{"batchItemFailures":["a"]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"z"}]}"#,
            r#"{"batchItemFailures":"a"}"#,
            r#""ok""#,
            "[]",
        ] {
            check(answer, &[]);
        }
    }
}
