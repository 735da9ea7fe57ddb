//! Bodies, with bounds.

use std::io::Read;

use axum::body::HttpBody;
use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt;

use super::reject::Reject;
use crate::writer::{Lease, WriteError};

/// What the specification recommends to receivers, for a body as it comes and for what it unpacks to.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Memory for a body that is announced, before it comes: without it a body is copied each time it doubles.
const ANNOUNCED_BYTES: usize = 256 * 1024;

/// The body as it comes over the connection. Of one that is refused the rest is read, too, within a bound: a sender that is cut off
/// while it writes never sees the answer.
pub(super) async fn read(mut body: axum::body::Body, lease: &mut Lease) -> Result<Bytes, Reject> {
    let read = read_all(&mut body, lease).await;
    if read.is_err() {
        let mut discarded = 0;
        while let Some(Ok(frame)) = body.frame().await {
            discarded += frame.data_ref().map_or(0, Bytes::len);
            if discarded > MAX_BODY_BYTES {
                break;
            }
        }
    }
    read
}

async fn read_all(body: &mut axum::body::Body, lease: &mut Lease) -> Result<Bytes, Reject> {
    // What the sender announced, within reason: it has not come yet.
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut whole = BytesMut::with_capacity(announced.min(ANNOUNCED_BYTES));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Reject::Body {
            reason: error.to_string(),
        })?;
        let Ok(chunk) = frame.into_data() else {
            continue;
        };
        if whole.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(Reject::TooLarge {
                limit_bytes: MAX_BODY_BYTES,
                unpacked: false,
            });
        }
        lease.grow(chunk.len())?;
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

/// The body as its sender made it. Memory is asked for before it is used, so a bomb ends at the bound.
pub(super) fn unpack(body: Bytes, encoding: &str, lease: &mut Lease) -> Result<Bytes, Reject> {
    match encoding {
        "" | "identity" => Ok(body),
        "gzip" => {
            read_within(MultiGzDecoder::new(body.as_ref()), lease).map_err(|end| end.of("gzip"))
        }
        "zstd" => unzstd(&body, lease).map_err(|end| end.of("zstd")),
        _ => Err(Reject::Encoding {
            found: encoding.to_owned(),
        }),
    }
}

/// Larger windows than RFC 8878 asks of every decoder are refused: each stream holds one in memory.
const ZSTD_WINDOW_LOG: u32 = 23;

fn unzstd(body: &[u8], lease: &mut Lease) -> Result<Bytes, End> {
    lease.grow(1 << ZSTD_WINDOW_LOG)?;
    let mut stream = zstd::stream::read::Decoder::with_buffer(body).map_err(End::Broken)?;
    stream
        .window_log_max(ZSTD_WINDOW_LOG)
        .map_err(End::Broken)?;
    read_within(stream, lease)
}

/// Why unpacking ended before its end.
enum End {
    Broken(std::io::Error),
    Refused(Reject),
}

impl From<WriteError> for End {
    fn from(error: WriteError) -> Self {
        Self::Refused(error.into())
    }
}

impl End {
    fn of(self, encoding: &'static str) -> Reject {
        match self {
            Self::Broken(source) => Reject::Packed { encoding, source },
            Self::Refused(reject) => reject,
        }
    }
}

fn read_within(mut stream: impl Read, lease: &mut Lease) -> Result<Bytes, End> {
    const STEP: usize = 256 * 1024;
    let mut whole = Vec::new();
    loop {
        lease.grow(STEP)?;
        let step = u64::try_from(STEP).unwrap_or(u64::MAX);
        let read = stream
            .by_ref()
            .take(step)
            .read_to_end(&mut whole)
            .map_err(End::Broken)?;
        if whole.len() > MAX_BODY_BYTES {
            return Err(End::Refused(Reject::TooLarge {
                limit_bytes: MAX_BODY_BYTES,
                unpacked: true,
            }));
        }
        if read < STEP {
            return Ok(whole.into());
        }
    }
}
