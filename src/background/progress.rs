//! What a runner's work tells while it goes on.

use std::{cell::RefCell, fmt::Display, time::Instant};

use tokio::sync::watch;

use crate::db::jobs::Step;

/// What was done since it was written down last, and whether to go on.
pub struct Progress {
    step: RefCell<Step>,
    since: RefCell<Instant>,
    stop: watch::Receiver<bool>,
}

/// Why a job cannot be gone on with now; later it may.
#[derive(Debug)]
pub struct Interrupted(pub String);

impl<E: std::error::Error> From<E> for Interrupted {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl Progress {
    pub(super) fn new(stop: watch::Receiver<bool>) -> Self {
        Self {
            step: RefCell::default(),
            since: RefCell::new(Instant::now()),
            stop,
        }
    }

    /// Everything up to here was tried.
    pub fn reached(&self, position: impl Display) {
        self.step.borrow_mut().position = Some(position.to_string());
    }

    /// So much was done.
    pub fn done(&self, count: i64) {
        self.step.borrow_mut().done += count;
    }

    /// One thing went wrong.
    pub fn failed(&self, why: impl Display) {
        let mut step = self.step.borrow_mut();
        step.failed += 1;
        step.last_error = Some(why.to_string());
    }

    /// Whether the work is to end as soon as it can.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// What was done since the last call.
    pub(super) fn take(&self) -> Step {
        let mut step = self.step.take();
        step.worked = self.since.replace(Instant::now()).elapsed();
        step
    }

    /// Adds what could not be written down.
    pub(super) fn give_back(&self, step: Step) {
        let mut now = self.step.borrow_mut();
        now.done += step.done;
        now.failed += step.failed;
        now.position = now.position.take().or(step.position);
        now.last_error = now.last_error.take().or(step.last_error);
    }
}
