//! Where in an event a context was found.

use std::fmt;

/// As deep as three nested envelopes can lead.
const MAX_STEPS: usize = 12;

/// The way from the event, or from one of its records, to a context.
///
/// ```
/// use baton_propagators::event::Event;
///
/// let event = Event::parse(br#"{"source": "shop", "detail-type": "OrderPlaced", "detail": {"_trace":
///     {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}}"#);
/// let place = event.records[0].contexts.winner().map(|found| found.place.to_string());
/// assert_eq!(place.as_deref(), Some("detail._trace"));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    steps: [Step; MAX_STEPS],
    len: u8,
}

macro_rules! steps {
    ($($step:ident $text:literal),+ $(,)?) => {
        /// One step of the way.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(super) enum Step {
            #[default]
            $($step),+
        }

        impl Step {
            const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$step => $text),+
                }
            }
        }
    };
}

steps! {
    Payload "payload",
    Attributes "messageAttributes",
    Authorizer "requestContext.authorizer",
    AwsTraceHeader "attributes.AWSTraceHeader",
    Body "body",
    ClientContext "ClientContext.custom",
    ClientMetadata "request.clientMetadata",
    Checkpoint "InitialExecutionState.Operations.StepDetails.Result",
    Data "data",
    Datadog "_datadog",
    DeliveredData "Data",
    DeliveredMetadata "Metadata",
    Detail "detail",
    Execution "Execution",
    ExecutionInput "Execution.Input",
    Headers "headers",
    InputPayload "InitialExecutionState.Operations.ExecutionDetails.InputPayload",
    KinesisData "kinesis.data",
    Message "Message",
    MessageAttributes "MessageAttributes",
    NewImage "dynamodb.NewImage",
    Properties "properties",
    QueueHeaders "basicProperties.headers",
    RequestHeaders "request.headers",
    RequestPayload "requestPayload",
    RuntimeHeader "Lambda-Runtime-Trace-Id",
    SnsAttributes "Sns.MessageAttributes",
    SnsMessage "Sns.Message",
    TaskPayload "Payload",
    Trace "_trace",
    Value "value",
    WholeEvent "payload",
}

// ===== impl Place =====

impl Place {
    pub(super) fn of(step: Step) -> Self {
        Self::default().then(step)
    }

    /// One step further. What is deeper than any real event is left out.
    #[must_use]
    pub(super) fn then(mut self, step: Step) -> Self {
        if let Some(free) = self.steps.get_mut(usize::from(self.len)) {
            *free = step;
            self.len += 1;
        }
        self
    }

    /// A place as it is seen from further outside.
    #[must_use]
    pub(super) fn within(self, outer: Self) -> Self {
        self.steps().fold(outer, Self::then)
    }

    pub(super) fn last(&self) -> Option<Step> {
        self.steps().last()
    }

    fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        self.steps.iter().copied().take(usize::from(self.len))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.len == 0 {
            return f.write_str("the event itself");
        }
        for (index, step) in self.steps().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(f, "{dot}{}", step.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}
