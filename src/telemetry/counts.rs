//! What this node has counted since its start.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use time::OffsetDateTime;

/// Counts what was answered otherwise than asked for.
#[derive(Debug)]
pub struct Counts {
    since: OffsetDateTime,
    errors: Mutex<BTreeMap<ErrorKind, u64>>,
}

/// Errors that are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ErrorKind {
    /// The answer's status.
    pub status: u16,
    /// The error's code; `invalid` of what is about fields.
    pub code: &'static str,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            since: OffsetDateTime::now_utc(),
            errors: Mutex::default(),
        }
    }
}

impl Counts {
    /// Since when is counted.
    pub fn since(&self) -> OffsetDateTime {
        self.since
    }

    /// Counts an error or a refusal.
    pub fn error(&self, kind: ErrorKind) {
        *self.locked().entry(kind).or_default() += 1;
    }

    /// How many there were of each kind, in the order of the kinds.
    pub fn errors(&self) -> Vec<(ErrorKind, u64)> {
        self.locked()
            .iter()
            .map(|(kind, count)| (*kind, *count))
            .collect()
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<ErrorKind, u64>> {
        // Nothing that holds it can leave it half changed.
        self.errors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
