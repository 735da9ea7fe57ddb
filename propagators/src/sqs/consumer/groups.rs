//! The order of a FIFO queue: of each message group one message at a time.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::lease::Held;

/// The groups that are worked on, and what of each waits for its turn.
#[derive(Debug, Default)]
pub(super) struct Groups(Mutex<HashMap<String, VecDeque<Held>>>);

// ===== impl Groups =====

impl Groups {
    /// Returns the message when its group is free: it is taken then, until [`next`](Self::next) finds nothing or
    /// [`leave`](Self::leave) is called. Else the message waits.
    pub(super) fn join(&self, group: &str, held: Held) -> Option<Held> {
        match self.active().entry(group.to_owned()) {
            Entry::Occupied(mut waiting) => {
                waiting.get_mut().push_back(held);
                None
            }
            Entry::Vacant(free) => {
                free.insert(VecDeque::new());
                Some(held)
            }
        }
    }

    /// The next message of a group that is taken; frees the group when there is none.
    pub(super) fn next(&self, group: &str) -> Option<Held> {
        let mut active = self.active();
        let next = active.get_mut(group).and_then(VecDeque::pop_front);
        if next.is_none() {
            active.remove(group);
        }
        next
    }

    /// Frees the group, and returns what waited.
    pub(super) fn leave(&self, group: &str) -> Vec<Held> {
        self.active().remove(group).unwrap_or_default().into()
    }

    fn active(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Held>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
