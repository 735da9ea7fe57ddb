//! What the spans say about the function: <https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/>.

use baton_propagators::attribute as a;

use crate::span::Attribute;

/// The attributes that an ARN of an invoked function gives: `arn:aws:lambda:REGION:ACCOUNT:function:NAME`, and `:QUALIFIER`
/// when the caller named a version or an alias. `cloud.resource_id` names the version that ran.
pub(super) fn attributes(arn: &str, version: &str) -> Vec<Attribute> {
    let parts: Vec<&str> = arn.split(':').collect();
    let [
        "arn",
        _,
        "lambda",
        _,
        account,
        "function",
        _,
        qualifier @ ..,
    ] = parts.as_slice()
    else {
        return Vec::new();
    };
    let resource = match qualifier {
        [qualifier] => format!("{}{version}", arn.strip_suffix(qualifier).unwrap_or(arn)),
        _ => arn.to_owned(),
    };
    vec![
        Attribute::new(a::AWS_LAMBDA_INVOKED_ARN, arn.to_owned()),
        Attribute::new(a::CLOUD_RESOURCE_ID, resource),
        Attribute::new(a::CLOUD_ACCOUNT_ID, (*account).to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let plain = "arn:aws:lambda:eu-north-1:123456789012:function:f";
        let alias = format!("{plain}:live");
        for (arn, resource) in [
            (plain, Some(plain.to_owned())),
            (alias.as_str(), Some(format!("{plain}:7"))),
            ("arn:aws:sqs:eu-north-1:123456789012:q", None),
            ("", None),
        ] {
            let found = attributes(arn, "7");
            let expected = resource.map(|it| Attribute::new(a::CLOUD_RESOURCE_ID, it));
            assert_eq!(found.get(1), expected.as_ref(), "{arn}");
        }
    }
}
