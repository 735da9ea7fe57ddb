//! A function: a pool of execution environments.

mod lease;
mod managed;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::{Notify, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use crate::config::FunctionConfig;
use crate::environment::{Caller, Environment, EnvironmentState, EnvironmentStatus, Managed, View};
use crate::invocation::{InvokeError, InvokeOutput, InvokeRequest, MAX_PAYLOAD_BYTES};
use crate::lifecycle::ShutdownReason;
use crate::platform::Platform;
use crate::stream::AnswerStream;
use lease::{Lease, Seat};

/// How long an environment whose caller has been answered may go on when the function is shut down.
const LAST_WORK: Duration = Duration::from_secs(2);

/// A function and its execution environments.
///
/// An environment is either idle here, or owned by the task of the one invocation that runs in it. A caller that goes
/// away takes nothing with it: the task runs on and brings the environment back.
///
/// ```
/// use std::sync::Arc;
/// use local_lambda::{Function, FunctionConfig, Platform};
///
/// let config = FunctionConfig::new("pay", ["./bootstrap"]);
/// let function = Function::new(config, Arc::new(Platform::default()));
/// assert_eq!(function.arn(), "arn:aws:lambda:us-east-1:000000000000:function:pay");
/// assert!(function.environments().is_empty(), "the first invocation starts one");
/// ```
#[derive(Debug)]
pub struct Function {
    me: Weak<Self>,
    config: Arc<FunctionConfig>,
    platform: Arc<Platform>,
    pool: Mutex<Pool>,
    /// The environment of a function on Managed Instances.
    managed: tokio::sync::Mutex<Option<Arc<Managed>>>,
    /// Told when an environment is put back.
    freed: Notify,
    closing: watch::Sender<bool>,
    /// How many environments there are, idle or not.
    seats: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Pool {
    /// The last one in is the first one out, so that the others can be retired.
    idle: Vec<Seated>,
    views: Vec<Arc<View>>,
    /// Callers that wait for an environment which is almost free.
    waiting: usize,
    closed: bool,
}

/// An environment with its place in the pool.
#[derive(Debug)]
struct Seated {
    // Dropped before the seat: the place is free when the processes are gone.
    environment: Environment,
    _seat: Seat,
}

// === impl Function ===

impl Function {
    /// A function without environments: the first invocation starts one.
    #[must_use]
    pub fn new(config: FunctionConfig, platform: Arc<Platform>) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            config: Arc::new(config),
            platform,
            pool: Mutex::default(),
            managed: tokio::sync::Mutex::default(),
            freed: Notify::new(),
            closing: watch::Sender::new(false),
            seats: watch::Sender::new(0),
        })
    }

    /// The configuration it was made with.
    #[must_use]
    pub fn config(&self) -> &FunctionConfig {
        &self.config
    }

    /// Its unqualified ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        self.platform.function_arn(&self.config.name)
    }

    /// Runs one invocation: in a warm environment, in a new one if fewer than `concurrency` exist.
    ///
    /// # Errors
    /// [`InvokeError`] when nothing ran; a failure of the function itself is in [`InvokeOutput::function_error`].
    pub async fn invoke(&self, request: InvokeRequest) -> Result<InvokeOutput, InvokeError> {
        let (done, answer) = oneshot::channel();
        self.begin(request, Caller { done, sink: None }).await?;
        answer.await.unwrap_or_else(|_| Err(self.shut_down()))
    }

    /// The same, but a streamed answer is read while it comes.
    ///
    /// # Errors
    /// [`InvokeError`] when nothing ran; some of that shows only in the stream.
    pub async fn invoke_streaming(
        &self,
        request: InvokeRequest,
    ) -> Result<AnswerStream, InvokeError> {
        let (done, answer) = oneshot::channel();
        let (stream, sink) = AnswerStream::new(answer);
        let sink = Some(sink);
        self.begin(request, Caller { done, sink }).await?;
        Ok(stream)
    }

    async fn begin(&self, request: InvokeRequest, caller: Caller) -> Result<(), InvokeError> {
        if request.payload.len() > MAX_PAYLOAD_BYTES {
            return Err(InvokeError::PayloadTooLarge {
                bytes: request.payload.len(),
            });
        }
        let function = self.me.upgrade().ok_or_else(|| self.shut_down())?;
        if self.config.initialization.managed().is_some() {
            tokio::spawn(async move { function.run_managed(request, caller).await });
        } else {
            let lease = self.lease().await?;
            tokio::spawn(async move { function.run(lease, request, caller).await });
        }
        Ok(())
    }

    /// Ends every environment: SHUTDOWN to extensions, at most 2 s, then no process is left.
    ///
    /// Invocations under way are cut off; their callers get [`InvokeError::Shutdown`].
    pub async fn shutdown(&self) {
        let idle = {
            let mut pool = self.lock();
            pool.closed = true;
            std::mem::take(&mut pool.idle)
        };
        self.closing.send_replace(true);
        join_all(idle.into_iter().map(|mut seated| async move {
            seated.environment.stop(ShutdownReason::Spindown).await;
        }))
        .await;
        let mut seats = self.seats.subscribe();
        // The sender lives in `self`: waiting cannot fail.
        let _ = seats.wait_for(|taken| *taken == 0).await;
    }

    /// A look at every environment.
    #[must_use]
    pub fn environments(&self) -> Vec<EnvironmentStatus> {
        self.lock().views.iter().map(|view| view.status()).collect()
    }

    async fn run(&self, lease: Lease, request: InvokeRequest, caller: Caller) {
        let mut seated = match lease {
            Lease::Warm(seated) => *seated,
            Lease::Cold(seat) => match self.open(seat).await {
                Ok(seated) => seated,
                Err(error) => {
                    let _ = caller.done.send(Err(error));
                    return;
                }
            },
        };
        let finished = self
            .until_done_or_closing(&mut seated.environment, request, caller)
            .await;
        let refused = if finished {
            self.put_back(seated)
        } else {
            Some(seated)
        };
        if let Some(mut seated) = refused {
            seated.environment.stop(ShutdownReason::Spindown).await;
        }
    }

    /// Whether the invocation came to its end. One whose caller has been answered is given a moment to.
    async fn until_done_or_closing(
        &self,
        environment: &mut Environment,
        request: InvokeRequest,
        caller: Caller,
    ) -> bool {
        let view = Arc::clone(&environment.view);
        let mut closing = self.closing.subscribe();
        let invocation = environment.invoke(request, caller);
        tokio::pin!(invocation);
        tokio::select! {
            () = &mut invocation => return true,
            _ = closing.wait_for(|closing| *closing) => {}
        }
        let answered = view.status().state == EnvironmentState::Finishing;
        answered && tokio::time::timeout(LAST_WORK, invocation).await.is_ok()
    }

    async fn open(&self, mut seat: Seat) -> Result<Seated, InvokeError> {
        let created =
            Environment::create(Arc::clone(&self.config), Arc::clone(&self.platform)).await;
        let environment = created.map_err(|source| InvokeError::Start {
            function: self.config.name.clone(),
            source,
        })?;
        let view = Arc::clone(&environment.view);
        seat.view = Some(Arc::clone(&view));
        self.lock().views.push(Arc::clone(&view));
        tokio::spawn(retire_when_idle(
            self.me.clone(),
            view,
            self.platform.idle_timeout,
        ));
        Ok(Seated {
            environment,
            _seat: seat,
        })
    }

    /// Makes an environment available; gives it back when the pool is closed.
    fn put_back(&self, seated: Seated) -> Option<Seated> {
        let mut pool = self.lock();
        if pool.closed {
            return Some(seated);
        }
        pool.idle.push(seated);
        drop(pool);
        self.freed.notify_waiters();
        None
    }

    /// Takes an idle environment out, to end it.
    fn take_idle(&self, view: &Arc<View>, idle_timeout: Duration) -> Option<Seated> {
        let mut pool = self.lock();
        let at = pool
            .idle
            .iter()
            .position(|seated| Arc::ptr_eq(&seated.environment.view, view))?;
        let due = view.since() + idle_timeout <= Instant::now();
        due.then(|| pool.idle.remove(at))
    }

    fn shut_down(&self) -> InvokeError {
        InvokeError::Shutdown {
            function: self.config.name.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends an environment that nobody used for long. Lives as long as the environment.
async fn retire_when_idle(function: Weak<Function>, view: Arc<View>, idle_timeout: Duration) {
    loop {
        let resting = matches!(
            view.status().state,
            EnvironmentState::Frozen | EnvironmentState::Reset
        );
        let since = if resting {
            view.since()
        } else {
            Instant::now()
        };
        sleep_until(since + idle_timeout).await;
        let Some(function) = function.upgrade() else {
            return;
        };
        if !function
            .lock()
            .views
            .iter()
            .any(|known| Arc::ptr_eq(known, &view))
        {
            return;
        }
        if let Some(mut seated) = function.take_idle(&view, idle_timeout) {
            seated.environment.stop(ShutdownReason::Spindown).await;
            return;
        }
    }
}
