//! The one file of the library that reads environment variables.

use std::env;

use crate::format::XRayHeader;

/// Set by Lambda, and by nothing else.
const FUNCTION: &str = "AWS_LAMBDA_FUNCTION_NAME";
/// The X-Ray header of the invocation; runtimes that run one invocation at a time set it anew for each.
const TRACE_HEADER: &str = "_X_AMZN_TRACE_ID";

/// What Lambda added to the X-Ray header of the invocation that runs; empty outside of Lambda.
///
/// The AWS SDKs look at the same two variables at each request:
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html>, recursion detection.
#[expect(
    clippy::disallowed_methods,
    reason = "the one file that may read the environment"
)]
pub(crate) fn lineage() -> String {
    lineage_of(
        env::var(FUNCTION).ok().as_deref(),
        env::var(TRACE_HEADER).ok().as_deref(),
    )
}

fn lineage_of(function: Option<&str>, trace_header: Option<&str>) -> String {
    let header = function.and(trace_header).unwrap_or_default();
    XRayHeader::parse(header).rest().to_owned()
}

#[cfg(test)]
mod tests {
    use super::lineage_of;

    #[test]
    fn only_in_lambda() {
        let header = Some("Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=a87bd80c:1");
        assert_eq!(lineage_of(Some("orders"), header), "Lineage=a87bd80c:1");
        assert_eq!(lineage_of(None, header), "");
        assert_eq!(lineage_of(Some("orders"), None), "");
    }
}
