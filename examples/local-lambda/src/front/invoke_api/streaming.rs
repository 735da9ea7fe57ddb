//! `InvokeWithResponseStream`: the answer as an event stream, chunk by chunk.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html>; the framing:
//! <https://smithy.io/2.0/aws/amazon-eventstream.html>.

use std::sync::Arc;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue as EventHeader, Message};
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures::stream;
use serde_json::{Map, Value};

use super::error::{ApiError, REQUEST_ID};
use super::request::{InvocationType, invocation, wants_log};
use super::target::{LATEST, Target};
use super::{EXECUTED_VERSION, InvokeApi, copy_trace_header, insert, qualifier};
use crate::body::{Unreadable, collect};
use crate::invocation::{InvokeOutput, MAX_PAYLOAD_BYTES};
use crate::stream::{AnswerStream, StreamPart};

pub(super) async fn invoke(
    State(api): State<Arc<InvokeApi>>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let target = Target::parse(&name, qualifier(&parts.uri).as_deref())?;
    let arn = target.arn(&api.region, &api.account_id);
    let (function, _) = api.find(&target).ok_or_else(|| ApiError::not_found(&arn))?;
    let kind = InvocationType::parse(&parts.headers)?;
    if kind == InvocationType::Event {
        let message = "An answer that streams has no `Event` type, expected `RequestResponse`.";
        return Err(ApiError::invalid_parameter(message));
    }
    let wants_log = wants_log(&parts.headers)?;
    let body = collect(body, MAX_PAYLOAD_BYTES)
        .await
        .map_err(|why| match why {
            Unreadable::TooLarge => ApiError::too_large(MAX_PAYLOAD_BYTES),
            Unreadable::Truncated => ApiError::invalid_content("The request body broke off."),
        })?;
    let request = invocation(kind, &parts.headers, body.bytes)?;
    let request_id = request.request_id.unwrap_or_default();
    let body = if kind == InvocationType::DryRun {
        Body::empty()
    } else {
        let mut answer = function.invoke_streaming(request).await?;
        // What refuses to run at all is an error of the call, not of the stream.
        let first = answer.next().await.transpose()?;
        frames(first, answer, wants_log)
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/vnd.amazon.eventstream"),
    );
    insert(headers, REQUEST_ID, &request_id.to_string());
    insert(headers, EXECUTED_VERSION, LATEST);
    copy_trace_header(&parts.headers, headers);
    Ok(response)
}

/// The parts as frames. It ends without `InvokeComplete` only when the function is shut down.
fn frames(first: Option<StreamPart>, answer: AnswerStream, wants_log: bool) -> Body {
    let parts = stream::unfold((first, answer), |(first, mut answer)| async move {
        let part = match first {
            Some(part) => part,
            None => answer.next().await?.ok()?,
        };
        Some((part, (None, answer)))
    });
    let frames = futures::StreamExt::map(parts, move |part| frame(&part, wants_log));
    Body::from_stream(frames)
}

fn frame(part: &StreamPart, wants_log: bool) -> std::io::Result<Bytes> {
    let mut bytes = BytesMut::new();
    let mut write = |kind: &'static str, content_type: &'static str, payload: Bytes| {
        let message = Message::new(payload)
            .add_header(text(":message-type", "event"))
            .add_header(text(":event-type", kind))
            .add_header(text(":content-type", content_type));
        write_message_to(&message, &mut bytes).map_err(std::io::Error::other)
    };
    let chunk = "application/octet-stream";
    match part {
        StreamPart::Started { .. } => {}
        StreamPart::Chunk(payload) => write("PayloadChunk", chunk, payload.clone())?,
        StreamPart::Complete(output) => {
            // A buffered answer is one chunk. The body of an error is its details.
            if output.function_error.is_none() && !output.payload.is_empty() {
                write("PayloadChunk", chunk, output.payload.clone())?;
            }
            write(
                "InvokeComplete",
                "application/json",
                complete(output, wants_log),
            )?;
        }
    }
    Ok(bytes.freeze())
}

fn complete(output: &InvokeOutput, wants_log: bool) -> Bytes {
    let mut fields = Map::new();
    if let Some(error) = &output.function_error {
        fields.insert("ErrorCode".to_owned(), error.error_type.clone().into());
        let details = String::from_utf8_lossy(&output.payload).into_owned();
        fields.insert("ErrorDetails".to_owned(), details.into());
    }
    if wants_log {
        let log = STANDARD.encode(&output.log_tail);
        fields.insert("LogResult".to_owned(), log.into());
    }
    Value::Object(fields).to_string().into()
}

fn text(name: &'static str, value: &'static str) -> Header {
    Header::new(name, EventHeader::String(value.into()))
}
