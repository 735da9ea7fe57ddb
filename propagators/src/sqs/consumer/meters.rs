//! The figures of a consumer, through `opentelemetry::metrics`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram, Meter, UpDownCounter},
};

use super::outcome::Outcome;
use crate::attribute as a;

/// <https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/>
const DURATION_BOUNDARIES_S: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
/// A message may wait for days.
const LAG_BOUNDARIES_S: [f64; 14] = [
    0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0,
];

pub(super) struct Meters {
    consumed: Counter<u64>,
    processed: Counter<u64>,
    in_flight: UpDownCounter<i64>,
    duration: Histogram<f64>,
    lag: Histogram<f64>,
    receive: [KeyValue; 3],
    process: [KeyValue; 3],
}

// ===== impl Meters =====

impl Meters {
    pub(super) fn new(meter: &Meter, queue: &str) -> Self {
        let attributes = |operation| {
            [
                KeyValue::new(a::MESSAGING_SYSTEM, a::AWS_SQS),
                KeyValue::new(a::MESSAGING_OPERATION_NAME, operation),
                KeyValue::new(a::MESSAGING_DESTINATION_NAME, queue.to_owned()),
            ]
        };
        let seconds = |name, text, boundaries: [f64; 14]| {
            let histogram = meter.f64_histogram(name).with_unit("s");
            histogram
                .with_description(text)
                .with_boundaries(boundaries.into())
                .build()
        };
        let messages = |name, text| {
            let counter = meter.u64_counter(name).with_unit("{message}");
            counter.with_description(text).build()
        };
        Self {
            consumed: messages(
                "messaging.client.consumed.messages",
                "Messages that were received.",
            ),
            processed: messages(
                "baton.process.messages",
                "Messages whose handler ended, by outcome.",
            ),
            in_flight: meter
                .i64_up_down_counter("baton.process.in_flight")
                .with_unit("{message}")
                .with_description("Messages whose handler runs.")
                .build(),
            duration: seconds(
                "messaging.process.duration",
                "How long handlers took.",
                DURATION_BOUNDARIES_S,
            ),
            lag: seconds(
                "baton.queue.lag",
                "From the sending of a message until its handler starts.",
                LAG_BOUNDARIES_S,
            ),
            receive: attributes("receive"),
            process: attributes("process"),
        }
    }

    pub(super) fn received(&self, messages: usize) {
        let messages = u64::try_from(messages).unwrap_or(u64::MAX);
        self.consumed.add(messages, &self.receive);
    }

    pub(super) fn started(&self, lag: Option<Duration>) {
        self.in_flight.add(1, &self.process);
        if let Some(lag) = lag {
            self.lag.record(lag.as_secs_f64(), &self.process);
        }
    }

    pub(super) fn finished(&self, outcome: &Outcome, took: Duration) {
        self.in_flight.add(-1, &self.process);
        let mut attributes = self.process.to_vec();
        if let Some(failure) = outcome.failure() {
            attributes.push(KeyValue::new(a::ERROR_TYPE, failure.kind()));
        }
        self.duration.record(took.as_secs_f64(), &attributes);
        attributes.push(KeyValue::new(a::BATON_OUTCOME, outcome.as_str()));
        self.processed.add(1, &attributes);
    }
}

/// How long a message was in its queue. Clocks differ: a message from the future has no lag.
pub(super) fn lag(message: &Message, now: SystemTime) -> Option<Duration> {
    let sent = message
        .attributes()?
        .get(&MessageSystemAttributeName::SentTimestamp)?;
    let sent = UNIX_EPOCH.checked_add(Duration::from_millis(sent.parse().ok()?))?;
    Some(now.duration_since(sent).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lag_is_never_negative_and_never_made_up() {
        let now = UNIX_EPOCH + Duration::from_millis(5000);
        for (sent, expected) in [
            ("2000", Some(3000)),
            ("9000", Some(0)),
            ("soon", None),
            ("18446744073709551615", Some(0)),
        ] {
            let message = Message::builder()
                .attributes(MessageSystemAttributeName::SentTimestamp, sent)
                .build();
            let found = lag(&message, now).map(|lag| lag.as_millis());
            assert_eq!(found, expected, "{sent}");
        }
        assert_eq!(lag(&Message::builder().build(), now), None);
    }
}
