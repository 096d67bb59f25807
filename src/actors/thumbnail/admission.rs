//! Who may render now.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The unit in which memory is counted: a semaphore's permits do not reach to single bytes.
const UNIT: u64 = 1024;

/// Admits renders while a thread and memory are free.
#[derive(Clone)]
pub struct Admission {
    queue: Arc<Semaphore>,
    places: usize,
    threads: Arc<Semaphore>,
    all_threads: usize,
    memory: Arc<Semaphore>,
    memory_units: u32,
    patience: Duration,
}

/// A thread and memory for one render; given back when dropped.
pub struct Permit {
    _thread: OwnedSemaphorePermit,
    _memory: OwnedSemaphorePermit,
}

/// What renders take of what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Threads that render.
    pub threads: usize,
    /// Those of them that have work.
    pub busy: usize,
    /// Renders that wait for a thread or for memory.
    pub waiting: usize,
    /// Bytes that all renders share.
    pub memory: u64,
    /// Bytes of it that are taken.
    pub memory_taken: u64,
}

/// Why a render is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Overloaded {
    /// Not now: too many wait already, or the wait was too long.
    #[error("no render capacity now")]
    Busy,
    /// Never: it takes more memory than there is in all.
    #[error("the render needs {needed} bytes, the budget is {budget}")]
    TooLarge {
        /// Bytes that the render needs.
        needed: u64,
        /// Bytes that all renders share.
        budget: u64,
    },
}

impl Admission {
    /// Room for `threads` renders at a time in `memory` bytes in all. Sixteen callers a thread may wait, each
    /// for `patience` at most.
    pub fn new(threads: usize, memory: u64, patience: Duration) -> Self {
        let memory_units = u32::try_from(memory / UNIT).unwrap_or(u32::MAX);
        let places = threads * 16;
        Self {
            queue: Arc::new(Semaphore::new(places)),
            places,
            threads: Arc::new(Semaphore::new(threads)),
            all_threads: threads,
            memory: Arc::new(Semaphore::new(memory_units as usize)),
            memory_units,
            patience,
        }
    }

    /// Waits for a thread and this many bytes. First come, first served.
    pub async fn admit(&self, bytes: u64) -> Result<Permit, Overloaded> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        if units > self.memory_units {
            return Err(Overloaded::TooLarge {
                needed: bytes,
                budget: u64::from(self.memory_units) * UNIT,
            });
        }
        let _place = self.queue.try_acquire().map_err(|_| Overloaded::Busy)?;
        let both = async {
            let thread = self.threads.clone().acquire_owned().await.ok()?;
            let memory = self.memory.clone().acquire_many_owned(units).await.ok()?;
            Some(Permit {
                _thread: thread,
                _memory: memory,
            })
        };
        match tokio::time::timeout(self.patience, both).await {
            Ok(Some(permit)) => Ok(permit),
            _ => Err(Overloaded::Busy),
        }
    }

    /// What is taken now.
    pub fn load(&self) -> Load {
        let all = self.all_threads;
        let units = self.memory.available_permits() as u64;
        Load {
            threads: all,
            busy: all.saturating_sub(self.threads.available_permits()),
            // A place is held while waiting, no longer.
            waiting: self.places.saturating_sub(self.queue.available_permits()),
            memory: u64::from(self.memory_units) * UNIT,
            memory_taken: u64::from(self.memory_units).saturating_sub(units) * UNIT,
        }
    }

    /// Whether every thread has work.
    pub fn is_busy(&self) -> bool {
        self.threads.available_permits() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: u64 = 1024;

    #[tokio::test]
    async fn a_render_that_never_fits_is_refused_at_once() {
        let admission = Admission::new(1, 10 * KIB, Duration::from_secs(60));
        let refused = admission.admit(10 * KIB + 1).await.err();
        assert!(matches!(refused, Some(Overloaded::TooLarge { .. })));
        assert!(admission.admit(10 * KIB).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_render_waits_for_memory_a_bounded_time() {
        let admission = Admission::new(2, 10 * KIB, Duration::from_secs(5));
        let first = admission.admit(6 * KIB).await.ok();
        assert_eq!(admission.admit(6 * KIB).await.err(), Some(Overloaded::Busy));
        let load = admission.load();
        assert_eq!((load.threads, load.busy, load.waiting), (2, 1, 0));
        assert_eq!((load.memory, load.memory_taken), (10 * KIB, 6 * KIB));
        drop(first);
        assert!(admission.admit(6 * KIB).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn when_too_many_wait_the_next_is_refused_at_once() {
        let admission = Admission::new(1, KIB, Duration::from_secs(5));
        let held = admission.admit(KIB).await.ok();
        let waiting: Vec<_> = (0..16)
            .map(|_| {
                tokio::spawn({
                    let admission = admission.clone();
                    async move { admission.admit(KIB).await.err() }
                })
            })
            .collect();
        tokio::task::yield_now().await;
        let start = tokio::time::Instant::now();
        assert_eq!(admission.admit(KIB).await.err(), Some(Overloaded::Busy));
        assert_eq!(start.elapsed(), Duration::ZERO);
        drop(held);
        for one in waiting {
            one.abort();
        }
    }
}
