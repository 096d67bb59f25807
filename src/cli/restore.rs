//! `tierpix restore`.

use std::path::PathBuf;

use clap::Args;

use super::{
    CliError,
    display::Display,
    place::{Place, Purpose, record, storage},
    signals::Signals,
    storage::reconcile,
    tables::say,
};
use crate::{
    actors::Db,
    admin::table::{bytes, count},
    backup::{BackupError, BackupFolder, Programs, Restore},
    config::{PlaceSettings, SecretSettings},
    datadir::{DataDir, DataDirError},
    storage::Spool,
};

/// Restores a backup into an empty database and an empty storage.
#[derive(Args)]
pub struct RestoreCommand {
    /// Folder of the backup.
    folder: PathBuf,
    /// Name of the snapshot, a folder of its `snapshots/` [default: the newest].
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
    #[command(flatten)]
    secret: SecretSettings,
}

impl RestoreCommand {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        let folder = BackupFolder::to_read(&self.folder)?;
        let data_dir = DataDir::open(&settings.data_dir)?;
        let _lock = data_dir.lock_for_serving()?;
        let storage = storage(settings, &data_dir)?;
        let restore = Restore::from(&folder, self.snapshot.as_deref(), storage)?;
        let programs = Programs::find(settings.pg_bin.as_deref(), restore.manifest.postgres).await;
        let programs = programs.map_err(BackupError::from)?;
        let again = format!("tierpix restore {}", self.folder.display());
        record::begin_restore(&data_dir, &again)?;
        let place = Place::for_command(settings, Purpose::Replace).await?;
        let mut signals = Signals::new()?;
        let result = tokio::select! {
            restored = self.restore(&place, &restore, &programs) => restored,
            () = signals.next() => Err(CliError::because(
                "stopped; run it again, and it goes on where it was",
            )),
        };
        place.leave().await?;
        result
    }

    async fn restore(
        &self,
        place: &Place,
        restore: &Restore<'_>,
        programs: &Programs,
    ) -> Result<(), CliError> {
        let database = place.pool(2)?;
        let db = Db::start(database.clone());
        let begun = async {
            let goes_on = restore.is_begun(&db).await?;
            restore.check_database(&database, goes_on).await?;
            restore.take_storage(&db).await
        };
        if let Err(refused) = begun.await {
            record::end_restore(&place.data_dir)?;
            return Err(refused.into());
        }
        if !self.has_secret() {
            restore.restore_secret(&place.data_dir.path().join("secret.key"))?;
        }
        let spool = place.data_dir.path().join("spool");
        let spool = Spool::join(&spool).map_err(DataDirError::unusable(&spool))?;
        let mut display = Display::new();
        let copied = restore
            .copy_objects(spool, |step| display.step(&step))
            .await;
        display.clear();
        copied?;
        restore.restore_database(&database, programs).await?;
        let site = restore.finish(&db).await?;
        place.record(site.row().await?.id)?;
        record::end_restore(&place.data_dir)?;
        let manifest = &restore.manifest;
        say(format_args!(
            "Restored the snapshot {}: the database and {} ({}).",
            restore.name(),
            count(manifest.objects, "file"),
            bytes(manifest.bytes)
        ))?;
        let verified = reconcile::verify(&db, &*site.storage()).await;
        database.close();
        verified
    }

    fn has_secret(&self) -> bool {
        self.secret.secret_key.is_some()
    }
}
