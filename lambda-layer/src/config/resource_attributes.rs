//! `OTEL_RESOURCE_ATTRIBUTES`: `name=value,name=value`, values percent-encoded, as in
//! <https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable>.

use percent_encoding::percent_decode_str;

use super::Complaint;

/// The variables of a function are 4 KiB at most; this is only against nonsense.
const MAX_ATTRIBUTES: usize = 128;

pub(super) fn parse(list: &str) -> (Vec<(String, String)>, Vec<Complaint>) {
    let mut attributes = Vec::new();
    let mut complaints = Vec::new();
    for (index, entry) in list.split(',').take(MAX_ATTRIBUTES).enumerate() {
        let entry = entry.trim();
        match entry.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                let value = percent_decode_str(value.trim()).decode_utf8_lossy();
                attributes.push((name.trim().to_owned(), value.into_owned()));
            }
            None if entry.is_empty() => {}
            _ => complaints.push(Complaint::Attribute {
                position: index + 1,
                entry: entry.to_owned(),
            }),
        }
    }
    (attributes, complaints)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(list: &str, expected: &[(&str, &str)], complaints: &[&str]) {
        let (attributes, found) = parse(list);
        let seen: Vec<_> = attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(seen, expected, "{list}");
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        let opening = "`OTEL_RESOURCE_ATTRIBUTES` entry";
        let expectation = "expected `name=value` with a percent-encoded value; it is left out";
        let complaints: Vec<_> = complaints
            .iter()
            .map(|which| format!("{opening} {which}: {expectation}"))
            .collect();
        assert_eq!(found, complaints, "{list}");
    }

    #[test]
    fn lists() {
        check("", &[], &[]);
        check("team=a%2Cb, x = y ,", &[("team", "a,b"), ("x", "y")], &[]);
        check("x=a=b,y=", &[("x", "a=b"), ("y", "")], &[]);
        check("bad", &[], &["1 (`bad`)"]);
        check(
            "team=pay%20ments, bad,=x,z=1",
            &[("team", "pay ments"), ("z", "1")],
            &["2 (`bad`)", "3 (`=x`)"],
        );
    }
}
