//! `tierpix thumbnails …`.

mod backfill;

use clap::Subcommand;

use super::CliError;
use crate::config::PlaceSettings;

/// Makes thumbnails of images in store.
#[derive(Subcommand)]
pub enum ThumbnailsCommand {
    /// Make the thumbnails that images lack, after a tier got other heights or a user another tier. It can be stopped and
    /// run again; a running service does the work itself.
    Backfill(backfill::BackfillCommand),
}

impl ThumbnailsCommand {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        match self {
            Self::Backfill(command) => command.run(settings).await,
        }
    }
}
