//! Message attributes as `aws-sdk-sqs` holds them.

use std::{collections::HashMap, str};

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use opentelemetry::propagation::{Extractor, Injector};

use super::{Carrier, XRayHeader};
use crate::{context::TraceContext, send::attributes::insert};

/// Reads a message that `ReceiveMessage` returned.
///
/// The caller has to ask for the attributes: `message_attribute_names("All")`, and
/// `message_system_attribute_names(MessageSystemAttributeName::AwsTraceHeader)` for the last resort.
///
/// ```
/// use aws_sdk_sqs::types::{Message, MessageAttributeValue};
/// use baton_propagators::carrier::MessageAttributes;
///
/// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let attribute = MessageAttributeValue::builder().data_type("String").string_value(parent).build()?;
/// let message = Message::builder().message_attributes("traceparent", attribute).build();
///
/// let context = MessageAttributes(&message).context().map(|context| context.traceparent().to_string());
/// assert_eq!(context.as_deref(), Some(parent));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MessageAttributes<'a>(pub &'a Message);

/// Writes the attributes of a message that is about to be sent.
///
/// Never makes a send fail: a name that is there stays as it is, since the sender put it there; the eleventh attribute and
/// an empty value, which SQS refuses, are left out.
///
/// ```
/// use std::collections::HashMap;
/// use baton_propagators::carrier::SendAttributes;
/// use opentelemetry::propagation::Injector;
///
/// let mut attributes = HashMap::new();
/// SendAttributes(&mut attributes).set("traceparent", "first".to_owned());
/// SendAttributes(&mut attributes).set("traceparent", "second".to_owned());
/// assert_eq!(attributes["traceparent"].string_value(), Some("first"));
/// ```
#[derive(Debug)]
pub struct SendAttributes<'a>(pub &'a mut HashMap<String, MessageAttributeValue>);

// ===== impl MessageAttributes =====

impl MessageAttributes<'_> {
    /// The W3C context of the attributes; without one, what `AWSTraceHeader` says.
    #[must_use]
    pub fn context(&self) -> Option<TraceContext<'static>> {
        if let Ok(context) = TraceContext::extract(self) {
            return Some(context.into_owned());
        }
        let header = self
            .0
            .attributes()?
            .get(&MessageSystemAttributeName::AwsTraceHeader)?;
        XRayHeader::parse(header).context()
    }
}

impl Carrier for MessageAttributes<'_> {
    fn values_of<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c str> {
        let found = self
            .0
            .message_attributes()
            .and_then(|attributes| attributes.get(name));
        found.and_then(text).into_iter()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let attributes = self.0.message_attributes().into_iter();
        attributes.flat_map(HashMap::keys).map(String::as_str)
    }
}

impl Extractor for MessageAttributes<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.message_attributes()?.get(key).and_then(text)
    }

    fn keys(&self) -> Vec<&str> {
        self.names().collect()
    }
}

impl Injector for SendAttributes<'_> {
    fn set(&mut self, key: &str, value: String) {
        insert(self.0, key, &value);
    }
}

/// `Binary` attributes count when they hold text: SNS turns attributes into them with raw delivery.
fn text(attribute: &MessageAttributeValue) -> Option<&str> {
    let binary = || str::from_utf8(attribute.binary_value()?.as_ref()).ok();
    attribute.string_value().or_else(binary)
}

#[cfg(test)]
mod tests {
    use aws_sdk_sqs::primitives::Blob;

    use super::*;
    use crate::send::MAX_MESSAGE_ATTRIBUTES;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const HEADER: &str =
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

    fn message(parent: Option<MessageAttributeValue>, header: Option<&str>) -> Message {
        let mut message = Message::builder();
        if let Some(parent) = parent {
            message = message.message_attributes("traceparent", parent);
        }
        if let Some(header) = header {
            message = message.attributes(MessageSystemAttributeName::AwsTraceHeader, header);
        }
        message.build()
    }

    #[track_caller]
    fn check(message: &Message, expected: Option<&str>) {
        let found = MessageAttributes(message)
            .context()
            .map(|context| context.traceparent().to_string());
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn attributes_first_then_the_header() {
        let text = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(PARENT)
            .build()
            .unwrap();
        let binary = MessageAttributeValue::builder()
            .data_type("Binary")
            .binary_value(Blob::new(PARENT))
            .build()
            .unwrap();
        let broken = MessageAttributeValue::builder()
            .data_type("Binary")
            .binary_value(Blob::new([0xff]))
            .build()
            .unwrap();
        let from_header = Some("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01");

        check(&message(Some(text), Some(HEADER)), Some(PARENT));
        check(&message(Some(binary), None), Some(PARENT));
        check(&message(Some(broken), Some(HEADER)), from_header);
        check(&message(None, Some(HEADER)), from_header);
        check(&message(None, None), None);
    }

    #[test]
    fn the_eleventh_attribute_is_left_out() {
        let mut attributes = HashMap::new();
        for n in 0..12 {
            SendAttributes(&mut attributes).set(&format!("key{n}"), "value".to_owned());
        }
        SendAttributes(&mut attributes).set("key0", "other".to_owned());
        assert_eq!(attributes.len(), MAX_MESSAGE_ATTRIBUTES);
        assert_eq!(attributes["key0"].string_value(), Some("value"));
        assert!(!attributes.contains_key("key10"));
    }
}
