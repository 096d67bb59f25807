//! Whose storage it is: the id of the site in the database and the marker in the storage have to agree before anything is
//! stored or removed.
//!
//! A storage that is not the database's own looks like one full of orphaned files, and a database that is not the
//! storage's own like one whose originals are lost. So neither is taken for granted: see [`Site::settle`].

mod error;
mod marker;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;
use uuid::Uuid;

pub use error::SiteError;
pub use marker::Marker;

use crate::{
    actors::Db,
    db::site::{AddToken, GetSite, SampleOriginals, SiteRow, StorageInUse, UseStorage},
    domain::site::SiteId,
    storage::{Storage, StorageError, StorageUrl},
};

/// For how long it is believed that the database and the storage belong together.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often a node that starts tries to write a new token.
const RENEWALS: usize = 5;

/// How many of the oldest and of the newest originals are looked for in a storage that has no marker.
const SAMPLE: i64 = 8;

/// The database and the storage of one service.
#[derive(Clone)]
pub struct Site {
    db: Db,
    storage: Arc<dyn Storage>,
    /// Where the storage is, for people.
    url: String,
    /// When the two were last found to belong together, once they were.
    settled: Arc<Mutex<Option<Instant>>>,
}

impl Site {
    /// Nothing is asked yet.
    pub fn new(db: Db, storage: Arc<dyn Storage>) -> Self {
        let url = storage.url().to_string();
        Self {
            db,
            storage,
            url,
            settled: Arc::default(),
        }
    }

    /// Where the storage is, for people.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The storage.
    pub fn storage(&self) -> Arc<dyn Storage> {
        self.storage.clone()
    }

    /// The database's part.
    pub async fn row(&self) -> Result<SiteRow, SiteError> {
        Ok(self.db.run(GetSite).await?)
    }

    /// The storage's part.
    pub async fn marker(&self) -> Result<Option<Marker>, SiteError> {
        match self
            .storage
            .marker()
            .await
            .map_err(|error| self.failed(error))?
        {
            Some(bytes) => Marker::read(&bytes).map(Some).map_err(|error| {
                let url = self.url.clone();
                SiteError::Unreadable { url, error }
            }),
            None => Ok(None),
        }
    }

    /// As [`Site::settle`], but a bucket that does not answer is no reason not to start: [`Site::ready`] tries again.
    pub async fn start(&self) -> Result<(), SiteError> {
        match self.ready().await {
            Err(error @ SiteError::Storage { .. })
                if matches!(self.storage.url(), StorageUrl::Bucket { .. }) =>
            {
                tracing::error!(%error, "no upload is taken until the bucket answers");
                Ok(())
            }
            other => other,
        }
    }

    /// Nothing may be stored or removed unless the database and the storage belong together. The first time they are
    /// brought together ([`Site::settle`]); later it is looked again now and then, since another disk may be mounted and
    /// another copy of the database used meanwhile.
    pub async fn ready(&self) -> Result<(), SiteError> {
        let mut settled = self.settled.lock().await;
        match *settled {
            Some(last) if last.elapsed() < LOOK_EVERY => return Ok(()),
            Some(_) => self.check_in_use().await?,
            None => {
                self.settle().await?;
                self.renew_token().await?;
            }
        }
        *settled = Some(Instant::now());
        Ok(())
    }

    /// As [`Site::check`], and that no other copy of the database has used the storage since.
    pub async fn check_in_use(&self) -> Result<(), SiteError> {
        let (row, marker) = self.check().await?;
        self.require_token(&row, &marker)
    }

    fn require_token(&self, row: &SiteRow, marker: &Marker) -> Result<(), SiteError> {
        if row.tokens.contains(&marker.token) {
            return Ok(());
        }
        let url = self.url.clone();
        Err(SiteError::OtherDatabase { url })
    }

    /// At each start of a service, the database and the marker get a new token: a copy of the database that is started later
    /// does not know it, whichever way it was copied.
    async fn renew_token(&self) -> Result<(), SiteError> {
        // Nodes that start at once may write over each other's.
        for _ in 0..RENEWALS {
            self.renew().await?;
            if self.check_in_use().await.is_ok() {
                return Ok(());
            }
        }
        self.check_in_use().await
    }

    /// For a command that works on the storage: as [`Site::check`], but a storage of before there were markers gets its own.
    pub async fn check_or_mark(&self) -> Result<(), SiteError> {
        if self.row().await?.storage.is_none() {
            self.settle().await?;
        }
        self.check().await.map(drop)
    }

    /// Whether the database and the storage belong together, or all was copied from the one in use to this storage. Writes
    /// nothing.
    pub async fn check(&self) -> Result<(SiteRow, Marker), SiteError> {
        let row = self.row().await?;
        let marker = self.marker().await?.ok_or_else(|| self.missing())?;
        self.compare(&row, &marker)?;
        match &row.storage {
            Some(storage) if marker.is_of(storage.id) => Ok((row, marker)),
            Some(storage) => Err(self.moved(storage)),
            None => Err(self.missing()),
        }
    }

    /// Makes sure at a start that the database and the storage belong together:
    ///
    /// - an empty storage of a database without images gets the marker;
    /// - so does, once, the storage of an installation from before there were markers, if its images are found there;
    /// - a storage to which all was copied from the one in use becomes the one in use;
    /// - anything else is refused.
    ///
    /// Returns the id of the site.
    pub async fn settle(&self) -> Result<SiteId, SiteError> {
        let row = self.row().await?;
        let Some(marker) = self.marker().await? else {
            return self.settle_unmarked(&row).await;
        };
        self.compare(&row, &marker)?;
        match &row.storage {
            Some(storage) if storage.id == marker.storage => self.require_token(&row, &marker)?,
            Some(storage) if !marker.is_of(storage.id) => return Err(self.moved(storage)),
            _ => {
                if row.has_images && self.missing_of_sample().await?.0 > 0 {
                    return Err(SiteError::Unfinished {
                        url: self.url.clone(),
                        what: "it lacks images that came after it was copied; run `tierpix storage migrate` again".to_owned(),
                    });
                }
                tracing::info!(storage = self.url, "the site uses this storage from now on");
                self.take_up(&marker).await?;
            }
        }
        Ok(row.id)
    }

    async fn settle_unmarked(&self, row: &SiteRow) -> Result<SiteId, SiteError> {
        if row.has_images {
            // A storage that was marked is never marked again by itself.
            if row.storage.is_some() || !self.has_images_of_database().await? {
                return Err(self.missing());
            }
        } else if let Some(entry) = self.any_entry().await? {
            let url = self.url.clone();
            return Err(SiteError::NotEmpty { url, entry });
        }
        self.mark(row).await?;
        Ok(row.id)
    }

    /// Writes a new marker, and notes it.
    async fn mark(&self, row: &SiteRow) -> Result<(), SiteError> {
        let marker = Marker::first(row.id, row.database.clone(), &self.url);
        self.write(&marker).await?;
        self.take_up(&marker).await?;
        tracing::info!(storage = self.url, site = %row.id, "marked the storage as the site's own");
        Ok(())
    }

    /// Says that this database uses this storage from now on, whatever the two say themselves. Only where the images of
    /// the database are found in the storage.
    pub async fn claim(&self) -> Result<(), SiteError> {
        let row = self.row().await?;
        let Some(marker) = self.marker().await? else {
            if row.has_images && self.has_images_of_database().await? {
                return self.mark(&row).await;
            }
            return self.settle_unmarked(&row).await.map(drop);
        };
        if let Some(what) = marker.unfinished {
            let url = self.url.clone();
            return Err(SiteError::Unfinished { url, what });
        }
        let found = row.has_images && self.has_images_of_database().await?;
        match marker.site == row.id {
            _ if found => {}
            true if !row.has_images => {}
            true => return Err(self.missing()),
            false => return Err(self.other_site(&row, &marker)),
        }
        let claimed = Marker::new(marker.site, row.database);
        self.write(&claimed).await?;
        self.take_up(&claimed).await
    }

    /// Says that this database uses this storage, once both were restored from one backup.
    pub async fn take_over(&self) -> Result<(), SiteError> {
        let row = self.row().await?;
        let marker = Marker::new(row.id, row.database);
        self.write(&marker).await?;
        self.take_up(&marker).await
    }

    /// Gives the marker and the database a new token. `false` if the marker has none of the database's, so
    /// that another copy of this database must have swept the storage, or this one is older than the last sweep.
    pub async fn renew(&self) -> Result<bool, SiteError> {
        let (row, mut marker) = self.check().await?;
        if !row.tokens.contains(&marker.token) {
            return Ok(false);
        }
        marker.token = Uuid::new_v4();
        self.db.run(AddToken(marker.token)).await?;
        self.write(&marker).await?;
        Ok(true)
    }

    /// Makes another storage ready to take a copy of all that is in this one. It has to be empty, or one to which a copy was
    /// begun before.
    pub async fn begin_copy(&self, to: &Self) -> Result<(), SiteError> {
        let (row, from) = self.check().await?;
        let marker = match to.marker().await? {
            Some(marker) if marker.site != row.id => return Err(to.other_site(&row, &marker)),
            Some(marker) if marker.copied_from == Some(from.storage) => marker,
            Some(_) => {
                return Err(SiteError::InUse {
                    url: to.url.clone(),
                });
            }
            None => match to.any_entry().await? {
                Some(entry) => {
                    let url = to.url.clone();
                    return Err(SiteError::NotEmpty { url, entry });
                }
                None => {
                    let mut copy = Marker::new(row.id, row.database);
                    copy.copied_from = Some(from.storage);
                    copy.unfinished = Some(format!(
                        "the copy from {} was not ended; run `tierpix storage migrate` again",
                        self.url
                    ));
                    copy
                }
            },
        };
        to.write(&marker).await
    }

    /// Says in both storages that all was copied.
    pub async fn end_copy(&self, to: &Self) -> Result<(), SiteError> {
        if let Some(mut copy) = to.marker().await? {
            copy.unfinished = None;
            to.write(&copy).await?;
        }
        if let Some(mut marker) = self.marker().await? {
            marker.copied_to = Some(to.url.clone());
            self.write(&marker).await?;
        }
        Ok(())
    }

    /// Writes the marker, and reads it back: of two that write at once, one is told.
    pub async fn write(&self, marker: &Marker) -> Result<(), SiteError> {
        let put = self.storage.put_marker(marker.to_bytes()).await;
        put.map_err(|error| self.failed(error))?;
        match self.marker().await? {
            Some(written) if written.storage == marker.storage => Ok(()),
            _ => Err(SiteError::Contested {
                url: self.url.clone(),
            }),
        }
    }

    async fn take_up(&self, marker: &Marker) -> Result<(), SiteError> {
        let storage = StorageInUse {
            id: marker.storage,
            url: self.url.clone(),
        };
        let (site, token) = (marker.site, marker.token);
        let note = UseStorage {
            site,
            storage,
            token,
        };
        Ok(self.db.run(note).await?)
    }

    fn compare(&self, row: &SiteRow, marker: &Marker) -> Result<(), SiteError> {
        if marker.site != row.id {
            return Err(self.other_site(row, marker));
        }
        if let Some(unfinished) = &marker.unfinished {
            return Err(SiteError::Unfinished {
                url: self.url.clone(),
                what: unfinished.clone(),
            });
        }
        if marker.database != row.database {
            return Err(SiteError::OtherDatabase {
                url: self.url.clone(),
            });
        }
        Ok(())
    }

    /// Whether nearly all of the sampled originals are in the storage.
    async fn has_images_of_database(&self) -> Result<bool, SiteError> {
        let (missing, all) = self.missing_of_sample().await?;
        // One that a disk lost is no reason to refuse all others.
        Ok(missing < all && missing * 10 <= all)
    }

    /// How many of the sampled originals are not in the storage, and how many there are.
    async fn missing_of_sample(&self) -> Result<(usize, usize), SiteError> {
        let sample = self.db.run(SampleOriginals(SAMPLE)).await?;
        let mut missing = 0;
        for (name, bytes) in &sample {
            let length = self.storage.length(name).await;
            if length.map_err(|error| self.failed(error))? != Some(*bytes) {
                missing += 1;
            }
        }
        Ok((missing, sample.len()))
    }

    async fn any_entry(&self) -> Result<Option<String>, SiteError> {
        let entry = self.storage.any_entry().await;
        entry.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: StorageError) -> SiteError {
        SiteError::Storage {
            url: self.url.clone(),
            error,
        }
    }

    fn missing(&self) -> SiteError {
        SiteError::Missing {
            url: self.url.clone(),
        }
    }

    fn moved(&self, to: &StorageInUse) -> SiteError {
        SiteError::Moved {
            url: self.url.clone(),
            to: to.url.clone(),
        }
    }

    fn other_site(&self, row: &SiteRow, marker: &Marker) -> SiteError {
        SiteError::OtherSite {
            url: self.url.clone(),
            theirs: marker.site,
            ours: row.id,
        }
    }
}
