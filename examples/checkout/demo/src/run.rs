//! One run, from empty queues to a store that nobody writes to any more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use local_lambda::LocalLambda;
use serde::{Deserialize, Serialize};

use crate::answers::{self, Answer};
use crate::cluster::{self, FUNCTIONS, INGEST, Places, Surroundings};
use crate::counts::Counts;
use crate::options::Options;
use crate::provider::Provider;
use crate::queues::{DEAD_LETTERS, Queues};
use crate::shoppers;
use crate::sqs_server::SqsServer;
use crate::store::Store;

/// The figures of a run, as `summary.json` has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Checkouts that were accepted.
    pub checkouts: usize,
    /// Functions that took part, without the ingest function.
    pub functions: usize,
    /// Spans that ended in functions and layers.
    pub made: u64,
    /// Spans that the ingest function acknowledged.
    pub sent: u64,
    /// Spans in the store.
    pub stored: u64,
    /// Spans that are in the store more than once.
    pub duplicates: u64,
    /// Messages in the dead-letter queue.
    pub dead_letters: u64,
    /// How often the ingest function was killed.
    pub ingest_kills: usize,
}

/// What a run leaves behind.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The figures.
    pub summary: Summary,
    /// Waterfall of the slowest checkout.
    pub waterfall: String,
    /// The three questions.
    pub answers: Vec<Answer>,
    /// The store.
    pub store: Store,
}

/// Runs the example and asks the store.
///
/// # Errors
/// A part does not start, a checkout is refused, or the queues do not drain.
pub async fn run(options: &Options) -> Result<Outcome> {
    prepare(options)?;
    let bin_dir = options.bin_dir()?;
    let places = Places {
        bin_dir: &bin_dir,
        dir: &options.dir,
    };
    let store = Store::new(
        &bin_dir,
        &std::fs::canonicalize(&options.dir)?.join("spans.duckdb"),
    );
    let progress = Progress::new(options.checkouts);

    progress.say("starting the queue server, the ingest function and five functions");
    let world = World::start(options, &places, &store).await?;
    let (checkouts, ingest_kills) = world.shop(options, &progress).await?;
    progress.say("shutting the functions down, then the ingest function");
    let dead_letters = world.stop().await?;

    progress.say("asking the store");
    let counts = Counts::read(&places.logs())?;
    let [stored] = one_row::<Stored>(&store, include_str!("../sql/stored.sql")).await?;
    let summary = Summary {
        checkouts,
        functions: FUNCTIONS.len(),
        made: counts.made,
        sent: counts.sent,
        stored: stored.stored,
        duplicates: stored.duplicates,
        dead_letters,
        ingest_kills,
    };
    let json = serde_json::to_string_pretty(&summary)? + "\n";
    std::fs::write(options.dir.join("summary.json"), json)?;
    let [slowest] = one_row::<Slowest>(&store, include_str!("../sql/slowest_checkout.sql")).await?;
    let waterfall = store.workflow(&slowest.trace_id).await?;
    let answers = answers::ask(&store).await?;
    progress.done();
    Ok(Outcome {
        summary,
        waterfall,
        answers,
        store,
    })
}

/// Everything that runs while people shop. It ends when this is dropped.
struct World {
    queues: Queues,
    ingest: LocalLambda,
    functions: LocalLambda,
    _sqs: SqsServer,
    _provider: Provider,
}

impl World {
    async fn start(options: &Options, places: &Places<'_>, store: &Store) -> Result<Self> {
        let sqs = SqsServer::start(&options.python, &options.dir.join("sqs.log")).await?;
        let queues = Queues::create(sqs.client().await).await?;
        let provider = Provider::start().await?;
        let ingest = cluster::start_ingest(places, store.url()).await?;
        let export = ingest
            .function_url(INGEST)
            .context("the ingest function has no URL")?;
        let around = Surroundings {
            queues: &queues,
            provider: &provider.url(),
            sqs: sqs.endpoint(),
            export: export.trim_end_matches('/'),
        };
        let functions = cluster::start_functions(places, &around).await?;
        Ok(Self {
            queues,
            ingest,
            functions,
            _sqs: sqs,
            _provider: provider,
        })
    }

    /// Sends the checkouts and waits until the queues are empty. Returns how many were accepted, and how often the ingest function was
    /// killed on the way.
    async fn shop(&self, options: &Options, progress: &Progress) -> Result<(usize, usize)> {
        let url = self
            .functions
            .function_url("order-api")
            .context("order-api has no URL")?;
        let shopping = AtomicBool::new(true);
        let shop_until_drained = async {
            let accepted = self.shop_until_drained(&url, options, progress).await;
            shopping.store(false, Ordering::Relaxed);
            accepted
        };
        let kills = kill_ingest(&self.ingest, options.kill_ingest, &shopping);
        let (accepted, kills) = tokio::join!(shop_until_drained, kills);
        Ok((accepted?, kills))
    }

    async fn shop_until_drained(
        &self,
        url: &str,
        options: &Options,
        progress: &Progress,
    ) -> Result<usize> {
        progress.say("checking out");
        let accepted = shoppers::shop(url, options.checkouts, options.users, || {
            progress.checkout()
        })
        .await?;
        let patience = Duration::from_secs(120);
        self.queues
            .drained(patience, |left| progress.left(left))
            .await?;
        Ok(accepted)
    }

    /// Stops the functions, whose layers send what they hold, and then the ingest function. Returns the dead letters.
    async fn stop(self) -> Result<u64> {
        let (dead_letters, _) = self.queues.depth(DEAD_LETTERS).await?;
        self.functions.stop_mappings().await;
        self.functions.shutdown().await;
        self.ingest.shutdown().await;
        Ok(dead_letters)
    }
}

#[derive(Deserialize)]
struct Stored {
    stored: u64,
    duplicates: u64,
}

#[derive(Deserialize)]
struct Slowest {
    trace_id: String,
}

async fn one_row<T: serde::de::DeserializeOwned>(store: &Store, sql: &str) -> Result<[T; 1]> {
    let rows = store.rows::<T>(sql).await?;
    let count = rows.len();
    rows.try_into()
        .map_err(|_| anyhow::anyhow!("expected one row from `{sql}`, found {count}"))
}

/// An empty folder for this run. Only what an earlier run left is removed, and only when it looks like one.
fn prepare(options: &Options) -> Result<()> {
    let dir = &options.dir;
    if dir.exists() {
        let foreign = std::fs::read_dir(dir)?.next().is_some() && !dir.join("sqs.log").exists();
        anyhow::ensure!(
            !foreign,
            "`{}` holds other things than an earlier run, expected an empty folder; pass another --dir",
            dir.display()
        );
        // A `serve` would write its log over the new store when it ends.
        let is_served = dir.join("spans.duckdb.serve.json").exists();
        anyhow::ensure!(
            !is_served,
            "a `baton serve` has the store of the earlier run in `{}`, expected nobody there; stop it, or pass another --dir (after a kill, remove `spans.duckdb.serve.json`)",
            dir.display()
        );
        std::fs::remove_dir_all(dir)?;
    }
    std::fs::create_dir_all(dir).with_context(|| format!("could not create `{}`", dir.display()))
}

/// Kills the ingest function with SIGKILL, spread over the run, and returns how often.
async fn kill_ingest(ingest: &LocalLambda, times: usize, running: &AtomicBool) -> usize {
    let mut kills = 0;
    while kills < times && running.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let environments = ingest
            .function(INGEST)
            .map(|function| function.environments())
            .unwrap_or_default();
        for pid in environments
            .iter()
            .flat_map(|environment| environment.pids.iter())
        {
            let pid = nix::unistd::Pid::from_raw(i32::try_from(*pid).unwrap_or(0));
            // Zero would be our own process group.
            if pid.as_raw() > 0
                && nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).is_ok()
            {
                kills += 1;
            }
        }
    }
    kills
}

/// The bar that a person watches.
struct Progress(ProgressBar);

impl Progress {
    fn new(checkouts: usize) -> Self {
        let style = ProgressStyle::with_template("{spinner} {bar:30} {pos}/{len} checkouts  {msg}");
        let bar = ProgressBar::new(checkouts as u64)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    fn say(&self, what: &'static str) {
        self.0.set_message(what);
    }

    fn checkout(&self) {
        self.0.inc(1);
    }

    fn left(&self, messages: u64) {
        self.0
            .set_message(format!("{messages} messages in the queues"));
    }

    fn done(&self) {
        self.0.finish_and_clear();
    }
}
