//! What is logged, on the thread of a test.

use std::{
    fmt::Write,
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    subscriber::{DefaultGuard, set_default},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
};

/// The lines of `baton_propagators`, as text.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<(Level, String)>>>);

impl Log {
    /// Until the guard is dropped.
    pub(super) fn start() -> (Self, DefaultGuard) {
        let log = Self::default();
        let guard = set_default(tracing_subscriber::registry().with(log.clone()));
        (log, guard)
    }

    /// How many lines of a level have a text.
    pub(super) fn count(&self, level: Level, text: &str) -> usize {
        let lines = self.0.lock().unwrap();
        let found = lines
            .iter()
            .filter(|(of, line)| *of == level && line.contains(text));
        found.count()
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("baton_propagators") {
            let mut line = Line(String::new());
            event.record(&mut line);
            self.0
                .lock()
                .unwrap()
                .push((*event.metadata().level(), line.0));
        }
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}
