//! Invocations whose end was reported before their beginning was.

use std::collections::VecDeque;

const REMEMBERED: usize = 16;

/// The last few request ids of `platform.runtimeDone` that nobody waited for.
#[derive(Debug, Default)]
pub(super) struct Ended {
    early: VecDeque<String>,
    /// An invocation that is no longer waited for: its record is late, not early. Lambda uses an id again when it retries.
    given_up: Option<String>,
}

impl Ended {
    pub(super) fn insert(&mut self, request_id: String) {
        if self.given_up.as_ref() == Some(&request_id) {
            self.given_up = None;
            return;
        }
        if self.early.len() == REMEMBERED {
            self.early.pop_front();
        }
        self.early.push_back(request_id);
    }

    /// Notes that the record of `request_id` will come too late.
    pub(super) fn give_up(&mut self, request_id: String) {
        self.given_up = Some(request_id);
    }

    /// Whether `request_id` has ended; asking forgets it.
    pub(super) fn take(&mut self, request_id: &str) -> bool {
        let at = self.early.iter().position(|ended| ended == request_id);
        at.is_some_and(|at| self.early.remove(at).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_a_few_and_each_once() {
        let mut ended = Ended::default();
        for id in 0..=REMEMBERED {
            ended.insert(id.to_string());
        }
        assert!(!ended.take("0"), "the oldest is forgotten");
        assert!(ended.take("1"));
        assert!(!ended.take("1"));
        assert_eq!(ended.early.len(), REMEMBERED - 1);
    }

    #[test]
    fn a_late_record_is_not_an_early_one() {
        let mut ended = Ended::default();
        ended.give_up("a".to_owned());
        ended.insert("a".to_owned());
        assert!(!ended.take("a"), "the next invocation may have this id");
        ended.insert("a".to_owned());
        assert!(ended.take("a"));
    }
}
