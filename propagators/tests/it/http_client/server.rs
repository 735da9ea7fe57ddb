//! A server that keeps the headers of its requests, and answers as their path says.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::{any, post},
};
use tokio::net::TcpListener;

pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Seen,
}

type Seen = Arc<Mutex<Vec<HeaderMap>>>;

impl Server {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Seen::default();
        let tries = Arc::new(AtomicU32::new(0));
        let router = Router::new()
            .route(
                "/status/{code}",
                any(async |Path(code): Path<u16>| StatusCode::from_u16(code).unwrap()),
            )
            .route("/echo", post(async |body: Body| body))
            .route("/never", any(async || std::future::pending::<()>().await))
            .route(
                "/third-time",
                any(move || {
                    let tries = tries.fetch_add(1, Ordering::Relaxed);
                    async move {
                        if tries < 2 {
                            StatusCode::SERVICE_UNAVAILABLE
                        } else {
                            StatusCode::OK
                        }
                    }
                }),
            )
            .layer(axum::middleware::from_fn_with_state(
                Arc::clone(&seen),
                keep,
            ));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, seen }
    }

    /// The value of a header in each request; empty where it was not there.
    pub(super) fn headers(&self, name: &str) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let value = |headers: &HeaderMap| {
            let values: Vec<_> = headers
                .get_all(name)
                .iter()
                .map(|value| value.to_str().unwrap())
                .collect();
            values.join(" and ")
        };
        seen.iter().map(value).collect()
    }
}

async fn keep(
    State(seen): State<Seen>,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> impl IntoResponse {
    seen.lock().unwrap().push(request.headers().clone());
    next.run(request).await
}
