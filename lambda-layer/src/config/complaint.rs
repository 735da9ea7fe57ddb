//! What is wrong with a variable, as the one line that is logged.

use super::target::{Target, TargetError};

/// A variable that cannot be used. The layer goes on with the default.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Complaint {
    /// No target is given.
    #[error(
        "`BATON_EXPORT` is not set: spans are counted and dropped; set it to the base URL of an OTLP/HTTP receiver, as in `http://collector.internal:4318`"
    )]
    NoTarget,
    /// The target cannot be used.
    #[error("{0}; until then spans are counted and dropped")]
    Target(#[from] TargetError),
    /// The target is the layer itself: every span would come back for ever.
    #[error(
        "`BATON_EXPORT` is `{target}`: expected a receiver elsewhere, this is the layer's own listener (`BATON_OTLP_HTTP`); until then spans are counted and dropped"
    )]
    Circle {
        /// The target.
        target: Target,
    },
    /// A header of `BATON_EXPORT_HEADERS` cannot be sent. Its value may be a secret and is not shown.
    #[error(
        "`BATON_EXPORT_HEADERS` entry {position} (`{name}`): expected `name=value` with a percent-encoded value; it is left out"
    )]
    Header {
        /// Which entry, from 1.
        position: usize,
        /// What stands before `=`.
        name: String,
    },
    /// A header that the layer sets itself.
    #[error(
        "`BATON_EXPORT_HEADERS` entry {position} (`{name}`): expected a header that does not describe the body, the layer sets those itself; it is left out"
    )]
    OwnHeader {
        /// Which entry, from 1.
        position: usize,
        /// The header.
        name: String,
    },
    /// An entry of `OTEL_RESOURCE_ATTRIBUTES` that is no attribute.
    #[error(
        "`OTEL_RESOURCE_ATTRIBUTES` entry {position} (`{entry}`): expected `name=value` with a percent-encoded value; it is left out"
    )]
    Attribute {
        /// Which entry, from 1.
        position: usize,
        /// The entry.
        entry: String,
    },
    /// A name in `OTEL_PROPAGATORS` that the layer does not know; the function's SDK may.
    #[error("`OTEL_PROPAGATORS`: {0}; it is left out")]
    Propagator(baton_propagators::format::UnknownFormat),
    /// Any other value.
    #[error("`{name}` is `{value}`: expected {expected}; `{default}` is used")]
    Value {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it could hold.
        expected: &'static str,
        /// What is used instead.
        default: &'static str,
    },
}
