//! SnapStart's part of the Runtime API: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html>.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::refusal::{Refusal, accepted};
use super::runtime::reported;
use crate::lifecycle::RuntimeState;
use crate::sandbox::Sandbox;

/// `GET /runtime/restore/next`: init is over; answered when the snapshot has been restored.
pub(super) async fn next(Extension(sandbox): Extension<Arc<Sandbox>>) -> Result<Response, Refusal> {
    if !sandbox.identity.snap_start {
        return Ok(super::not_found().await.into_response());
    }
    let ready = sandbox.update(|state| state.restore_ready());
    ready.map_err(|from| Refusal::transition(from, RuntimeState::RestoreReady))?;
    let restored = sandbox
        .until(|state| {
            let left = state.closed || state.runtime != RuntimeState::RestoreReady;
            left.then_some(state.runtime == RuntimeState::Restoring)
        })
        .await;
    if restored {
        Ok(StatusCode::OK.into_response())
    } else {
        Err(Refusal::Internal)
    }
}

/// `POST /runtime/restore/error`: a hook failed after the restore.
pub(super) async fn error(
    Extension(sandbox): Extension<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    if !sandbox.identity.snap_start {
        return Ok(super::not_found().await.into_response());
    }
    let fault = reported(&headers, body, "a restore error").await;
    let taken = sandbox.update(|state| state.restore_error(fault));
    taken.map_err(|from| Refusal::transition(from, RuntimeState::RestoreError))?;
    Ok(accepted())
}
