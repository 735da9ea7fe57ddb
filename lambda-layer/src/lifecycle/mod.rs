//! The extension's life: register, then wait in one loop for everything that can wake it.

use std::future::ready;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::budget;
use crate::buffer::{Buffer, Counts};
use crate::config::Config;
use crate::config::Initialization;
use crate::export::{Exporter, Urgency};
use crate::extensions_api::{Event, ExtensionsApi};
use crate::invocations::Invocations;
use crate::proxy::{self, Proxy};
use crate::receive::{self, Receiver};
use crate::telemetry::Record;

mod end;
mod ended;
mod managed;
mod patience;
mod start;

use ended::{Ended, InvocationEnd};
use start::{bind, local_client, subscribe};

/// Why the process cannot go on. Everything else is a log line: an extension that exits takes the environment with it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Not started by Lambda.
    #[error(
        "`AWS_LAMBDA_RUNTIME_API` is not set: expected to be started by Lambda from /opt/extensions; on a laptop, `local-lambda run --opt DIR` does it"
    )]
    NotInLambda,
    /// Nobody listens at the Extensions API any more.
    #[error(
        "nobody listens at `AWS_LAMBDA_RUNTIME_API` = `{host}`: expected Lambda's Extensions API; the environment is gone"
    )]
    EnvironmentGone {
        /// The address.
        host: String,
    },
    /// The HTTP client for the Extensions API cannot be built.
    #[error("no HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// Lives as the extension `executable` until SHUTDOWN. Count lines go to `out`.
///
/// # Errors
/// When there is no Lambda, or no longer.
pub async fn run(config: Config, executable: &str, out: impl Write) -> Result<(), RunError> {
    let Some(host) = config.runtime_api.clone() else {
        return Err(RunError::NotInLambda);
    };
    let name = Path::new(executable)
        .file_name()
        .map_or("baton-layer".into(), |name| name.to_string_lossy());
    let client = local_client()?;
    if config.is_ingest {
        tracing::warn!("`BATON_STORE` is set: this is the ingest function, the layer stays idle");
        let api = patience::register(client, &host, &name, &["SHUTDOWN"]).await?;
        return idle(&api, &host).await;
    }
    let buffer = Arc::new(Buffer::new(config.buffer_bytes, config.target.is_some()));
    let receiver = Receiver::new(Arc::clone(&buffer));
    let is_managed = config.tracing.initialization == Initialization::ManagedInstances;
    let invocations = Invocations::new(config.tracing, Arc::clone(&buffer));
    // The runtime starts once every extension has registered: whoever it starts must find the listeners.
    if let Some(listener) = bind(config.otlp_http, "BATON_OTLP_HTTP").await {
        tokio::spawn(receive::serve(listener, Arc::clone(&receiver)));
    }
    if let Some(proxy) = Proxy::new(config.proxy, &host, Arc::clone(&invocations))
        && let Some(listener) = bind(config.proxy, "BATON_PROXY").await
    {
        tokio::spawn(proxy::serve(listener, proxy));
    }
    let telemetry = bind(config.telemetry, "BATON_TELEMETRY").await;
    let events: &[&str] = if is_managed {
        &["SHUTDOWN"]
    } else {
        &["INVOKE", "SHUTDOWN"]
    };
    let api = patience::register(client, &host, &name, events).await?;
    let records = match telemetry {
        Some(listener) => subscribe(&api, listener, &invocations).await,
        None => None,
    };
    if records.is_some() {
        invocations.expect_telemetry();
    }
    let exporter = config
        .target
        .map(|target| Exporter::new(target, config.headers, config.compression));
    let extension = Extension {
        api,
        host,
        buffer,
        receiver,
        invocations,
        exporter,
        ended: Ended::default(),
        printed: Counts::default(),
        out,
    };
    if is_managed {
        extension.live_managed(records).await
    } else {
        extension.live(records).await
    }
}

struct Extension<W> {
    api: ExtensionsApi,
    host: String,
    buffer: Arc<Buffer>,
    receiver: Arc<Receiver>,
    invocations: Arc<Invocations>,
    exporter: Option<Exporter>,
    ended: Ended,
    printed: Counts,
    out: W,
}

/// An invocation whose end is awaited. `/event/next` is not called meanwhile: that call says that the layer is done.
struct Invocation {
    request_id: String,
    deadline: Instant,
    /// When waiting for its end is given up.
    wait_until: Instant,
}

impl<W: Write> Extension<W> {
    /// `records` bring the ends of invocations, among others; `None` when no telemetry will come.
    async fn live(mut self, mut records: Option<mpsc::Receiver<Record>>) -> Result<(), RunError> {
        let buffer = Arc::clone(&self.buffer);
        let mut next = self.next_event();
        let mut invocation: Option<Invocation> = None;
        loop {
            let wait_until = invocation
                .as_ref()
                .map_or_else(Instant::now, |i| i.wait_until);
            // Everything that can wake the layer. `next` is kept across turns: a call that is dropped and made again is a second caller.
            tokio::select! {
                // Reports first: one that has come must be known when the next invocation begins.
                biased;
                Some(record) = received(&mut records) => {
                    let Some(end) = InvocationEnd::of(&record) else { continue };
                    match invocation.take_if(|i| i.request_id == end.request_id) {
                        Some(ended) => {
                            self.flush_after(&end, ended.deadline).await;
                            next = self.next_event();
                        }
                        // The record was faster than the event, or is about an invocation that was given up.
                        None => self.ended.insert(end),
                    }
                }
                event = &mut next, if invocation.is_none() => match event? {
                    Event::Invoke { request_id, deadline_ms, trace_header } => {
                        self.invocations.announced(&request_id, trace_header);
                        let begun = Invocation::begin(request_id, deadline_ms);
                        invocation = self.begin(begun, records.is_some()).await;
                        if invocation.is_none() {
                            next = self.next_event();
                        }
                    }
                    Event::Shutdown { deadline_ms, reason } => return self.end(deadline_ms, reason, records).await,
                    Event::Other(kind) => {
                        tracing::warn!("event type `{kind}`: expected `INVOKE` or `SHUTDOWN`; it is passed over");
                        next = self.next_event();
                    }
                },
                () = sleep_until(wait_until), if invocation.is_some() => {
                    if let Some(late) = invocation.take() {
                        tracing::debug!(request_id = late.request_id, "the end of the invocation was not reported in time");
                        self.invocations.close_answered();
                        self.flush_before(late.deadline).await;
                        self.ended.give_up(late.request_id);
                    }
                    next = self.next_event();
                }
                () = buffer.half_full() => match invocation.as_ref().map(|i| i.deadline) {
                    Some(deadline) => self.flush_before(deadline).await,
                    // Nobody has said how long this may take: the next event ends it.
                    None => tokio::select! {
                        biased;
                        event = &mut next => next = Box::pin(ready(event)),
                        () = self.flush_before(unlimited()) => {}
                    },
                },
            }
        }
    }

    /// An invocation has begun. `None`: its end is not waited for.
    async fn begin(&mut self, begun: Invocation, has_telemetry: bool) -> Option<Invocation> {
        if let Some(end) = self.ended.take(&begun.request_id) {
            // It ended before we heard of it.
            self.flush_after(&end, begun.deadline).await;
            return None;
        }
        // When ends are not reported, to wait for one would cost every invocation all its time.
        if has_telemetry && !self.ended.are_missing() {
            return Some(begun);
        }
        // What earlier invocations left.
        self.invocations.close_answered();
        self.flush_before(begun.deadline).await;
        self.ended.give_up(begun.request_id);
        None
    }

    fn next_event(&self) -> BoxFuture<'static, Result<Event, RunError>> {
        Box::pin(patience::next(self.api.clone(), self.host.clone()))
    }

    async fn flush_after(&mut self, end: &InvocationEnd, deadline: Instant) {
        let deadline = if end.is_success {
            deadline
        } else {
            deadline.min(Instant::now() + budget::BEFORE_RESET)
        };
        self.flush_before(deadline).await;
    }

    /// It may be dropped, as [`Exporter::flush`].
    async fn flush_before(&mut self, deadline: Instant) {
        if let Some(exporter) = &mut self.exporter {
            let now = Instant::now();
            let remaining = deadline.saturating_duration_since(now);
            let budget = budget::flush(remaining, exporter.since_failure());
            exporter
                .flush(&self.buffer, now + budget, Urgency::Usual)
                .await;
        }
        if self.buffer.counts() != self.printed {
            self.print_counts();
        }
    }

    fn print_counts(&mut self) {
        self.printed = self.buffer.counts();
        // Nobody may be reading: the function does not mind.
        let _ = writeln!(self.out, "{}", self.printed);
        let _ = self.out.flush();
    }
}

impl Invocation {
    fn begin(request_id: String, deadline_ms: Option<u64>) -> Self {
        let now = Instant::now();
        let unknown = budget::FLUSH + budget::WAIT_MARGIN;
        let remaining = budget::remaining(now_ms(), deadline_ms, unknown);
        Self {
            request_id,
            deadline: now + remaining,
            wait_until: now + budget::wait(remaining),
        }
    }
}

async fn received(records: &mut Option<mpsc::Receiver<Record>>) -> Option<Record> {
    match records {
        Some(records) => records.recv().await,
        None => std::future::pending().await,
    }
}

async fn idle(api: &ExtensionsApi, host: &str) -> Result<(), RunError> {
    while !matches!(
        patience::next(api.clone(), host.to_owned()).await?,
        Event::Shutdown { .. }
    ) {}
    Ok(())
}

fn unlimited() -> Instant {
    Instant::now() + budget::FLUSH + budget::FLUSH_MARGIN
}

fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
