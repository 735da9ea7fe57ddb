//! One attempt: a POST and what its answer says.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response};

use super::retry::Attempt;
use crate::answer::partial_success;
use crate::config::Target;

/// More of an answer than this is not read.
const ANSWER_BYTES: usize = 64 * 1024;

pub(super) async fn send(
    client: &Client,
    target: &Target,
    headers: &HeaderMap,
    body: Bytes,
) -> Attempt {
    let request = client
        .post(target.traces_url().clone())
        .headers(headers.clone())
        .body(body);
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => return no_answer(&error),
    };
    let status = response.status();
    let retry_after = retry_after(response.headers(), SystemTime::now());
    // The body is read before anything is believed: half an answer is none.
    let answer = match read(&mut response).await {
        Ok(answer) => answer,
        Err(error) => return no_answer(&error),
    };
    if !status.is_success() {
        return Attempt::Refused {
            status: status.as_u16(),
            retry_after,
        };
    }
    let is_protobuf = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-protobuf"));
    Attempt::Accepted {
        partial: partial_success(&answer).filter(|_| is_protobuf),
    }
}

async fn read(response: &mut Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut answer = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if answer.len() + chunk.len() > ANSWER_BYTES {
            break;
        }
        answer.extend_from_slice(&chunk);
    }
    Ok(answer)
}

fn no_answer(error: &reqwest::Error) -> Attempt {
    let mut why = String::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        // The last cause is the system's own word, the ones before are the client's layers.
        why = error.to_string();
        cause = error.source();
    }
    Attempt::NoAnswer {
        is_connected: !error.is_connect(),
        why,
    }
}

/// Seconds or a date: <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_values() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (value, expected) in [
            ("3", Some(3)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
        ] {
            let headers = [(RETRY_AFTER, value.parse().unwrap())]
                .into_iter()
                .collect();
            let seconds = retry_after(&headers, now).map(|pause| pause.as_secs());
            assert_eq!(seconds, expected, "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
