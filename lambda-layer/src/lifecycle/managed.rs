//! Lambda Managed Instances: no INVOKE events, no freeze, invocations that overlap. Time is what tells when to send.

use std::io::Write;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::{Extension, RunError, received, unlimited};
use crate::extensions_api::Event;
use crate::telemetry::Record;

const FLUSH_EVERY: Duration = Duration::from_secs(1);

impl<W: Write> Extension<W> {
    pub(super) async fn live_managed(
        mut self,
        mut records: Option<mpsc::Receiver<Record>>,
    ) -> Result<(), RunError> {
        let buffer = std::sync::Arc::clone(&self.buffer);
        let mut next = self.next_event();
        let mut tick = interval(FLUSH_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                event = &mut next => match event? {
                    Event::Shutdown { deadline_ms, reason } => return self.end(deadline_ms, reason, records).await,
                    _ => next = self.next_event(),
                },
                // They are taken in where they arrive.
                Some(_) = received(&mut records) => {}
                _ = tick.tick() => {
                    self.invocations.close_overdue();
                    self.flush_before(unlimited()).await;
                }
                () = buffer.half_full() => self.flush_before(unlimited()).await,
            }
        }
    }
}
