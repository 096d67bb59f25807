//! `tierpix backup`.

use std::path::PathBuf;

use clap::Args;

use super::{
    CliError,
    display::Display,
    place::{Place, Purpose, storage},
    signals::Signals,
    tables::say,
};
use crate::{
    actors::Db,
    admin::table::{bytes, count},
    backup::{Backup, BackupError, BackupFolder, Manifest, Programs},
    config::{PlaceSettings, SecretSettings},
    db::Database,
    secret::SecretKey,
    site::Site,
    storage::StorageUrl,
};

/// Backs the site up into a folder: the database, the pictures and the secret.
#[derive(Args)]
pub struct BackupCommand {
    /// Folder of the backup. The next backup into it copies only new pictures.
    folder: PathBuf,
    #[command(flatten)]
    secret: SecretSettings,
}

impl BackupCommand {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        let place = Place::for_command(settings, Purpose::Work).await?;
        let result = match place.database().await {
            Ok(database) => {
                let result = self.back_up(settings, &place, &database).await;
                database.close();
                result
            }
            Err(error) => Err(error),
        };
        place.leave().await?;
        result
    }

    async fn back_up(
        &self,
        settings: &PlaceSettings,
        place: &Place,
        database: &Database,
    ) -> Result<(), CliError> {
        let secret = self.secret(place)?;
        let programs = Programs::find(settings.pg_bin.as_deref(), place.major().await?).await;
        let programs = programs.map_err(BackupError::from)?;
        let db = Db::start(database.clone());
        let site = Site::new(db, storage(settings, &place.data_dir)?);
        site.check_or_mark().await?;
        let pictures = match site.storage().url() {
            StorageUrl::Folder(folder) => Some(folder),
            StorageUrl::Bucket { .. } => None,
        };
        let data_dir = place.data_dir.path();
        let folder = BackupFolder::to_write(&self.folder, data_dir, pictures.as_deref())?;
        let backup = Backup::into(&folder, database.clone(), &site, programs).await?;
        let mut signals = Signals::new()?;
        let mut display = Display::new();
        let made = tokio::select! {
            made = backup.make(&secret, |step| display.step(&step)) => made.map_err(CliError::from),
            () = signals.next() => Err(CliError::because(
                "stopped; run it again, and it goes on with what is not there yet",
            )),
        };
        display.clear();
        let (snapshot, manifest) = made?;
        tell(&snapshot.name(), &manifest)
    }

    /// The secret that the service signs with. A new one would be worth nothing.
    fn secret(&self, place: &Place) -> Result<SecretKey, CliError> {
        if let Some(secret) = &self.secret.secret_key {
            return Ok(secret.clone());
        }
        let path = place.data_dir.path().join("secret.key");
        SecretKey::load(&path).map_err(|error| {
            CliError::because(format!(
                "{}: {error}: set TIERPIX_SECRET_KEY to the secret of the service",
                path.display()
            ))
        })
    }
}

fn tell(name: &str, manifest: &Manifest) -> Result<(), CliError> {
    say(format_args!(
        "Made the snapshot {name}: the database and {} ({}), each compared with its digest.",
        count(manifest.objects, "file"),
        bytes(manifest.bytes)
    ))?;
    for name in &manifest.damaged {
        say(format_args!("original missing or altered: {name}"))?;
    }
    if manifest.damaged.is_empty() {
        return Ok(());
    }
    Err(CliError::because(
        "the backup lacks originals that are missing or altered in the storage: an earlier backup may have them",
    ))
}
