//! Work in the background.

use super::tier::{TierId, TierName};

mod workload;

pub use workload::{Workload, about};

/// The id of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobId(pub i64);

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Makes thumbnails that images stored earlier lack.
    Backfill,
    /// Removes stored files that are nobody's.
    Sweep,
    /// Removes rows whose time is over.
    Expiry,
}

impl JobKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Backfill, Self::Sweep, Self::Expiry];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Backfill => "backfill",
            Self::Sweep => "sweep",
            Self::Expiry => "expiry",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// For its time, or for somebody to take it.
    Waiting,
    /// Somebody works on it.
    Running,
    /// All of it was tried.
    Done,
    /// It was given up.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl JobState {
    /// All states.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether nothing more will come of the job.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// What a backfill makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    /// For the images of this tier's users; `None` for everybody's.
    pub tier: Option<(TierId, TierName)>,
    /// Also thumbnails that are there already.
    pub remake: bool,
}

impl Backfill {
    /// As the audit log and the log name it.
    pub fn name(&self) -> String {
        match &self.tier {
            Some((_, name)) => format!("Thumbnails of {name}"),
            None => "Thumbnails of all tiers".to_owned(),
        }
    }
}
