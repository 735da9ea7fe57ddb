//! `BATON_EXPORT_HEADERS`: `name=value,name=value`, values percent-encoded, as in
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables>.

use percent_encoding::percent_decode_str;
use reqwest::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING,
};

use super::Complaint;

/// They say what the body is and where it ends: another value would spoil every request.
const OWN: [HeaderName; 5] = [
    CONTENT_TYPE,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
];

pub(super) fn parse(list: &str) -> (HeaderMap, Vec<Complaint>) {
    let mut headers = HeaderMap::new();
    let mut complaints = Vec::new();
    for (index, entry) in list.split(',').enumerate() {
        if entry.trim().is_empty() {
            continue;
        }
        let (name, value) = entry.split_once('=').unwrap_or((entry, ""));
        let own =
            HeaderName::from_bytes(name.trim().as_bytes()).is_ok_and(|name| OWN.contains(&name));
        if own {
            let (position, name) = (index + 1, name.trim().to_owned());
            complaints.push(Complaint::OwnHeader { position, name });
            continue;
        }
        match header(name.trim(), value.trim()) {
            Some((name, value)) if entry.contains('=') => {
                headers.insert(name, value);
            }
            // Without `=` the whole entry may be a secret.
            _ => complaints.push(Complaint::Header {
                position: index + 1,
                name: if entry.contains('=') {
                    name.trim()
                } else {
                    "…"
                }
                .to_owned(),
            }),
        }
    }
    (headers, complaints)
}

fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    let decoded: Vec<u8> = percent_decode_str(value).collect();
    let mut value = HeaderValue::from_bytes(&decoded).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(list: &str, expected: &[(&str, &str)], complaints: usize) {
        let (headers, found) = parse(list);
        let seen: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        assert_eq!(seen, expected, "{list}");
        assert_eq!(found.len(), complaints, "{list}: {found:?}");
    }

    #[test]
    fn lists() {
        check("", &[], 0);
        check("api-key=abc", &[("api-key", "abc")], 0);
        check(
            "Authorization=Basic%20a%3D%3D, x=1,",
            &[("authorization", "Basic a=="), ("x", "1")],
            0,
        );
        check("x=a=b", &[("x", "a=b")], 0);
        check("x=", &[("x", "")], 0);
        check("not a name=1,y=2", &[("y", "2")], 1);
        check("secret,y=%0a", &[], 2);
        check(
            "Content-Length=5,transfer-encoding=chunked,connection=close,content-encoding=br,content-type=a/b,z=1",
            &[("z", "1")],
            5,
        );
    }

    #[test]
    fn secrets_are_not_shown() {
        let (_, complaints) = parse("topsecret,bad name=topsecret");
        for complaint in complaints {
            assert!(!complaint.to_string().contains("topsecret"), "{complaint}");
        }
    }
}
