//! Room for what is added: a message that would have been accepted still is.

/// Something with a size that is not to grow over any of its limits.
///
/// There are several limits because services raised them over time and let owners of queues and topics lower them, and a
/// sender knows neither. What is over a limit already was not refused by it, or is refused with us and without us.
#[derive(Debug)]
pub(super) struct Room {
    at_least: usize,
    at_most: usize,
    limits: &'static [usize],
    own_limit: Option<usize>,
}

// ===== impl Room =====

impl Room {
    /// What has a size of so many bytes, each limit inclusive.
    pub(super) const fn new(bytes: usize, limits: &'static [usize]) -> Self {
        Self::between(bytes, bytes, limits)
    }

    /// What is counted in a way that the documentation leaves open.
    pub(super) const fn between(
        at_least: usize,
        at_most: usize,
        limits: &'static [usize],
    ) -> Self {
        Self {
            at_least,
            at_most,
            limits,
            own_limit: None,
        }
    }

    /// With a limit that the user knows of.
    pub(super) const fn with_own_limit(mut self, limit: Option<usize>) -> Self {
        self.own_limit = limit;
        self
    }

    fn fits(&self, added: usize) -> bool {
        let mut limits = self.limits.iter().chain(&self.own_limit);
        limits.all(|limit| self.at_least > *limit || self.at_most + added <= *limit)
    }

    /// What stands in the same request.
    #[cfg(feature = "sns")]
    pub(super) const fn add(&mut self, other: &Self) {
        self.at_least += other.at_least;
        self.at_most += other.at_most;
    }

    const fn grow(&mut self, added: usize) {
        self.at_least += added;
        self.at_most += added;
    }
}

/// Takes the bytes where all have room for them; else nothing changes.
pub(super) fn take(rooms: &mut [&mut Room], added: usize) -> bool {
    let fits = rooms.iter().all(|room| room.fits(added));
    if fits {
        rooms.iter_mut().for_each(|room| room.grow(added));
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: usize, own_limit: Option<usize>, added: usize, expected: bool) {
        let mut room = Room::new(bytes, &[100, 200]).with_own_limit(own_limit);
        assert_eq!(take(&mut [&mut room], added), expected);
        assert_eq!(room.at_most, if expected { bytes + added } else { bytes });
    }

    #[test]
    fn no_limit_is_crossed() {
        check(0, None, 100, true);
        check(0, None, 101, false);
        check(101, None, 99, true);
        check(101, None, 100, false);
        check(201, None, 100, true);
        check(0, Some(50), 50, true);
        check(0, Some(50), 51, false);
    }

    /// It may be at the limit, or not counted in full.
    #[test]
    fn a_size_that_is_not_known_for_sure() {
        assert!(!take(&mut [&mut Room::between(95, 105, &[100])], 1));
        assert!(take(&mut [&mut Room::between(101, 105, &[100])], 1));
        assert!(take(&mut [&mut Room::between(90, 99, &[100])], 1));
    }

    #[test]
    fn all_or_none() {
        let (mut wide, mut narrow) = (Room::new(0, &[100]), Room::new(90, &[100]));
        assert!(!take(&mut [&mut wide, &mut narrow], 20));
        assert_eq!(wide.at_most, 0);
        assert!(take(&mut [&mut wide, &mut narrow], 10));
        assert_eq!((wide.at_most, narrow.at_most), (10, 100));
    }
}
