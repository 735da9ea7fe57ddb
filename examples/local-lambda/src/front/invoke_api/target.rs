//! Which function a path means: a name, a partial ARN or an ARN, each with or without a qualifier.

use super::error::ApiError;

/// The only version that exists here.
pub(super) const LATEST: &str = "$LATEST";

const PATTERN: &str = r"Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";

/// A function as a caller names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) qualifier: Option<String>,
    /// Region and account, where the caller gave them.
    pub(super) region: Option<String>,
    pub(super) account: Option<String>,
}

// === impl Target ===

impl Target {
    /// Reads the path segment and the `Qualifier` of the query.
    pub(super) fn parse(text: &str, qualifier: Option<&str>) -> Result<Self, ApiError> {
        let wrong = || ApiError::validation(text, "functionName", PATTERN);
        let parts: Vec<&str> = text.split(':').collect();
        let (region, account, rest) = match parts.as_slice() {
            [
                "arn",
                partition,
                "lambda",
                region,
                account,
                "function",
                rest @ ..,
            ] if partition.starts_with("aws") => (Some(*region), Some(*account), rest),
            [account, "function", rest @ ..] if is_account(account) => (None, Some(*account), rest),
            ["function", rest @ ..] if !rest.is_empty() => (None, None, rest),
            rest => (None, None, rest),
        };
        let (name, in_name) = match rest {
            [name] => (*name, None),
            [name, qualifier] => (*name, Some(*qualifier)),
            _ => return Err(wrong()),
        };
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let qualifies =
            |q: &str| q == LATEST || (!q.is_empty() && q.chars().all(|c| letters(c) && c != '.'));
        if name.is_empty() || !name.chars().all(letters) || !in_name.is_none_or(qualifies) {
            return Err(wrong());
        }
        if let (Some(in_name), Some(in_query)) = (in_name, qualifier)
            && in_name != in_query
        {
            let message = "The derived qualifier from the function name does not match the specified qualifier.";
            return Err(ApiError::invalid_parameter(message));
        }
        let owned = |part: Option<&str>| part.map(str::to_owned);
        Ok(Self {
            name: name.to_owned(),
            qualifier: owned(in_name.or(qualifier)),
            region: owned(region),
            account: owned(account),
        })
    }

    /// Whether the qualifier names the version that exists.
    pub(super) fn is_latest(&self) -> bool {
        self.qualifier
            .as_deref()
            .is_none_or(|qualifier| qualifier == LATEST)
    }

    /// The ARN, completed with the caller's own region and account.
    pub(super) fn arn(&self, region: &str, account: &str) -> String {
        let region = self.region.as_deref().unwrap_or(region);
        let account = self.account.as_deref().unwrap_or(account);
        let qualifier = self
            .qualifier
            .as_deref()
            .map(|q| format!(":{q}"))
            .unwrap_or_default();
        format!(
            "arn:aws:lambda:{region}:{account}:function:{}{qualifier}",
            self.name
        )
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, qualifier: Option<&str>, name: &str, arn: &str) {
        let target = Target::parse(text, qualifier).unwrap();
        assert_eq!(
            (
                target.name.as_str(),
                target.arn("us-east-1", "000000000000").as_str()
            ),
            (name, arn)
        );
    }

    #[test]
    fn every_documented_form() {
        let plain = "arn:aws:lambda:us-east-1:000000000000:function:pay";
        check("pay", None, "pay", plain);
        check("function:pay", None, "pay", plain);
        check("pay:$LATEST", None, "pay", &format!("{plain}:$LATEST"));
        check("pay", Some("live"), "pay", &format!("{plain}:live"));
        check("pay:live", Some("live"), "pay", &format!("{plain}:live"));
        check(
            "123456789012:function:pay",
            None,
            "pay",
            "arn:aws:lambda:us-east-1:123456789012:function:pay",
        );
        let full = "arn:aws:lambda:us-west-2:123456789012:function:pay:7";
        check(full, None, "pay", full);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            ":",
            "a b",
            "pay:",
            "a:b:c",
            "arn:aws:sqs:us-east-1:000000000000:pay",
            "arn:aws:lambda:us-east-1:0:function",
            "pay/x",
        ] {
            assert!(Target::parse(text, None).is_err(), "{text}");
        }
        assert!(Target::parse("pay:live", Some("test")).is_err());
    }
}
