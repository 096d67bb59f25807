//! `tierpix storage claim`.

use clap::Args;

use crate::{
    actors::Db,
    cli::{
        CliError,
        place::{storage, with_database},
        tables::{confirm, say},
    },
    config::PlaceSettings,
    db::images::CountAllImages,
    site::Site,
};

/// Says that the database uses the storage from now on.
#[derive(Args)]
pub struct Claim {
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Claim {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        with_database(settings, async |database, data_dir| {
            let db = Db::start(database.clone());
            let site = Site::new(db.clone(), storage(settings, data_dir)?);
            let images = db.run(CountAllImages).await?;
            let url = site.url();
            confirm(
                &format!(
                    "Use the storage {url} for this database with {images} images? Services on other copies of the database \
                     stop using it."
                ),
                self.yes,
            )?;
            site.claim().await?;
            say(format_args!("The storage {url} belongs to this database."))
        })
        .await
    }
}
