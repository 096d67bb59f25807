//! `tierpix storage …`.

mod claim;
mod migrate;
pub(super) mod reconcile;

use clap::Subcommand;

use super::CliError;
use crate::config::PlaceSettings;

/// Looks after what is stored.
#[derive(Subcommand)]
pub enum StorageCommand {
    /// Compare stored files with the database. Exits with 1 if anything remains that does not match.
    Reconcile(reconcile::Reconcile),
    /// Copy all pictures to another storage. It can be stopped and run again, also while a service runs; it switches
    /// nothing over.
    Migrate(migrate::Migrate),
    /// Say that the database uses the storage from now on: after a restore from a dump, or when a marker was lost.
    Claim(claim::Claim),
}

impl StorageCommand {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        match self {
            Self::Reconcile(command) => command.run(settings).await,
            Self::Migrate(command) => command.run(settings).await,
            Self::Claim(command) => command.run(settings).await,
        }
    }
}
