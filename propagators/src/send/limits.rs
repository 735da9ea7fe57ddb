//! Room for what is added: a message that would have been accepted still is.

/// Something with a size that is not to grow over any of its limits.
///
/// There are several limits because services raised them over time and let owners of queues and topics lower them, and a
/// sender knows neither. What is over a limit already was not refused by it, or is refused with us and without us.
#[derive(Debug)]
pub(super) struct Room {
    bytes: usize,
    limits: &'static [usize],
    own_limit: Option<usize>,
}

// ===== impl Room =====

impl Room {
    /// What has a size of so many bytes, each limit inclusive.
    pub(super) const fn new(bytes: usize, limits: &'static [usize]) -> Self {
        Self { bytes, limits, own_limit: None }
    }

    /// With a limit that the user knows of.
    pub(super) const fn with_own_limit(mut self, limit: Option<usize>) -> Self {
        self.own_limit = limit;
        self
    }

    fn fits(&self, added: usize) -> bool {
        let mut limits = self.limits.iter().chain(&self.own_limit);
        limits.all(|limit| self.bytes > *limit || self.bytes + added <= *limit)
    }
}

/// Takes the bytes where all have room for them; else nothing changes.
pub(super) fn take(rooms: &mut [&mut Room], added: usize) -> bool {
    let fits = rooms.iter().all(|room| room.fits(added));
    if fits {
        rooms.iter_mut().for_each(|room| room.bytes += added);
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
        assert_eq!(room.bytes, if expected { bytes + added } else { bytes });
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

    #[test]
    fn all_or_none() {
        let (mut wide, mut narrow) = (Room::new(0, &[100]), Room::new(90, &[100]));
        assert!(!take(&mut [&mut wide, &mut narrow], 20));
        assert_eq!(wide.bytes, 0);
        assert!(take(&mut [&mut wide, &mut narrow], 10));
        assert_eq!((wide.bytes, narrow.bytes), (10, 100));
    }
}
