//! What a function's response says about its spans, read from the bytes that it posts.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::Trigger;

/// The status of an HTTP response, and the messages of a batch that failed.
///
/// ```
/// use baton_propagators::event::{Answer, Trigger};
///
/// let answer = Answer::read(Trigger::Alb, br#"{"statusCode": 503, "body": "later"}"#);
/// assert_eq!(answer.status, Some(503));
///
/// let answer = Answer::read(Trigger::Sqs, br#"{"batchItemFailures": [{"itemIdentifier": "m1"}, {}]}"#);
/// assert_eq!(answer.failures, [Some("m1".to_owned()), None]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// `statusCode` of an HTTP trigger; API Gateway v2 and Function URLs make 200 of an answer without one.
    pub status: Option<u16>,
    /// The message ids that the response lists, `None` for an entry without a usable one.
    pub failures: Vec<Option<String>>,
}

#[derive(Default, Deserialize)]
struct Top<'a> {
    #[serde(borrow, rename = "statusCode")]
    status: Option<&'a RawValue>,
    #[serde(borrow, rename = "batchItemFailures")]
    failures: Option<&'a RawValue>,
    #[serde(borrow)]
    records: Option<&'a RawValue>,
}

// ===== impl Answer =====

impl Answer {
    /// Reads a response; what is no JSON object says nothing. The work is linear in its size.
    #[must_use]
    pub fn read(trigger: Trigger, response: &[u8]) -> Self {
        let top: Top<'_> = serde_json::from_slice(response).unwrap_or_default();
        let value = |raw: Option<&RawValue>| serde_json::from_str::<Value>(raw?.get()).ok();
        let status = value(top.status).and_then(|status| status.as_u64()?.try_into().ok());
        let implied =
            matches!(trigger, Trigger::ApiGatewayV2 | Trigger::FunctionUrl).then_some(200);
        let failures = match trigger {
            Trigger::Firehose => value(top.records).map(|records| unprocessed(&records)),
            _ => value(top.failures).map(|list| listed(&list)),
        };
        Self {
            status: status.or(implied).filter(|_| trigger.is_http()),
            failures: failures.unwrap_or_default(),
        }
    }

    /// Which of these messages failed. Lambda takes all of them for failed when an entry has no id, or one that is not of
    /// this batch: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>.
    ///
    /// ```
    /// use baton_propagators::event::{Answer, Trigger};
    ///
    /// let answer = Answer::read(Trigger::Sqs, br#"{"batchItemFailures": [{"itemIdentifier": "b"}]}"#);
    /// assert_eq!(answer.failed(&["a", "b"]), [false, true]);
    /// assert_eq!(answer.failed(&["a", "c"]), [true, true]);
    /// ```
    #[must_use]
    pub fn failed(&self, ids: &[&str]) -> Vec<bool> {
        let known: std::collections::HashSet<&str> = ids.iter().copied().collect();
        let listed: Option<std::collections::HashSet<&str>> = self
            .failures
            .iter()
            .map(|id| id.as_deref().filter(|id| known.contains(id)))
            .collect();
        match listed {
            Some(listed) => ids.iter().map(|id| listed.contains(id)).collect(),
            None => vec![true; ids.len()],
        }
    }
}

/// `null` and an empty list mean success; what is no list is no valid response, and fails the whole batch.
fn listed(list: &Value) -> Vec<Option<String>> {
    match list {
        Value::Null => Vec::new(),
        Value::Array(entries) => entries
            .iter()
            .map(|entry| id(entry.get("itemIdentifier")?))
            .collect(),
        _ => vec![None],
    }
}

/// A message id or sequence number; of Kafka an object with an offset and the partition that it counts in.
fn id(identifier: &Value) -> Option<String> {
    match identifier {
        Value::String(id) => (!id.is_empty()).then(|| id.clone()),
        Value::Object(parts) => {
            let partition = parts.values().find_map(Value::as_str)?;
            Some(format!("{partition}-{}", parts.get("offset")?.as_i64()?))
        }
        _ => None,
    }
}

/// The records that a Firehose transformation gave up.
fn unprocessed(list: &Value) -> Vec<Option<String>> {
    let records = list.as_array().into_iter().flatten();
    let failed = records.filter(|record| {
        record
            .get("result")
            .is_some_and(|it| it == "ProcessingFailed")
    });
    failed.map(|record| id(record.get("recordId")?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses() {
        let some = |id: &str| Some(id.to_owned());
        for (trigger, response, status, failures) in [
            (Trigger::Alb, r#"{"statusCode":404}"#, Some(404), vec![]),
            (Trigger::Alb, r#"{"statusCode":"404"}"#, None, vec![]),
            (Trigger::Alb, r#"{"statusCode":99999}"#, None, vec![]),
            (Trigger::Alb, "[]", None, vec![]),
            (Trigger::Alb, r#"{"statusCode":404"#, None, vec![]),
            (Trigger::FunctionUrl, r#""text""#, Some(200), vec![]),
            (Trigger::Sqs, r#"{"statusCode":404}"#, None, vec![]),
            (Trigger::Sqs, r#"{"batchItemFailures":null}"#, None, vec![]),
            (
                Trigger::Sqs,
                r#"{"batchItemFailures":"m"}"#,
                None,
                vec![None],
            ),
            (
                Trigger::Sqs,
                r#"{"batchItemFailures":[{"itemIdentifier":""},{"itemIdentifier":"m"}]}"#,
                None,
                vec![None, some("m")],
            ),
            (
                Trigger::Msk,
                r#"{"batchItemFailures":[{"itemIdentifier":{"partition":"clicks-0","offset":16}}]}"#,
                None,
                vec![some("clicks-0-16")],
            ),
            (
                Trigger::Firehose,
                r#"{"records":[{"recordId":"1","result":"Ok"},{"recordId":"2","result":"ProcessingFailed"}]}"#,
                None,
                vec![some("2")],
            ),
        ] {
            let answer = Answer::read(trigger, response.as_bytes());
            assert_eq!(answer.status, status, "{response}");
            assert_eq!(answer.failures, failures, "{response}");
        }
    }

    #[test]
    fn deep_and_broken_responses_say_nothing() {
        let deep = format!(r#"{{"batchItemFailures":{}"#, "[".repeat(100_000));
        assert_eq!(
            Answer::read(Trigger::Sqs, deep.as_bytes()),
            Answer::default()
        );
        assert_eq!(Answer::read(Trigger::Sqs, b"\xff"), Answer::default());
    }
}
