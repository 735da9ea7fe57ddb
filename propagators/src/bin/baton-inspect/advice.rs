//! What to do where no context was found.

use baton_propagators::event::{Event, Trigger};

/// One sentence on what to change.
pub(crate) fn advice(event: &Event<'_>) -> &'static str {
    if event.invalid() > 0 {
        "a context is there and not valid: look for two of them, upper-case digits, ids of zeros, a wrong length"
    } else {
        carrier(event.trigger)
    }
}

/// Where this source carries a context.
const fn carrier(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Sqs => {
            "the producer has to send `traceparent` as a message attribute (Baton's interceptor does), or the X-Ray header"
        }
        Trigger::Sns => {
            "the publisher has to send `traceparent` as a message attribute; MessageStructure=json drops all of them"
        }
        Trigger::EventBridge => {
            "the producer has to put `_trace` into `detail`, and no InputTransformer may drop it; the X-Ray header of PutEvents is not delivered"
        }
        Trigger::Kinesis | Trigger::Firehose => {
            "the producer has to put `_trace` into the JSON of `Data`; there is no other place"
        }
        Trigger::DynamoDb => {
            "the writer has to store `_trace` in the item, and the stream has to show new images"
        }
        Trigger::S3 | Trigger::S3Test => {
            "notifications carry nothing; join by `baton.origin_request_id` and the producer's `aws.request_id`"
        }
        Trigger::Msk | Trigger::SelfManagedKafka => {
            "the producer has to send `traceparent` as a record header"
        }
        Trigger::RabbitMq => "the producer has to send `traceparent` as an AMQP header",
        Trigger::ActiveMq => "the producer has to send `traceparent` as a JMS property",
        Trigger::ApiGatewayV1
        | Trigger::ApiGatewayV2
        | Trigger::FunctionUrl
        | Trigger::Alb
        | Trigger::VpcLattice
        | Trigger::AppSync
        | Trigger::Authorizer => {
            "the client has to send the header `traceparent`; those of other formats (b3, X-Ray, …) are read only when --propagators names them"
        }
        Trigger::WebSocket => {
            "only `$connect` has headers; a message has to hold `_trace` in its body"
        }
        Trigger::Cognito => {
            "the client has to send `traceparent` as ClientMetadata, which only some triggers see"
        }
        Trigger::StepFunctions => {
            "the context object has no execution id and state to compute ids from"
        }
        Trigger::Destination | Trigger::DurableFunction => {
            "the original event held none: whoever invoked the function first has to send one"
        }
        Trigger::Schedule => "nothing is wrong: a timer starts a trace",
        Trigger::Other => {
            "the caller has to put `_trace` into the payload, or `traceparent` into ClientContext.custom (synchronous invokes only); if a service sent this, the fields that tell which are missing"
        }
        _ => "nothing is wrong: this source carries no context, and starts a trace",
    }
}
