//! Who may render now.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use prometheus_client::registry::Registry;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::load::Load;
use crate::metrics::Waits;

/// The unit in which memory is counted: a semaphore's permits do not reach to single bytes.
const UNIT: u64 = 1024;

/// How many requests may wait for each thread.
const PLACES_A_THREAD: usize = 16;

/// How often a render in the background looks whether there is room: soon again at first, then less often.
const LOOK_AGAIN: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(20)];

/// How many of these threads render in the background at a time: one is left to uploads where there are several.
pub fn background_threads(threads: usize) -> usize {
    threads.saturating_sub(1).max(1)
}

/// Admits renders while a thread and memory are free.
#[derive(Clone)]
pub struct Admission {
    queue: Arc<Semaphore>,
    places: usize,
    threads: Arc<Semaphore>,
    all_threads: usize,
    /// Threads that renders in the background leave free.
    spare: u32,
    memory: Arc<Semaphore>,
    memory_units: u32,
    patience: Duration,
    waits: Waits,
}

/// A thread and memory for one render; given back when dropped.
pub struct Permit {
    _thread: OwnedSemaphorePermit,
    _memory: OwnedSemaphorePermit,
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
        let places = threads * PLACES_A_THREAD;
        Self {
            queue: Arc::new(Semaphore::new(places)),
            places,
            spare: u32::from(threads > 1),
            threads: Arc::new(Semaphore::new(threads)),
            all_threads: threads,
            memory: Arc::new(Semaphore::new(memory_units as usize)),
            memory_units,
            patience,
            waits: Waits::default(),
        }
    }

    /// Waits for a thread and this many bytes. First come, first served.
    pub async fn admit(&self, bytes: u64) -> Result<Permit, Overloaded> {
        let start = Instant::now();
        let result = self.wait(bytes).await;
        self.waits.measure(&result, start.elapsed());
        result
    }

    async fn wait(&self, bytes: u64) -> Result<Permit, Overloaded> {
        let units = self.units(bytes)?;
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

    /// Waits, for as long as it takes, until nobody else waits for a thread and one is left when this render has its own,
    /// where there are several.
    pub async fn admit_in_background(&self, bytes: u64) -> Result<Permit, Overloaded> {
        let units = self.units(bytes)?;
        let [mut pause, longest] = LOOK_AGAIN;
        loop {
            if let Some(permit) = self.admit_if_idle(units) {
                return Ok(permit);
            }
            // Not in the semaphores' queues: uploads would have to stand behind it.
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    fn admit_if_idle(&self, units: u32) -> Option<Permit> {
        if self.queue.available_permits() < self.places {
            return None;
        }
        let threads = self.threads.clone();
        let mut thread = threads.try_acquire_many_owned(1 + self.spare).ok()?;
        drop(thread.split(self.spare as usize));
        let memory = self.memory.clone().try_acquire_many_owned(units).ok()?;
        Some(Permit {
            _thread: thread,
            _memory: memory,
        })
    }

    fn units(&self, bytes: u64) -> Result<u32, Overloaded> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        if units > self.memory_units {
            return Err(Overloaded::TooLarge {
                needed: bytes,
                budget: u64::from(self.memory_units) * UNIT,
            });
        }
        Ok(units)
    }

    /// Whether every thread has work.
    pub fn is_busy(&self) -> bool {
        self.threads.available_permits() == 0
    }

    /// Adds what waiting is measured by, and the load.
    pub fn register(&self, registry: &mut Registry) {
        self.waits.register(registry);
        registry.register_collector(Box::new(self.clone()));
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
    async fn a_render_in_the_background_leaves_a_thread_free() {
        let admission = Admission::new(2, 10 * KIB, Duration::from_secs(5));
        let background = admission.admit_in_background(KIB).await.ok();
        let next = tokio::spawn({
            let admission = admission.clone();
            async move { admission.admit_in_background(KIB).await.is_ok() }
        });
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(!next.is_finished());
        let upload = admission.admit(KIB).await.ok();
        assert!(upload.is_some());
        drop(background);
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(!next.is_finished());
        drop(upload);
        assert!(next.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_render_in_the_background_gets_the_only_thread_when_nobody_waits() {
        let admission = Admission::new(1, 10 * KIB, Duration::from_secs(5));
        let upload = admission.admit(KIB).await.ok();
        let [waiting, background] = [false, true].map(|background| {
            let admission = admission.clone();
            tokio::spawn(async move {
                if background {
                    admission.admit_in_background(KIB).await
                } else {
                    admission.admit(KIB).await
                }
            })
        });
        tokio::task::yield_now().await;
        drop(upload);
        let waited = waiting.await.unwrap();
        assert!(waited.is_ok() && !background.is_finished());
        drop(waited);
        assert!(background.await.unwrap().is_ok());
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
