//! `tierpix storage …`.

mod migrate;
mod reconcile;

use clap::Subcommand;

use super::CliError;
use crate::config::PlaceSettings;

/// Looks after what is stored.
#[derive(Subcommand)]
pub enum StorageCommand {
    /// Compare what is stored with what the database tells of it. Ends with 1 if anything is left that does not fit.
    Reconcile(reconcile::Reconcile),
    /// Copy all pictures to another place, as to object storage. It can be stopped and run again, also while a service runs;
    /// nothing is switched over by it.
    Migrate(migrate::Migrate),
}

impl StorageCommand {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        match self {
            Self::Reconcile(command) => command.run(settings).await,
            Self::Migrate(command) => command.run(settings).await,
        }
    }
}
