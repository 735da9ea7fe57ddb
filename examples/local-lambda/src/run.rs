//! `local-lambda run`.

use std::path::Path;

use anyhow::Context as _;
use local_lambda::{Config, LocalLambda, PlatformEvent};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, oneshot};

use crate::cli::RunArgs;

pub(crate) async fn run(args: &RunArgs) -> anyhow::Result<()> {
    let config = args.config()?;
    let mut stop = Stop::new()?;
    let events = match &args.events {
        Some(path) => Some(open_events(path).await?),
        None => None,
    };
    let lambda = LocalLambda::start(config.clone()).await?;
    let events = events.map(|file| EventsFile::start(file, lambda.events().subscribe()));
    print(&config, &lambda);
    stop.signalled().await;
    eprintln!("stopping: batches in flight finish first (Ctrl-C again does not wait for them)");
    tokio::select! {
        () = lambda.stop_mappings() => {}
        () = stop.signalled() => {}
    }
    lambda.shutdown_now().await;
    if let Some(events) = events {
        events.finish().await?;
    }
    Ok(())
}

/// Where everything is, for people.
fn print(config: &Config, lambda: &LocalLambda) {
    println!("Invoke API: {}", lambda.invoke_url());
    for function in &config.functions {
        println!("{}", function.name);
        println!(
            "  invoke  {}/2015-03-31/functions/{}/invocations",
            lambda.invoke_url(),
            function.name
        );
        if let Some(url) = lambda.function_url(&function.name) {
            println!("  url     {url}");
        }
        for mapping in &function.sqs {
            println!(
                "  queue   {}, batches of up to {}",
                mapping.queue_url, mapping.batch_size
            );
        }
    }
    println!("Ctrl-C stops.");
}

/// Ctrl-C and SIGTERM.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

// === impl Stop ===

impl Stop {
    fn new() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn signalled(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

async fn open_events(path: &Path) -> anyhow::Result<File> {
    let opened = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .await;
    opened.with_context(|| {
        format!(
            "cannot write the events file `{}`, expected a file in an existing folder",
            path.display()
        )
    })
}

/// The task that writes platform records as they come.
struct EventsFile {
    task: tokio::task::JoinHandle<std::io::Result<()>>,
    last: oneshot::Sender<()>,
}

// === impl EventsFile ===

impl EventsFile {
    fn start(file: File, events: broadcast::Receiver<PlatformEvent>) -> Self {
        let (last, ended) = oneshot::channel();
        Self {
            task: tokio::spawn(write_events(file, events, ended)),
            last,
        }
    }

    /// Writes what is left.
    async fn finish(self) -> anyhow::Result<()> {
        // The task may have ended with an error already, which the next line reports.
        let _ = self.last.send(());
        self.task.await?.context("cannot write the events file")
    }
}

async fn write_events(
    mut file: File,
    mut events: broadcast::Receiver<PlatformEvent>,
    mut ended: oneshot::Receiver<()>,
) -> std::io::Result<()> {
    loop {
        let event = tokio::select! {
            biased;
            event = events.recv() => event,
            // Biased: everything that was recorded before the end is written first.
            _ = &mut ended => break,
        };
        match event {
            Ok(event) => {
                let mut line = serde_json::to_vec(&event)?;
                line.push(b'\n');
                file.write_all(&line).await?;
            }
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(
                    missed,
                    "the events file is missing records: they came faster than the disk"
                );
            }
            Err(RecvError::Closed) => break,
        }
    }
    file.flush().await
}
