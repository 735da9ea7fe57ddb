//! The thread that makes segments of what is durable.

use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use parquet::errors::ParquetError;
use tokio::sync::oneshot;

use super::budget::Lease;
use crate::hot::{Folder, Live, Receipt, Segment, SegmentWriter, seal_again};
use crate::otlp::SpanBatch;

/// After the disk refused a segment.
const PAUSE: Duration = Duration::from_secs(1);
/// Then a log waits for the next start.
const ATTEMPTS: usize = 30;

pub(super) enum Unsealed {
    /// A request of this log.
    Request {
        log: u64,
        receipt: Receipt,
        spans: SpanBatch,
        lease: Lease,
    },
    /// The log, if there is one, has ended.
    End {
        log: Option<u64>,
        answer: Option<oneshot::Sender<()>>,
    },
}

pub(super) struct Sealer {
    folder: Folder,
    live: Live,
    /// Hears how many spans each segment has.
    intake: SyncSender<u64>,
    /// The segment of the newest log. None after an error: then it is made of the log itself.
    open: Option<SegmentWriter>,
    newest: u64,
}

impl Sealer {
    pub(super) fn new(folder: Folder, live: Live, intake: SyncSender<u64>) -> Self {
        Self {
            folder,
            live,
            intake,
            open: None,
            newest: 0,
        }
    }

    pub(super) fn run(mut self, unsealed: &Receiver<Unsealed>) {
        while let Ok(next) = unsealed.recv() {
            let is_well = match next {
                Unsealed::Request {
                    log,
                    receipt,
                    spans,
                    lease,
                } => {
                    self.append(log, receipt, &spans);
                    drop((spans, lease));
                    true
                }
                Unsealed::End { log, answer } => {
                    let is_well = log.is_none_or(|log| self.seal(log));
                    // Without an answer whoever waits hears that it did not work.
                    if let Some(answer) = answer.filter(|_| is_well) {
                        let _ = answer.send(());
                    }
                    is_well
                }
            };
            if !is_well {
                return;
            }
        }
    }

    fn append(&mut self, log: u64, receipt: Receipt, spans: &SpanBatch) {
        let appended = match &mut self.open {
            None if self.newest == log => return,
            Some(writer) => writer.append(receipt, &spans.batch),
            None => {
                self.newest = log;
                SegmentWriter::create(&self.folder, log).and_then(|mut writer| {
                    writer.append(receipt, &spans.batch)?;
                    self.open = Some(writer);
                    Ok(())
                })
            }
        };
        if let Err(error) = appended {
            tracing::warn!(log, %error, "the segment could not be written: it is tried again");
            self.open = None;
        }
    }

    /// False when it never worked; the log stays.
    fn seal(&mut self, log: u64) -> bool {
        let mut sealed = match self.open.take() {
            Some(writer) => writer.finish().map(Some),
            None => seal_again(&self.folder, log),
        };
        for _ in 0..ATTEMPTS {
            let Err(error) = &sealed else { break };
            tracing::warn!(log, %error, "the segment could not be written: it is tried again");
            std::thread::sleep(PAUSE);
            sealed = seal_again(&self.folder, log);
        }
        self.hand_on(log, sealed)
    }

    fn hand_on(&self, log: u64, sealed: Result<Option<Segment>, ParquetError>) -> bool {
        match sealed {
            Ok(Some(segment)) => {
                let spans = segment.spans;
                self.live.add(segment);
                self.intake.send(spans).is_ok()
            }
            Ok(None) => true,
            Err(error) => {
                tracing::error!(log, %error, "the log stays beside the file and is read at the next start");
                false
            }
        }
    }
}
