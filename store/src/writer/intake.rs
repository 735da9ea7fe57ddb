//! The thread that takes segments into the table.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::hot::{Segment, forget_old_keys, take_in};
use crate::schema::Store;

/// How often it is asked whether it is time.
const EVERY: Duration = Duration::from_secs(1);
/// While more spans a second come in, the processors are left to them …
const QUIET_SPANS_PER_S: u64 = 5_000;
/// … as counted over so long, because segments come one a second at best …
const QUIET_PERIODS: usize = 4;
const QUIET_SECONDS: u64 = EVERY.as_secs() * 4;
/// … unless more segments than this wait: each costs every query a little.
const MANY_SEGMENTS: usize = 192;
/// So many spans, and segments, are taken in at once: DuckDB keeps some memory for each file that it reads.
const STEP_SPANS: u64 = 1_000_000;
const STEP_SEGMENTS: usize = 16;
/// After the database refused.
const PAUSE: Duration = Duration::from_secs(10);

pub(super) struct Intake {
    store: Store,
}

impl Intake {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Until the sealing thread has ended, and everything is in the table.
    pub(super) fn run(self, sealed: &Receiver<u64>) {
        self.forget();
        let mut recent = [0; QUIET_PERIODS];
        while let Some(spans) = listen(sealed) {
            recent.rotate_right(1);
            if let Some(newest) = recent.first_mut() {
                *newest = spans;
            }
            let spans_per_s = recent.iter().sum::<u64>() / QUIET_SECONDS;
            let is_time =
                spans_per_s < QUIET_SPANS_PER_S || self.store.live().len() > MANY_SEGMENTS;
            if is_time && !self.step_or_pause() {
                return;
            }
        }
        while self.store.live().len() > 0 {
            if let Err(error) = self.step() {
                tracing::warn!(%error, "segments stay beside the file and are taken in at the next start");
                return;
            }
        }
        self.forget();
        if let Err(error) = self.store.connection().execute_batch("CHECKPOINT") {
            tracing::warn!(%error, "the log stays beside the file and is taken in at the next start");
        }
        self.store.folder().remove();
    }

    /// False when the database can no longer be used: after some failures of the disk DuckDB refuses everything.
    fn step_or_pause(&self) -> bool {
        let Err(error) = self.step() else {
            return true;
        };
        tracing::warn!(%error, "segments could not be taken in: it is tried again");
        if self.store.connection().execute_batch("SELECT 1").is_err() {
            tracing::error!(store = %self.store.url(), "the database can no longer be used: restart");
            return false;
        }
        std::thread::sleep(PAUSE);
        true
    }

    /// Takes some in. One alone needs the least memory.
    fn step(&self) -> duckdb::Result<()> {
        let some = oldest(&self.store.live().all());
        let (connection, live) = (self.store.connection(), self.store.live());
        match take_in(connection, live, &some) {
            Err(error) if some.len() > 1 => {
                tracing::debug!(%error, segments = some.len(), "now one by one");
                take_in(connection, live, some.get(..1).unwrap_or_default())
            }
            taken => taken,
        }
    }

    fn forget(&self) {
        let now_s = time::OffsetDateTime::now_utc().unix_timestamp();
        if let Err(error) = forget_old_keys(self.store.connection(), now_s) {
            tracing::warn!(%error, "keys of old requests could not be removed");
        }
    }
}

/// Spans sealed in one period, while nobody had to wait; `None` when there will be no more.
fn listen(sealed: &Receiver<u64>) -> Option<u64> {
    let start = Instant::now();
    let mut spans = 0;
    while let Some(rest) = EVERY.checked_sub(start.elapsed()) {
        match sealed.recv_timeout(rest) {
            Ok(more) => spans += more,
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    Some(spans)
}

/// The oldest, as many as are taken in at once.
fn oldest(segments: &[Arc<Segment>]) -> Vec<Arc<Segment>> {
    let mut spans = 0;
    let is_within = |segment: &&Arc<Segment>| {
        let before = spans;
        spans += segment.spans;
        before == 0 || spans <= STEP_SPANS
    };
    let some = segments.iter().take(STEP_SEGMENTS);
    some.take_while(is_within).cloned().collect()
}
