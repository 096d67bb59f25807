//! Restores a backup into an empty place.

use std::{path::Path, sync::Arc};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    AT_A_TIME, BackupError, BackupFolder, Manifest, Programs, Step, folder::Snapshot,
    index::IndexReader,
};
use crate::{
    actors::Db,
    db::{Database, images::ForgetImages, migrations, site::site_of},
    domain::image::{ImageId, Size},
    site::{Marker, Site, SiteError},
    storage::{LocalStorage, Spool, Storage},
    transfer::{Copied, Transfer},
};

/// Restores a snapshot into an empty storage and an empty database. After a kill it goes on where it was.
pub struct Restore<'a> {
    folder: &'a BackupFolder,
    snapshot: Snapshot,
    /// What the snapshot is.
    pub manifest: Manifest,
    storage: Arc<dyn Storage>,
}

impl<'a> Restore<'a> {
    /// Prepares to restore a snapshot, the newest unless one is named.
    pub fn from(
        folder: &'a BackupFolder,
        name: Option<&str>,
        storage: Arc<dyn Storage>,
    ) -> Result<Self, BackupError> {
        let snapshot = folder.snapshot(name)?;
        let manifest = snapshot.manifest()?;
        Ok(Self {
            folder,
            snapshot,
            manifest,
            storage,
        })
    }

    /// The name of the snapshot.
    pub fn name(&self) -> String {
        self.snapshot.name()
    }

    /// What the marker of a storage says whose restore was not ended.
    fn unfinished(&self) -> String {
        format!(
            "the restore of {} was not ended; run `tierpix restore {}` again",
            self.name(),
            self.folder.path().display()
        )
    }

    /// Whether this very restore was interrupted in the storage.
    pub async fn is_begun(&self, db: &Db) -> Result<bool, BackupError> {
        let site = Site::new(db.clone(), self.storage.clone());
        let marker = site.marker().await?;
        Ok(marker.is_some_and(|marker| self.has_written(&marker)))
    }

    fn has_written(&self, marker: &Marker) -> bool {
        marker.site == self.manifest.site && marker.unfinished == Some(self.unfinished())
    }

    /// Refuses a database that is not empty, unless this site was restored there before the restore was interrupted.
    pub async fn check_database(
        &self,
        database: &Database,
        goes_on: bool,
    ) -> Result<(), BackupError> {
        let client = database.direct().connect().await?;
        if migrations::is_empty(&client).await?
            || goes_on && site_of(&client).await? == Some(self.manifest.site)
        {
            return Ok(());
        }
        Err(BackupError::Refused(
            "the database is not empty: name an empty one in DATABASE_URL, or an empty TIERPIX_DATA_DIR".to_owned(),
        ))
    }

    /// Refuses a storage that is not empty, unless this very restore was interrupted there.
    pub async fn take_storage(&self, db: &Db) -> Result<(), BackupError> {
        let site = Site::new(db.clone(), self.storage.clone());
        if let Some(marker) = site.marker().await? {
            return if self.has_written(&marker) {
                Ok(())
            } else {
                let url = site.url().to_owned();
                Err(SiteError::InUse { url }.into())
            };
        }
        if let Some(entry) = self.storage.any_entry().await? {
            let url = site.url().to_owned();
            return Err(SiteError::NotEmpty { url, entry }.into());
        }
        let mut marker = Marker::new(self.manifest.site, "being restored".to_owned());
        marker.unfinished = Some(self.unfinished());
        Ok(site.write(&marker).await?)
    }

    /// Copies every object of the snapshot into the storage. Fails on one that the backup does not have as it was stored.
    pub async fn copy_objects(
        &self,
        spool: Spool,
        mut show: impl FnMut(Step),
    ) -> Result<(), BackupError> {
        let objects = self.folder.objects();
        let from = LocalStorage::open(&objects).map_err(BackupError::at(&objects))?;
        let transfer = Transfer {
            from: Arc::new(from),
            to: self.storage.clone(),
            spool,
        };
        let mut index = IndexReader::open(&self.snapshot.index())?;
        let (mut done, total) = (0, self.manifest.objects);
        loop {
            let some = index.next_some(500)?;
            if some.is_empty() {
                return Ok(());
            }
            done += i64::try_from(some.len()).unwrap_or(i64::MAX);
            stream::iter(some)
                .map(Ok)
                .try_for_each_concurrent(AT_A_TIME, async |(name, stored)| {
                    match transfer.copy_if_missing(&name, &stored).await? {
                        Copied::Not(why) if name.size == Size::Original && !self.lacks(&name) => {
                            Err(BackupError::Refused(format!(
                                "the backup is damaged: {name} is {why}"
                            )))
                        }
                        _ => Ok(()),
                    }
                })
                .await?;
            let what = "copied";
            show(Step { what, done, total });
        }
    }

    /// Whether the backup itself says that it does not have this original.
    fn lacks(&self, name: &crate::domain::media::ObjectName) -> bool {
        self.manifest.deleted.contains(&name.image.0)
            || self.manifest.damaged.contains(&name.to_string())
    }

    /// Restores the database, which has to be empty unless this very restore was interrupted, and brings it up to date.
    pub async fn restore_database(
        &self,
        database: &Database,
        programs: &Programs,
    ) -> Result<(), BackupError> {
        let mut client = database.direct().connect().await?;
        // Else it was restored before an interruption.
        if migrations::is_empty(&client).await? {
            let dump = self.snapshot.dump();
            programs.restore(database.direct(), &dump).await?;
        }
        migrations::apply(&mut client).await?;
        let deleted = self.manifest.deleted.iter().copied().map(ImageId);
        database.run(ForgetImages(deleted.collect())).await?;
        Ok(())
    }

    /// Says that the storage belongs to the restored database. From here on a service can start.
    pub async fn finish(&self, db: &Db) -> Result<Site, BackupError> {
        let site = Site::new(db.clone(), self.storage.clone());
        site.take_over().await?;
        Ok(site)
    }

    /// Puts the secret in its place, if there is none.
    pub fn restore_secret(&self, to: &Path) -> Result<(), BackupError> {
        let from = self.folder.secret();
        let secret = std::fs::read(&from).map_err(BackupError::at(&from))?;
        match std::fs::read(to) {
            Ok(there) if there == secret => Ok(()),
            Ok(_) => Err(BackupError::Refused(format!(
                "{} holds another secret than the backup: move it away",
                to.display()
            ))),
            Err(_) => super::folder::write_private(to, &secret),
        }
    }
}
