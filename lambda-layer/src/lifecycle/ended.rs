//! Reports about the ends of invocations that come before their beginning, late, or never.

use std::collections::VecDeque;

use crate::telemetry::{Kind, Record, Status};

const REMEMBERED: usize = 16;

/// The end of an invocation, as `platform.runtimeDone` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InvocationEnd {
    pub(super) request_id: String,
    /// Whether the runtime is well. If not, the environment is about to be reset.
    pub(super) is_success: bool,
}

impl InvocationEnd {
    pub(super) fn of(record: &Record) -> Option<Self> {
        let request_id = record.request_id.clone()?;
        (record.kind == Kind::RuntimeDone).then(|| Self {
            request_id,
            is_success: record.status == Status::Success,
        })
    }
}

/// The last few reports that nobody waited for, and the last few invocations whose report is missing.
#[derive(Debug, Default)]
pub(super) struct Ended {
    early: VecDeque<InvocationEnd>,
    /// Invocations that are not waited for: their reports are late, not early. Lambda uses an id again when it retries.
    given_up: VecDeque<String>,
}

impl Ended {
    pub(super) fn insert(&mut self, end: InvocationEnd) {
        let at = self.given_up.iter().position(|id| *id == end.request_id);
        if let Some(at) = at {
            // Reports come in order: those before it do not come any more.
            self.given_up.drain(..=at);
            return;
        }
        remember(&mut self.early, end);
    }

    /// Notes that the report about `request_id` will come too late, if it comes.
    pub(super) fn give_up(&mut self, request_id: String) {
        remember(&mut self.given_up, request_id);
    }

    /// Whether reports are missing: it may be that none come at all.
    pub(super) fn are_missing(&self) -> bool {
        !self.given_up.is_empty()
    }

    /// How `request_id` has ended, if it has; asking forgets it.
    pub(super) fn take(&mut self, request_id: &str) -> Option<InvocationEnd> {
        let at = self
            .early
            .iter()
            .position(|end| end.request_id == request_id)?;
        self.early.remove(at)
    }
}

fn remember<T>(list: &mut VecDeque<T>, entry: T) {
    if list.len() == REMEMBERED {
        list.pop_front();
    }
    list.push_back(entry);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(request_id: &dyn ToString) -> InvocationEnd {
        InvocationEnd {
            request_id: request_id.to_string(),
            is_success: true,
        }
    }

    #[test]
    fn remembers_a_few_and_each_once() {
        let mut ended = Ended::default();
        for id in 0..=REMEMBERED {
            ended.insert(end(&id));
        }
        assert_eq!(ended.take("0"), None, "the oldest is forgotten");
        assert_eq!(ended.take("1"), Some(end(&1)));
        assert_eq!(ended.take("1"), None);
        assert_eq!(ended.early.len(), REMEMBERED - 1);
    }

    #[test]
    fn a_late_report_is_not_an_early_one() {
        let mut ended = Ended::default();
        ended.give_up("a".to_owned());
        ended.insert(end(&"a"));
        assert_eq!(
            ended.take("a"),
            None,
            "the next invocation may have this id"
        );
        ended.insert(end(&"a"));
        assert_eq!(ended.take("a"), Some(end(&"a")));
    }

    #[test]
    fn reports_are_missing_until_the_last_one_came() {
        let mut ended = Ended::default();
        for id in 0..=REMEMBERED {
            ended.give_up(id.to_string());
        }
        assert_eq!(ended.given_up.len(), REMEMBERED);
        ended.insert(end(&(REMEMBERED - 1)));
        assert!(ended.are_missing());
        ended.insert(end(&REMEMBERED));
        assert!(!ended.are_missing());
        assert_eq!(ended.early.len(), 0);
    }
}
