//! One request, one answer.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::body::{MAX_BODY_BYTES, unpack};
use super::json;
use super::reject::{JSON, PROTOBUF, Reject, SHORT_PROTOBUF};
use super::signals::{
    DATA_POINTS, LOG_RECORDS, Signal, count_data_points, count_log_records, response,
};
use crate::otlp::{DecodeError, Decoded, decode_within};
use crate::writer::{Key, Lease, Writer};

/// Takes OTLP requests and hands their spans to the writer. Clones share the writer and the memory.
///
/// ```
/// use baton_store::http::{Intake, Request};
/// use baton_store::schema::{Settings, Store};
/// use baton_store::writer::Writer;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let folder = tempfile::tempdir()?;
/// let url = baton_store::url::StoreUrl::duckdb(folder.path().join("spans.duckdb"));
/// let writer = Writer::start(Store::open(&url, &Settings::default())?)?;
/// let intake = Intake::new(writer.clone());
///
/// let request = Request::post("/v1/traces", "application/x-protobuf", b"".as_slice());
/// assert_eq!(intake.handle(request).await.status, 200);
///
/// let request = Request::post("/v1/traces", "text/html", b"<p>".as_slice());
/// let response = intake.handle(request).await;
/// assert_eq!(response.status, 415);
/// assert!(String::from_utf8(response.body)?.contains("expected `application/x-protobuf`"));
/// writer.close().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Intake {
    writer: Writer,
    /// So many requests are unpacked and decoded at once: a span is in memory twice then.
    decoders: Arc<Semaphore>,
}

/// A request, from a connection or from an event.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `POST`, in upper case.
    pub method: String,
    /// Without a query.
    pub path: String,
    /// The header, as it was given; empty without one.
    pub content_type: String,
    /// The header, as it was given; empty without one.
    pub content_encoding: String,
    /// As it came.
    pub body: Bytes,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Header names, in lower case, and values.
    pub headers: Vec<(&'static str, &'static str)>,
    /// Protobuf, JSON or text, as the header `content-type` says.
    pub body: Vec<u8>,
}

impl Request {
    /// A `POST` without an encoding.
    #[must_use]
    pub fn post(path: &str, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            method: "POST".into(),
            path: path.into(),
            content_type: content_type.into(),
            content_encoding: String::new(),
            body: body.into(),
        }
    }

    pub(super) fn media_type(&self) -> String {
        media_type(&self.content_type)
    }

    fn signal(&self) -> Result<Signal, Reject> {
        let signal = Signal::of_path(&self.path).ok_or_else(|| Reject::NotFound {
            path: self.path.clone(),
        })?;
        if self.method != "POST" {
            return Err(Reject::Method {
                method: self.method.clone(),
                path: self.path.clone(),
            });
        }
        if !matches!(self.media_type().as_str(), PROTOBUF | SHORT_PROTOBUF | JSON) {
            return Err(Reject::ContentType {
                found: self.content_type.clone(),
            });
        }
        Ok(signal)
    }
}

/// A content type without parameters, in lower case.
pub(crate) fn media_type(content_type: &str) -> String {
    let before = content_type.split(';').next().unwrap_or_default();
    before.trim().to_ascii_lowercase()
}

impl Response {
    /// In the form of the request.
    fn ok(form: Form, rejected: u64, message: String) -> Self {
        let (content_type, body) = if form.is_json {
            let name = form.signal.rejected_name();
            (JSON, json::response(name, rejected, &message))
        } else {
            (PROTOBUF, response(rejected, message))
        };
        Self {
            status: 200,
            headers: vec![("content-type", content_type)],
            body,
        }
    }

    pub(crate) fn rejected(reject: &Reject, request_type: &str) -> Self {
        let (content_type, body) = reject.body(request_type);
        let mut headers = vec![("content-type", content_type)];
        if reject.is_temporary() {
            headers.push(("retry-after", "1"));
        }
        match reject {
            Reject::Method { .. } => headers.push(("allow", "POST")),
            Reject::Unauthorized => headers.push(("www-authenticate", "Bearer")),
            _ => {}
        }
        Self {
            status: reject.http_status(),
            headers,
            body,
        }
    }
}

impl Intake {
    /// An intake of this writer.
    #[must_use]
    pub fn new(writer: Writer) -> Self {
        let decoders = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            writer,
            decoders: Arc::new(Semaphore::new(decoders)),
        }
    }

    pub(super) fn lease(&self) -> Lease {
        self.writer.lease()
    }

    /// Answers when the spans are durable, or when they never will be.
    pub async fn handle(&self, request: Request) -> Response {
        let mut lease = self.lease();
        match lease.grow(request.body.len()) {
            Ok(()) => self.handle_leased(request, lease).await,
            Err(busy) => rejected(&request.media_type(), &busy.into()),
        }
    }

    /// The lease already covers the body.
    pub(super) async fn handle_leased(&self, request: Request, lease: Lease) -> Response {
        let media_type = request.media_type();
        self.take(request, lease)
            .await
            .unwrap_or_else(|reject| rejected(&media_type, &reject))
    }

    async fn take(&self, request: Request, lease: Lease) -> Result<Response, Reject> {
        let form = Form {
            signal: request.signal()?,
            is_json: request.media_type() == JSON,
        };
        if request.body.len() > MAX_BODY_BYTES {
            return Err(Reject::TooLarge {
                limit_bytes: MAX_BODY_BYTES,
                unpacked: false,
            });
        }
        // It fails only when the semaphore is closed, which nobody does.
        let decoder = Arc::clone(&self.decoders).acquire_owned().await.ok();
        // Unpacking and decoding use the processor for long: not on a thread that serves connections.
        let work = tokio::task::spawn_blocking(move || {
            let prepared = prepare(form, request, lease);
            drop(decoder);
            prepared
        });
        match work.await.map_err(|error| Reject::Internal {
            reason: error.to_string(),
        })?? {
            Prepared::Done(response) => Ok(response),
            Prepared::Write(key, body, decoded, lease) => {
                self.writer.write(key, body, decoded.spans, lease).await?;
                Ok(Response::ok(form, decoded.rejected, decoded.message))
            }
        }
    }
}

pub(super) fn rejected(media_type: &str, reject: &Reject) -> Response {
    tracing::debug!(status = reject.http_status(), reason = %reject, "request rejected");
    Response::rejected(reject, media_type)
}

enum Prepared {
    Done(Response),
    Write(Key, Bytes, Decoded, Lease),
}

/// What a request is about, and how it is written.
#[derive(Debug, Clone, Copy)]
struct Form {
    signal: Signal,
    is_json: bool,
}

fn prepare(form: Form, request: Request, mut lease: Lease) -> Result<Prepared, Reject> {
    let encoding = request.content_encoding.trim().to_ascii_lowercase();
    let body = unpack(request.body, &encoding, &mut lease)?;
    if form.signal != Signal::Traces {
        return refuse(form, &body, &mut lease);
    }
    let body = if form.is_json {
        Bytes::from(json::traces(&body, &mut lease)?)
    } else {
        body
    };
    let decoded = decode_within::<Reject>(&body, |more_bytes| Ok(lease.grow(more_bytes)?))?;
    if decoded.spans.is_empty() {
        let response = Response::ok(form, decoded.rejected, decoded.message);
        return Ok(Prepared::Done(response));
    }
    Ok(Prepared::Write(Key::of(&body), body, decoded, lease))
}

/// Logs and metrics: counted, and rejected in full.
fn refuse(form: Form, body: &[u8], lease: &mut Lease) -> Result<Prepared, Reject> {
    let broken = |message| move |source| DecodeError::Protobuf { message, source };
    let (what, rejected) = match (form.signal, form.is_json) {
        (Signal::Metrics, true) => ("metrics", json::count(body, &DATA_POINTS, lease)?),
        (Signal::Metrics, false) => {
            let count = count_data_points(body).map_err(broken("ExportMetricsServiceRequest"));
            ("metrics", count?)
        }
        (_, true) => ("logs", json::count(body, &LOG_RECORDS, lease)?),
        (_, false) => {
            let count = count_log_records(body).map_err(broken("ExportLogsServiceRequest"));
            ("logs", count?)
        }
    };
    let message = format!("this receiver stores traces, not {what}: send them elsewhere");
    Ok(Prepared::Done(Response::ok(form, rejected, message)))
}
