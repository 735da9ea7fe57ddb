//! Which requests were stored, so that one that is sent again is stored once.

use std::collections::HashMap;
use std::fmt;

use sha2::{Digest, Sha256};

/// How long a key is remembered.
pub(crate) const REMEMBERED_S: i64 = 3_600;
/// More are not remembered, about 120 MB; then the oldest are forgotten first.
const MAX_KEYS: usize = 4_000_000;

/// What makes a request the same request: the SHA-256 of its uncompressed body.
///
/// ```
/// use baton_store::writer::Key;
///
/// assert_eq!(Key::of(b"one body"), Key::of(b"one body"));
/// assert_ne!(Key::of(b"one body"), Key::of(b"another"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of an uncompressed body.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Half of a SHA-256 is as good where memory counts.
    fn half(&self) -> [u8; 16] {
        self.0.first_chunk().copied().unwrap_or_default()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One request that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) key: Key,
    /// When it came, in seconds of Unix time.
    pub(crate) received_s: i64,
    pub(crate) spans: u32,
}

/// The keys of the last hour.
#[derive(Debug, Default)]
pub(crate) struct Keys(HashMap<[u8; 16], i64>);

impl Keys {
    /// False when it was there.
    pub(crate) fn insert(&mut self, key: &Key, received_s: i64) -> bool {
        let is_new = !self.0.contains_key(&key.half());
        if is_new {
            self.0.insert(key.half(), received_s);
        }
        is_new
    }

    /// It was not stored after all.
    pub(crate) fn remove(&mut self, key: &Key) {
        self.0.remove(&key.half());
    }

    pub(crate) fn forget_old(&mut self, now_s: i64) {
        self.forget_beyond(now_s, MAX_KEYS);
    }

    fn forget_beyond(&mut self, now_s: i64, most: usize) {
        self.0
            .retain(|_, received_s| *received_s >= now_s - REMEMBERED_S);
        if self.0.len() > most {
            let mut times: Vec<i64> = self.0.values().copied().collect();
            let (_, oldest, _) = times.select_nth_unstable(self.0.len() - most);
            let oldest = *oldest;
            self.0.retain(|_, received_s| *received_s >= oldest);
        }
        // What a flood has taken is given back.
        if self.0.capacity() > 4 * self.0.len() {
            self.0.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_and_a_bound() {
        let key = |n: i64| Key::of(&n.to_le_bytes());
        let mut keys = Keys::default();
        for n in 0..100 {
            assert!(keys.insert(&key(n), n));
        }
        assert!(!keys.insert(&key(7), 99));
        keys.forget_old(REMEMBERED_S + 10);
        assert!(keys.insert(&key(9), 99), "forgotten");
        assert!(!keys.insert(&key(10), 99), "an hour old, and known");
        keys.forget_beyond(0, 50);
        assert!(keys.insert(&key(30), 99), "the oldest go first");
        assert!(!keys.insert(&key(80), 99));
    }
}
