//! A request's body: its type, its encoding, its size.

use std::io::Read as _;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;

use crate::answer::Refusal;

// A function that hangs in the middle of a body must not hold a reader for ever.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

// Up to here a body that is too large is read and forgotten: a connection closed in the middle of it would look like a fault to try
// again. It is the size that OTLP asks receivers to take.
const DRAIN_BYTES: usize = 64 * 1024 * 1024;

/// The plain protobuf bytes of `request`, at most `limit_bytes`.
pub(super) async fn read(request: Request, limit_bytes: usize) -> Result<Bytes, Refusal> {
    let (parts, body) = request.into_parts();
    let wire = tokio::time::timeout(READ_TIMEOUT, collect(body, limit_bytes))
        .await
        .map_err(|_| {
            Refusal::new(
                StatusCode::REQUEST_TIMEOUT,
                format!(
                    "the body did not arrive within {} s",
                    READ_TIMEOUT.as_secs()
                ),
            )
        })??;
    check_content_type(&parts.headers)?;
    match Encoding::of(&parts.headers)? {
        Encoding::Identity => Ok(wire),
        Encoding::Gzip => gunzip(&wire, limit_bytes),
    }
}

async fn collect(body: Body, limit_bytes: usize) -> Result<Bytes, Refusal> {
    let mut chunks = body.into_data_stream();
    let mut collected = BytesMut::new();
    let mut seen_bytes: usize = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                format!("the body broke off: {error}"),
            )
        })?;
        seen_bytes = seen_bytes.saturating_add(chunk.len());
        if seen_bytes <= limit_bytes {
            collected.extend_from_slice(&chunk);
        } else {
            collected = BytesMut::new();
        }
        if seen_bytes > limit_bytes.max(DRAIN_BYTES) {
            break;
        }
    }
    if seen_bytes > limit_bytes {
        return Err(too_large(limit_bytes));
    }
    Ok(collected.freeze())
}

fn gunzip(wire: &[u8], limit_bytes: usize) -> Result<Bytes, Refusal> {
    // One byte more than allowed tells a bomb from a body that just fits.
    let cap = u64::try_from(limit_bytes).map_or(u64::MAX, |limit| limit.saturating_add(1));
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(wire)
        .take(cap)
        .read_to_end(&mut plain)
        .map_err(|error| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                format!("the body is not gzip, as `Content-Encoding` says: {error}"),
            )
        })?;
    if plain.len() > limit_bytes {
        return Err(too_large(limit_bytes));
    }
    Ok(plain.into())
}

enum Encoding {
    Identity,
    Gzip,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let value = text(headers, &CONTENT_ENCODING);
        match value.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            _ => Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!("content encoding `{value}`: expected `gzip` or none"),
            )),
        }
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = text(headers, &CONTENT_TYPE);
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-protobuf") {
        return Ok(());
    }
    let as_json = essence.eq_ignore_ascii_case("application/json");
    let hint = if as_json {
        "; JSON and gRPC come with a later version, until then set `OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`"
    } else {
        ""
    };
    Err(Refusal {
        as_json,
        ..Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("content type `{value}`: expected `application/x-protobuf`{hint}"),
        )
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn too_large(limit_bytes: usize) -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(
            "the body is larger than {limit_bytes} bytes, the size of the buffer (`BATON_BUFFER_BYTES`)"
        ),
    )
}
