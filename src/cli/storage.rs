//! `tierpix storage …`.

mod reconcile;

use clap::Subcommand;

use super::CliError;
use crate::config::PlaceSettings;

/// Looks after what is stored.
#[derive(Subcommand)]
pub enum StorageCommand {
    /// Compare what is stored with what the database tells of it. Ends with 1 if anything is left that does not fit.
    Reconcile(reconcile::Reconcile),
}

impl StorageCommand {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        match self {
            Self::Reconcile(command) => command.run(settings).await,
        }
    }
}
