//! Work that nobody waits for, done a piece at a time by whichever node takes it.
//!
//! What there is to do are rows of the table `jobs` ([`crate::db::jobs`]). Each node has a [`Runner`] that takes them, works
//! on them, and writes down how far it has come; what a crash interrupts is taken up by another one within seconds.

mod backfill;
mod expiry;
mod progress;
mod runner;
mod sweep;

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinHandle};

use crate::{
    actors::Db, domain::job::JobKind, metrics::StorageFigures, site::Site, storage::Storage,
    thumbnails::Maker,
};

pub use backfill::plan;
pub use runner::{Runner, Taken};

/// What the work is done with.
#[derive(Clone)]
pub struct Tools {
    /// The `DbActor`.
    pub db: Db,
    /// Makes thumbnails.
    pub maker: Arc<Maker>,
    /// Where pictures are kept.
    pub storage: Arc<dyn Storage>,
    /// Whose storage it is.
    pub site: Site,
    /// Where a sweep that waits is shown.
    pub in_store: StorageFigures,
    /// How long a file without a row stays.
    pub orphan_grace: Duration,
    /// How many thumbnails it may make at a time.
    pub threads: usize,
}

/// The runners of a service.
pub struct Background {
    stop: watch::Sender<bool>,
    runners: Vec<JoinHandle<()>>,
}

impl Background {
    /// Starts them; `new_jobs` changes when a job may have been added. To be called on an actix system.
    pub fn start(tools: &Tools, new_jobs: &watch::Receiver<()>) -> Self {
        let (stop, stopped) = watch::channel(false);
        // A backfill may take days, which upkeep is not to wait for.
        let runners = [
            vec![JobKind::Backfill],
            vec![JobKind::Sweep, JobKind::Expiry],
        ];
        let runners = runners.map(|kinds| {
            let runner = Runner::new(tools.clone(), stopped.clone());
            let new_jobs = new_jobs.clone();
            tokio::task::spawn_local(async move { runner.work_on(&kinds, new_jobs).await })
        });
        Self {
            stop,
            runners: runners.into(),
        }
    }

    /// Tells the runners to put back what they work on.
    pub fn stop(&self) {
        // Nobody hears it if they have ended.
        let _ = self.stop.send(true);
    }

    /// Waits until they have.
    pub async fn stopped(self) {
        self.stop();
        for runner in self.runners {
            // It can only have panicked, which was logged.
            let _ = runner.await;
        }
    }
}
