//! Makes a backup.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    AT_A_TIME, BackupError, BackupFolder, Programs, Step,
    folder::{Manifest, Snapshot},
    index::{IndexReader, IndexWriter},
};
use crate::{
    actors::Db,
    db::{
        Database, Server,
        images::{CountAllImages, GetImage, Image, PageImages, StoredObject},
    },
    domain::{image::Size, media::ObjectName},
    secret::SecretKey,
    site::{Marker, Site},
    storage::{LocalStorage, Spool},
    transfer::{Copied, Transfer},
};

/// How many images are read in one query.
const PAGE: i64 = 500;

/// Makes a backup of a site, while its service runs or not.
pub struct Backup<'a> {
    folder: &'a BackupFolder,
    database: Database,
    db: Db,
    /// The server itself, past a pooler: a dump takes a connection that lasts.
    server: Server,
    programs: Programs,
    transfer: Transfer,
}

impl<'a> Backup<'a> {
    /// Prepares a backup into a folder. It has to be a new one, or that of earlier backups of the same site.
    pub async fn into(
        folder: &'a BackupFolder,
        database: Database,
        site: &Site,
        programs: Programs,
    ) -> Result<Self, BackupError> {
        let (row, _) = site.check().await?;
        let objects = folder.objects();
        let to = LocalStorage::open(&objects).map_err(BackupError::at(&objects))?;
        let (db, server) = (Db::start(database.clone()), database.direct().clone());
        let kept = Site::new(db.clone(), std::sync::Arc::new(to));
        match kept.marker().await? {
            Some(marker) if marker.site != row.id => {
                return Err(BackupError::Refused(format!(
                    "{} is a backup of the site {}, the database is that of the site {}: name another folder",
                    folder.path().display(),
                    marker.site,
                    row.id
                )));
            }
            Some(_) => {}
            None => {
                let mut marker = Marker::new(row.id, row.database);
                marker.unfinished = Some(format!(
                    "it is part of a backup; run `tierpix restore {}`",
                    folder.path().display()
                ));
                kept.write(&marker).await?;
            }
        }
        let spool = folder.spool();
        Ok(Self {
            folder,
            database,
            db,
            server,
            programs,
            transfer: Transfer {
                from: site.storage(),
                to: kept.storage(),
                spool: Spool::open(&spool).map_err(BackupError::at(&spool))?,
            },
        })
    }

    /// Makes it: objects, then the dump and the list of one moment, then the objects that came meanwhile; at the end every
    /// object of the list is read and compared with its digest.
    pub async fn make(
        &self,
        secret: &SecretKey,
        mut show: impl FnMut(Step),
    ) -> Result<(Snapshot, Manifest), BackupError> {
        self.folder.keep_secret(secret.expose())?;
        self.copy_all(&mut show).await?;
        let snapshot = self.folder.begin()?;
        let site = self.db.run(crate::db::site::GetSite).await?.id;
        let mut manifest = Manifest::new(site, self.programs.major());
        self.dump(&snapshot, &mut manifest).await?;
        self.verify(&snapshot, &mut manifest, &mut show).await?;
        Ok((snapshot.complete(&manifest)?, manifest))
    }

    /// Copies what there is now, so that little is left to copy after the dump.
    async fn copy_all(&self, show: &mut impl FnMut(Step)) -> Result<(), BackupError> {
        let total = self.db.run(CountAllImages).await?;
        let (mut done, mut after) = (0, None);
        loop {
            let images = self.db.run(PageImages(after, PAGE)).await?;
            let Some(last) = images.last() else {
                return Ok(());
            };
            after = Some(last.id);
            stream::iter(images.iter().flat_map(objects))
                .map(Ok::<_, BackupError>)
                .try_for_each_concurrent(AT_A_TIME, async |(name, stored)| {
                    // What is missing or altered is told when the list is verified.
                    self.transfer.copy_if_missing(&name, &stored).await?;
                    Ok(())
                })
                .await?;
            done += i64::try_from(images.len()).unwrap_or(i64::MAX);
            let (what, total) = ("copied", total.max(done));
            show(Step { what, done, total });
        }
    }

    /// Dumps the database and lists its objects, both as of one moment.
    async fn dump(&self, snapshot: &Snapshot, manifest: &mut Manifest) -> Result<(), BackupError> {
        self.database
            .snapshot(async |moment| {
                let path = snapshot.dump();
                let dump = self.programs.dump(&self.server, &moment.id, &path);
                let list = async {
                    let mut index = IndexWriter::create(&snapshot.index())?;
                    let mut after = None;
                    loop {
                        let images = moment.images(after, PAGE).await?;
                        let Some(last) = images.last() else {
                            return index.finish();
                        };
                        after = Some(last.id);
                        for (name, stored) in images.iter().flat_map(objects) {
                            index.add(&name, &stored)?;
                            manifest.objects += 1;
                            manifest.bytes = manifest.bytes.saturating_add_unsigned(stored.bytes);
                        }
                    }
                };
                let (dumped, listed) = futures_util::join!(dump, list);
                dumped?;
                listed
            })
            .await
    }

    /// Reads every object of the list in the backup; copies those that are not there, or not as they were stored.
    async fn verify(
        &self,
        snapshot: &Snapshot,
        manifest: &mut Manifest,
        show: &mut impl FnMut(Step),
    ) -> Result<(), BackupError> {
        let mut index = IndexReader::open(&snapshot.index())?;
        let (mut done, total) = (0, manifest.objects);
        loop {
            let objects = index.next_some(500)?;
            if objects.is_empty() {
                return Ok(());
            }
            done += i64::try_from(objects.len()).unwrap_or(i64::MAX);
            let lacking: Vec<Option<ObjectName>> = stream::iter(objects)
                .map(async |(name, stored)| {
                    let lacks = self.verify_one(&name, &stored).await?;
                    Ok::<_, BackupError>(lacks.then_some(name))
                })
                .buffered(AT_A_TIME)
                .try_collect()
                .await?;
            for name in lacking.into_iter().flatten() {
                // A thumbnail is made again when it is asked for.
                if name.size != Size::Original {
                    continue;
                }
                if self.db.run(GetImage(name.image)).await?.is_some() {
                    manifest.damaged.push(name.to_string());
                } else {
                    manifest.deleted.push(name.image.0);
                }
            }
            show(Step {
                what: "verified",
                done,
                total,
            });
        }
    }

    /// Whether the backup lacks the object in the end.
    async fn verify_one(
        &self,
        name: &ObjectName,
        stored: &StoredObject,
    ) -> Result<bool, BackupError> {
        Ok(match self.transfer.copy(name, stored).await? {
            Copied::Before => false,
            // Written just now: read it as well.
            Copied::Now => self.transfer.copy(name, stored).await? != Copied::Before,
            Copied::Not(_) => true,
        })
    }
}

/// The objects of an image.
fn objects(image: &Image) -> impl Iterator<Item = (ObjectName, StoredObject)> {
    image
        .sizes()
        .filter_map(|size| Some((image.object(size), image.stored(size)?.clone())))
}
