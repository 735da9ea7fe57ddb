//! Request bodies, bounded, with their trailers.

use axum::body::Body;
use axum::http::HeaderMap;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;

/// How much of a body that is too large is still read, so that its sender sees the answer and not a reset.
pub(crate) const DRAIN_BYTES: usize = 64 * 1024 * 1024;

/// A whole body.
#[derive(Default)]
pub(crate) struct Collected {
    /// How many bytes came.
    pub(crate) total: usize,
    pub(crate) bytes: Bytes,
    pub(crate) trailers: HeaderMap,
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    TooLarge,
    Truncated,
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn collect(mut body: Body, limit: usize) -> Result<Collected, Unreadable> {
    let (mut bytes, mut trailers, mut total) = (BytesMut::new(), HeaderMap::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unreadable::Truncated)?;
        match frame.into_data() {
            Ok(data) => {
                total = total.saturating_add(data.len());
                if total <= limit {
                    bytes.extend_from_slice(&data);
                } else if total > limit.saturating_add(DRAIN_BYTES) {
                    return Err(Unreadable::TooLarge);
                }
            }
            Err(frame) => trailers.extend(frame.into_trailers().unwrap_or_default()),
        }
    }
    if total > limit {
        Err(Unreadable::TooLarge)
    } else {
        Ok(Collected {
            total,
            bytes: bytes.freeze(),
            trailers,
        })
    }
}
