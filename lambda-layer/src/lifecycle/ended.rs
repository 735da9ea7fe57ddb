//! Invocations whose end was reported before their beginning was.

use std::collections::VecDeque;

const REMEMBERED: usize = 16;

/// The last few request ids of `platform.runtimeDone`.
#[derive(Debug, Default)]
pub(super) struct Ended(VecDeque<String>);

impl Ended {
    pub(super) fn insert(&mut self, request_id: String) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(request_id);
    }

    /// Whether `request_id` has ended; asking forgets it.
    pub(super) fn take(&mut self, request_id: &str) -> bool {
        let at = self.0.iter().position(|ended| ended == request_id);
        at.is_some_and(|at| self.0.remove(at).is_some())
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
        assert_eq!(ended.0.len(), REMEMBERED - 1);
    }
}
