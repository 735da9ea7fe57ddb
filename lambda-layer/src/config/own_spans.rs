//! What the layer's own spans are made by.

use baton_propagators::format::Formats;

use super::Given;
use super::complaint::Complaint;
use super::resource_attributes;
use super::variables::{
    EVENT_HEADERS, FUNCTION_NAME, FUNCTION_VERSION, INITIALIZATION_TYPE, MEMORY_SIZE, PROPAGATORS,
    REGION, RESOURCE_ATTRIBUTES, SAMPLER, SAMPLER_ARG, SERVICE_NAME,
};
use crate::sampler::Sampler;
use crate::span::{About, Resource};

/// How the layer's own spans are made.
#[derive(Debug, Clone)]
pub struct Tracing {
    /// What contexts are read in; none of them: nothing is handed on.
    pub formats: Formats,
    /// Which traces are recorded.
    pub sampler: Sampler,
    /// Whether the `traceparent` header of an HTTP event is replaced.
    pub replaces_headers: bool,
    /// Whose spans they are.
    pub resource: Resource,
    /// How the environment came to be.
    pub initialization: Initialization,
}

/// `AWS_LAMBDA_INITIALIZATION_TYPE`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Initialization {
    /// For an invocation that waits for it.
    #[default]
    OnDemand,
    /// Restored from a snapshot, for an invocation that waits for it.
    SnapStart,
    /// In advance.
    Provisioned,
    /// Lambda Managed Instances: invocations overlap, nothing is frozen.
    ManagedInstances,
}

impl Initialization {
    /// Whether the first invocation waited for the environment.
    #[must_use]
    pub const fn is_cold(self) -> bool {
        matches!(self, Self::OnDemand | Self::SnapStart)
    }

    fn of(value: &str) -> Self {
        match value {
            "snap-start" => Self::SnapStart,
            "provisioned-concurrency" => Self::Provisioned,
            "lambda-managed-instances" => Self::ManagedInstances,
            _ => Self::OnDemand,
        }
    }
}

pub(super) fn parse(given: &mut Given<'_>) -> Tracing {
    let (formats, unknown) = Formats::parse(given.get(PROPAGATORS).unwrap_or_default());
    for unknown in unknown {
        given.complaints.push(Complaint::Propagator(unknown));
    }
    let ratio = given.value(SAMPLER_ARG, "a number from 0 to 1", ratio);
    let expected =
        "`always_on`, `always_off`, `traceidratio`, or one of them behind `parentbased_`";
    let sampler = given.value(SAMPLER, expected, |name| Sampler::parse(name, Some(&ratio)));
    let replaces_headers = given.value(EVENT_HEADERS, "`replace` or `off`", |value| match value {
        "replace" => Some(true),
        "off" => Some(false),
        _ => None,
    });
    let (attributes, complaints) =
        resource_attributes::parse(given.get(RESOURCE_ATTRIBUTES).unwrap_or_default());
    given.complaints.extend(complaints);
    Tracing {
        formats,
        sampler,
        replaces_headers,
        resource: Resource::new(&About {
            service_name: given.get(SERVICE_NAME),
            attributes: &attributes,
            function_name: given.get(FUNCTION_NAME),
            function_version: given.get(FUNCTION_VERSION),
            memory_mb: given.get(MEMORY_SIZE),
            region: given.get(REGION),
        }),
        initialization: Initialization::of(given.get(INITIALIZATION_TYPE).unwrap_or_default()),
    }
}

fn ratio(value: &str) -> Option<String> {
    let ratio: f64 = value.parse().ok()?;
    (0.0..=1.0).contains(&ratio).then(|| value.to_owned())
}
