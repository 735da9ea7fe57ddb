//! SHUTDOWN: the last spans, the last flush, and what was lost.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::{Extension, RunError, now_ms};
use crate::budget;
use crate::export::Urgency;
use crate::telemetry::{Record, Status};

/// The records of an invocation that ended badly come about when SHUTDOWN does. Without them a crash and too little memory look alike.
const REPORT_WAIT: Duration = Duration::from_millis(200);

impl<W: Write> Extension<W> {
    pub(super) async fn end(
        mut self,
        deadline_ms: Option<u64>,
        reason: Status,
        records: Option<mpsc::Receiver<Record>>,
    ) -> Result<(), RunError> {
        let remaining = budget::remaining(now_ms(), deadline_ms, budget::SHUTDOWN);
        let until = Instant::now() + budget::shutdown(remaining);
        if let Some(records) = records {
            // What is later costs no more than what it would have told.
            let _ = timeout(REPORT_WAIT, self.last_report(records)).await;
        }
        self.invocations.close_everything(reason);
        if let Some(exporter) = &mut self.exporter {
            exporter.flush(&self.buffer, until, Urgency::Last).await;
        }
        self.say_what_was_lost();
        self.print_counts();
        Ok(())
    }

    /// Waits until every invocation that gave no answer, or ended badly, has its report.
    async fn last_report(&self, mut records: mpsc::Receiver<Record>) {
        while self.invocations.awaits_report() && records.recv().await.is_some() {}
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
        let all = [
            &unread.events,
            &unread.records,
            &unread.invocations,
            &unread.panics,
        ];
        let [events, records, invocations, panics] = all.map(|it| it.load(Ordering::Relaxed));
        if events + records + invocations + panics > 0 {
            tracing::warn!(
                events,
                records,
                invocations,
                panics,
                "not understood, and passed on all the same: events beyond the bound, telemetry records, invocations without an end, faults of the layer"
            );
        }
    }
}
