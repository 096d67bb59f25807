//! `tierpix migrate`.

use clap::Args;

use super::{
    CliError,
    place::{Place, Purpose},
    tables,
};
use crate::{config::PlaceSettings, db::migrations};

/// Brings the schema up to date.
#[derive(Args)]
pub struct Migrate {
    /// Only list what would be applied.
    #[arg(long)]
    dry_run: bool,
}

impl Migrate {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        let place = Place::for_command(settings, Purpose::Create).await?;
        let result = self.migrate(&place).await;
        place.leave().await?;
        result
    }

    async fn migrate(&self, place: &Place) -> Result<(), CliError> {
        let mut client = place.connect().await?;
        let (names, verb) = if self.dry_run {
            (migrations::pending(&mut client).await?, "Would apply")
        } else {
            (migrations::apply(&mut client).await?, "Applied")
        };
        for name in &names {
            tables::say(format_args!("{verb} {name}."))?;
        }
        if names.is_empty() {
            tables::say("The schema is up to date.")?;
        }
        Ok(())
    }
}
