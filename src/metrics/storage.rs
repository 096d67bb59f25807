//! What is in store.

use prometheus_client::{
    metrics::gauge::Gauge,
    registry::{Registry, Unit},
};

use crate::{
    actors::Db,
    db::{daily_figures::GetDailyFigures, site::GetSite},
};

/// Measures what all originals take, and whether sweeps remove what they find.
#[derive(Clone, Default)]
pub struct StorageFigures {
    bytes: Gauge,
    sweep_held: Gauge,
    sweep_held_files: Gauge,
}

impl StorageFigures {
    /// Adds what is measured.
    pub fn register(&self, registry: &mut Registry) {
        let help = "What the originals of all users take";
        registry.register_with_unit("stored_originals", help, Unit::Bytes, self.bytes.clone());
        let help = "Whether sweeps remove nothing until staff have looked";
        registry.register("sweep_held", help, self.sweep_held.clone());
        let help = "Orphaned files that a sweep would have removed";
        registry.register("sweep_held_files", help, self.sweep_held_files.clone());
    }

    /// A sweep removed nothing of so many files that it would have, or all that there was to remove.
    pub fn sweep_held(&self, files: Option<i64>) {
        self.sweep_held.set(files.is_some().into());
        self.sweep_held_files.set(files.unwrap_or(0));
    }

    /// Asks the database. Without an answer the figure stays what it was.
    pub async fn measure(&self, db: &Db) {
        match db.run(GetDailyFigures { days: 1 }).await {
            Ok(days) => {
                if let Some(today) = days.last() {
                    self.bytes.set(today.stored_bytes);
                }
            }
            Err(error) => tracing::debug!(%error, "what is in store is not known"),
        }
        match db.run(GetSite).await {
            Ok(site) => self.sweep_held(site.held.map(|held| held.files)),
            Err(error) => tracing::debug!(%error, "whether sweeps are held is not known"),
        }
    }
}
