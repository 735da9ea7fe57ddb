//! How much memory all requests together may hold.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::handle::WriteError;

/// Bytes that all requests in progress share: their bodies, unpacked bodies and decoded spans, until they are committed.
///
/// ```
/// use baton_store::writer::Budget;
///
/// let budget = Budget::of_mib(1);
/// let mut first = budget.lease();
/// first.grow(1_000_000)?;
/// assert!(budget.lease().grow(100_000).is_err(), "there is not that much left");
/// drop(first);
/// assert!(budget.lease().grow(100_000).is_ok());
/// # Ok::<(), baton_store::writer::WriteError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Budget {
    free_kib: Arc<Semaphore>,
}

/// What one request holds; it is given back when this is dropped.
#[derive(Debug)]
pub struct Lease {
    free_kib: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
    asked_bytes: usize,
}

impl Budget {
    /// A budget of so many mebibytes.
    #[must_use]
    pub fn of_mib(mib: u32) -> Self {
        let kib = usize::try_from(mib)
            .unwrap_or(usize::MAX)
            .saturating_mul(1024);
        Self {
            free_kib: Arc::new(Semaphore::new(kib.min(Semaphore::MAX_PERMITS))),
        }
    }

    /// Holds nothing yet.
    #[must_use]
    pub fn lease(&self) -> Lease {
        Lease {
            free_kib: Arc::clone(&self.free_kib),
            held: None,
            asked_bytes: 0,
        }
    }
}

impl Lease {
    /// Takes so many more bytes.
    ///
    /// # Errors
    /// [`WriteError::Busy`] when others hold too much: the sender is to come back.
    pub fn grow(&mut self, bytes: usize) -> Result<(), WriteError> {
        self.asked_bytes = self.asked_bytes.saturating_add(bytes);
        let held_kib = self
            .held
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        let missing_kib = self.asked_bytes.div_ceil(1024).saturating_sub(held_kib);
        let missing_kib = u32::try_from(missing_kib).map_err(|_| WriteError::Busy)?;
        let more = Arc::clone(&self.free_kib)
            .try_acquire_many_owned(missing_kib)
            .map_err(|_| WriteError::Busy)?;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        Ok(())
    }
}
