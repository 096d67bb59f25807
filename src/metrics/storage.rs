//! What is in store.

use prometheus_client::{
    metrics::gauge::Gauge,
    registry::{Registry, Unit},
};

use crate::{actors::Db, db::daily_figures::GetDailyFigures};

/// Measures what all originals take.
#[derive(Clone, Default)]
pub struct StorageFigures {
    bytes: Gauge,
}

impl StorageFigures {
    /// Adds what is measured.
    pub fn register(&self, registry: &mut Registry) {
        let help = "What the originals of all users take";
        registry.register_with_unit("stored_originals", help, Unit::Bytes, self.bytes.clone());
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
    }
}
