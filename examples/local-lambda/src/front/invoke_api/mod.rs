//! The Invoke API: `POST /2015-03-31/functions/NAME/invocations` and its streaming sister, as SDKs call them.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>. Signatures are not checked.

mod asynchronous;
mod error;
mod request;
mod streaming;
mod target;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::watch;
use uuid::Uuid;

use self::asynchronous::AsyncQueue;
use self::error::{ApiError, REQUEST_ID};
use self::request::{InvocationType, invocation, wants_log};
use self::target::{LATEST, Target};
use crate::body::{Unreadable, collect};
use crate::function::Function;
use crate::invocation::InvokeOutput;

const EXECUTED_VERSION: HeaderName = HeaderName::from_static("x-amz-executed-version");
const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const LOG_RESULT: HeaderName = HeaderName::from_static("x-amz-log-result");

/// The functions that can be invoked, and the region and account of their ARNs.
#[derive(Debug)]
struct InvokeApi {
    functions: BTreeMap<String, (Arc<Function>, AsyncQueue)>,
    region: String,
    account_id: String,
}

/// The routes of the Invoke API.
pub(crate) fn router(
    functions: &BTreeMap<String, Arc<Function>>,
    region: &str,
    account_id: &str,
    stop: &watch::Receiver<bool>,
) -> Router {
    let functions = functions.iter().map(|(name, function)| {
        let queue = AsyncQueue::start(Arc::clone(function), stop.clone());
        (name.clone(), (Arc::clone(function), queue))
    });
    let api = InvokeApi {
        functions: functions.collect(),
        region: region.to_owned(),
        account_id: account_id.to_owned(),
    };
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .route(
            "/2021-11-15/functions/{name}/response-streaming-invocations",
            post(streaming::invoke),
        )
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .with_state(Arc::new(api))
}

async fn unknown(method: Method, uri: Uri) -> ApiError {
    ApiError::unknown_operation(method.as_str(), uri.path())
}

async fn invoke(
    State(api): State<Arc<InvokeApi>>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let target = Target::parse(&name, qualifier(&parts.uri).as_deref())?;
    let arn = target.arn(&api.region, &api.account_id);
    let (function, queue) = api.find(&target).ok_or_else(|| ApiError::not_found(&arn))?;
    let kind = InvocationType::parse(&parts.headers)?;
    let wants_log = wants_log(&parts.headers)?;
    let body = collect(body, kind.limit()).await.map_err(|why| match why {
        Unreadable::TooLarge => ApiError::too_large(kind.limit()),
        Unreadable::Truncated => ApiError::invalid_content("The request body broke off."),
    })?;
    let request = invocation(kind, &parts.headers, body.bytes)?;
    match kind {
        InvocationType::DryRun => Ok(empty(StatusCode::NO_CONTENT, request.request_id)),
        InvocationType::Event => {
            let answer = empty(StatusCode::ACCEPTED, request.request_id);
            queue.push(request)?;
            Ok(answer)
        }
        InvocationType::RequestResponse => {
            let mut response = answer(function.invoke(request).await?, wants_log);
            copy_trace_header(&parts.headers, response.headers_mut());
            Ok(response)
        }
    }
}

// === impl InvokeApi ===

impl InvokeApi {
    fn find(&self, target: &Target) -> Option<&(Arc<Function>, AsyncQueue)> {
        let here =
            |given: &Option<String>, ours: &str| given.as_deref().is_none_or(|given| given == ours);
        let ours = target.is_latest()
            && here(&target.region, &self.region)
            && here(&target.account, &self.account_id);
        self.functions.get(&target.name).filter(|_| ours)
    }
}

fn answer(output: InvokeOutput, wants_log: bool) -> Response {
    let mut response = Response::new(Body::from(output.payload));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    insert(headers, REQUEST_ID, &output.request_id.to_string());
    insert(headers, EXECUTED_VERSION, &output.executed_version);
    if output.function_error.is_some() {
        headers.insert(FUNCTION_ERROR, HeaderValue::from_static("Unhandled"));
    }
    if wants_log {
        insert(headers, LOG_RESULT, &STANDARD.encode(&output.log_tail));
    }
    response
}

fn empty(status: StatusCode, request_id: Option<Uuid>) -> Response {
    let mut response = status.into_response();
    let request_id = request_id.unwrap_or_else(Uuid::new_v4).to_string();
    insert(response.headers_mut(), REQUEST_ID, &request_id);
    insert(response.headers_mut(), EXECUTED_VERSION, LATEST);
    response
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn copy_trace_header(from: &HeaderMap, to: &mut HeaderMap) {
    const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");
    if let Some(value) = from.get(&TRACE) {
        to.insert(TRACE, value.clone());
    }
}

/// `Qualifier` of the query.
fn qualifier(uri: &Uri) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "Qualifier")
        .map(|(_, value)| value.into_owned())
}
