//! The HTTP APIs inside an execution environment, at `127.x.y.z:9001`.

mod answer;
mod extensions;
mod refusal;
mod restore;
mod runtime;
mod telemetry;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use tokio::net::TcpListener;

use crate::sandbox::Slot;
use refusal::Refusal;

/// Serves the APIs until its task is aborted. Which processes they speak for is looked up for each request.
pub(crate) async fn serve(listener: TcpListener, slot: Slot) {
    if let Err(error) = axum::serve(listener, router(slot)).await {
        tracing::error!(%error, "the Runtime API stopped");
    }
}

fn router(slot: Slot) -> Router {
    Router::new()
        .route("/ping", get(ping))
        .route("/2018-06-01/ping", get(ping))
        .route("/2018-06-01/runtime/invocation/next", get(runtime::next))
        .route(
            "/2018-06-01/runtime/invocation/{request_id}/response",
            post(runtime::response),
        )
        .route(
            "/2018-06-01/runtime/invocation/{request_id}/error",
            post(runtime::error),
        )
        .route("/2018-06-01/runtime/init/error", post(runtime::init_error))
        .route("/2018-06-01/runtime/restore/next", get(restore::next))
        .route("/2018-06-01/runtime/restore/error", post(restore::error))
        .route("/2020-01-01/extension/register", post(extensions::register))
        .route("/2020-01-01/extension/event/next", get(extensions::next))
        .route(
            "/2020-01-01/extension/init/error",
            post(extensions::init_error),
        )
        .route(
            "/2020-01-01/extension/exit/error",
            post(extensions::exit_error),
        )
        .route("/2022-07-01/telemetry", put(telemetry::subscribe))
        .fallback(not_found)
        .layer(middleware::from_fn_with_state(slot, find_sandbox))
}

/// Puts the current processes into the request, for `Extension<Arc<Sandbox>>`.
async fn find_sandbox(State(slot): State<Slot>, mut request: Request, next: Next) -> Response {
    let Some(sandbox) = slot.get() else {
        return Refusal::Internal.into_response();
    };
    request.extensions_mut().insert(sandbox);
    next.run(request).await
}

async fn ping() -> &'static str {
    "pong"
}

async fn not_found() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "404 page not found\n")
}
