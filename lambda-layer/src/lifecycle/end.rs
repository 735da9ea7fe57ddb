//! SHUTDOWN: the last spans, the last flush, and what was lost.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::{Extension, RunError, now_ms};
use crate::budget;
use crate::export::Urgency;
use crate::telemetry::Record;

/// The report of an invocation that ended badly comes about when SHUTDOWN does. Without it a crash and too little memory look alike.
const REPORT_WAIT: Duration = Duration::from_millis(200);

impl<W: Write> Extension<W> {
    pub(super) async fn end(
        mut self,
        deadline_ms: Option<u64>,
        records: Option<mpsc::Receiver<Record>>,
    ) -> Result<(), RunError> {
        let remaining = budget::remaining(now_ms(), deadline_ms, budget::SHUTDOWN);
        let until = Instant::now() + budget::shutdown(remaining);
        if let Some(records) = records {
            // What is late costs its own spans only.
            let _ = timeout(REPORT_WAIT, self.last_records(records)).await;
        }
        self.invocations.close_everything();
        if let Some(exporter) = &mut self.exporter {
            exporter.flush(&self.buffer, until, Urgency::Last).await;
        }
        self.say_what_was_lost();
        self.print_counts();
        Ok(())
    }

    /// Takes in what has come, and what is about to.
    async fn last_records(&self, mut records: mpsc::Receiver<Record>) {
        loop {
            let record = match records.try_recv() {
                Ok(record) => Some(record),
                Err(_) if self.invocations.awaits_report() => records.recv().await,
                Err(_) => None,
            };
            let Some(record) = record else { return };
            self.invocations.record(&record);
        }
    }

    fn say_what_was_lost(&self) {
        let pending = self.buffer.counts().pending();
        if pending > 0 {
            tracing::error!(
                spans = pending,
                "spans lost: the environment ends and the receiver did not take them"
            );
        }
        let (log_records, data_points) = self.receiver.rejected();
        if log_records + data_points > 0 {
            tracing::warn!(
                log_records,
                data_points,
                "logs and metrics were dropped: they come with a later version"
            );
        }
        let unread = &self.invocations.unread;
        let [events, panics, invocations] = [&unread.events, &unread.panics, &unread.invocations]
            .map(|it| it.load(Ordering::Relaxed));
        if events + panics + invocations > 0 {
            tracing::warn!(
                events,
                panics,
                invocations,
                "passed on without having been read: events beyond the bound, faults of the layer, invocations without an end"
            );
        }
    }
}
