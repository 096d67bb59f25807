//! Stored files that no row names.
//!
//! A row that is committed after a page was listed names files that the page may hold as orphans: they are younger than
//! [`SETTLED`]. Everything else that has no row is written down first, and removed only after it has been seen so for the
//! grace period: a database that was restored from an older dump knows too few files, and its newer one is still to come.

use std::{
    collections::HashSet,
    time::{Duration, SystemTime},
};

use time::OffsetDateTime;

use crate::{
    actors::Db,
    db::{
        DbError,
        images::FindFiles,
        orphans::{
            Clock, CountDueOrphans, Due, FindRemoved, ForgetOrphans, ForgetUnseenOrphans,
            NoteOrphans, PageDueOrphans,
        },
    },
    domain::{image::ImageId, media::ObjectName},
    storage::{Kind, Listed, Storage, StorageError},
};

/// How long a file may be there before its row: an upload that takes longer has ended long since.
const SETTLED: Duration = Duration::from_secs(3600);

/// How many orphans are removed between two looks at the database.
const BATCH: i64 = 500;

/// Up to so many orphans are removed whatever their share.
const FEW: i64 = 100;

/// What lies in a page of the storage without a row.
#[derive(Default)]
pub struct Found {
    /// Whole objects that no row names.
    pub orphans: Vec<Listed>,
    /// What may go at once: partial writes that were left over, and objects of images that were deleted.
    pub leftovers: Vec<Listed>,
    /// What may still get its row.
    pub under_way: i64,
    /// What the service did not write.
    pub foreign: Vec<Listed>,
    /// How many files of the service's own there were in all.
    pub own: i64,
}

/// Sorts a page of the storage by what the database knows of it.
pub async fn compare(db: &Db, page: Vec<Listed>) -> Result<Found, DbError> {
    let images: HashSet<ImageId> = page.iter().filter_map(image_of).collect();
    let images: Vec<_> = images.into_iter().collect();
    let known = db.run(FindFiles(images.clone())).await?;
    let known: HashSet<_> = known.into_iter().flat_map(|image| image.objects).collect();
    // After the rows: an image that was deleted in between is found here.
    let removed: HashSet<_> = db.run(FindRemoved(images)).await?.into_iter().collect();
    let mut found = Found::default();
    for listed in page {
        let may_go = match &listed.kind {
            Kind::Foreign => {
                found.foreign.push(listed);
                continue;
            }
            Kind::Partial => true,
            Kind::Object(name) => removed.contains(&name.image),
        };
        found.own += 1;
        match &listed.kind {
            Kind::Object(name) if known.contains(name) => {}
            _ if !is_settled(&listed) => found.under_way += 1,
            _ if may_go => found.leftovers.push(listed),
            _ => found.orphans.push(listed),
        }
    }
    Ok(found)
}

fn image_of(listed: &Listed) -> Option<ImageId> {
    match &listed.kind {
        Kind::Object(name) => Some(name.image),
        _ => None,
    }
}

/// Whether no upload can be under way any more whose file it is.
fn is_settled(listed: &Listed) -> bool {
    // One from the future is young.
    let age = SystemTime::now().duration_since(listed.modified);
    age.is_ok_and(|age| age > SETTLED)
}

/// A whole look at the storage: it writes orphans down, and knows at its end which of them may go.
pub struct Look<'a> {
    db: &'a Db,
    storage: &'a dyn Storage,
    due: Due,
    /// How many files of the service's own were seen.
    pub own: i64,
}

/// Which orphans may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    /// How many.
    pub files: i64,
    /// With so many bytes in all.
    pub bytes: i64,
    /// Of how many files of the service's own.
    pub own: i64,
}

impl Removal {
    /// Whether it is more than happens by crashes: over 100 files, and over one in a hundred.
    pub fn is_unusual(&self) -> bool {
        self.files > FEW && self.files * 100 > self.own
    }
}

/// Why a look could not be ended.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum LookError {
    /// The database failed.
    Db(#[from] DbError),
    /// The storage failed.
    Storage(#[from] StorageError),
}

impl<'a> Look<'a> {
    /// Begins a look. An orphan is to have been seen for `grace` before it may go.
    pub async fn begin(
        db: &'a Db,
        storage: &'a dyn Storage,
        grace: Duration,
    ) -> Result<Self, DbError> {
        let seen_since = db.run(Clock).await?;
        Ok(Self::resume(db, storage, grace, seen_since, 0))
    }

    /// Goes on with a look that began then, by the database's clock, and has seen so many files of the service's own.
    pub fn resume(
        db: &'a Db,
        storage: &'a dyn Storage,
        grace: Duration,
        seen_since: OffsetDateTime,
        own: i64,
    ) -> Self {
        let due = Due { grace, seen_since };
        Self {
            db,
            storage,
            due,
            own,
        }
    }

    /// Looks at the page after this place; returns what it holds, and where the next one begins.
    pub async fn page(
        &mut self,
        after: Option<&str>,
    ) -> Result<(Found, Option<String>), LookError> {
        let page = self.storage.list(after).await?;
        let found = compare(self.db, page.entries).await?;
        self.own += found.own;
        if !found.orphans.is_empty() {
            let seen = found.orphans.iter();
            let seen = seen.map(|orphan| (orphan.key.clone(), orphan.bytes));
            self.db.run(NoteOrphans(seen.collect())).await?;
        }
        Ok((found, page.next))
    }

    /// To be called after the last page: tells which orphans may go.
    pub async fn removal(&self) -> Result<Removal, DbError> {
        self.db
            .run(ForgetUnseenOrphans(self.due.seen_since))
            .await?;
        let (files, bytes) = self.db.run(CountDueOrphans(self.due)).await?;
        Ok(Removal {
            files,
            bytes,
            own: self.own,
        })
    }

    /// Removes the next orphans that may go, after this key, if they still are some. Returns what became of each, and the
    /// last key; `None` if there are no more.
    pub async fn remove_some(&self, after: String) -> Result<Option<Removed>, LookError> {
        let (due, limit) = (self.due, BATCH);
        let page = PageDueOrphans { due, after, limit };
        let keys = self.db.run(page).await?;
        let Some(last) = keys.last().cloned() else {
            return Ok(None);
        };
        let named = self.named(&keys).await?;
        let mut removed = Removed {
            last,
            keys: Vec::new(),
            failures: Vec::new(),
        };
        for key in keys.into_iter().filter(|key| !named.contains(key)) {
            match self.storage.delete_key(&key).await {
                Ok(()) => removed.keys.push(key),
                Err(error) => removed.failures.push(error),
            }
        }
        self.db.run(ForgetOrphans(removed.keys.clone())).await?;
        Ok(Some(removed))
    }

    /// Those of the keys that a row names by now.
    async fn named(&self, keys: &[String]) -> Result<HashSet<String>, DbError> {
        let name_of = |key: &str| ObjectName::parse(key.rsplit('/').next()?);
        let objects: Vec<_> = keys.iter().filter_map(|key| name_of(key)).collect();
        let images: HashSet<_> = objects.iter().map(|object| object.image).collect();
        let known = self.db.run(FindFiles(images.into_iter().collect())).await?;
        let known: HashSet<_> = known.into_iter().flat_map(|image| image.objects).collect();
        let is_named = |key: &&String| name_of(key).is_none_or(|name| known.contains(&name));
        Ok(keys.iter().filter(is_named).cloned().collect())
    }
}

/// What became of some orphans.
pub struct Removed {
    /// The last of the keys that were looked at.
    pub last: String,
    /// The keys that were removed.
    pub keys: Vec<String>,
    /// Why others were not.
    pub failures: Vec<StorageError>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_is_unusual_if_it_is_large_and_a_large_share() {
        let unusual = |files, own| {
            Removal {
                files,
                bytes: 0,
                own,
            }
            .is_unusual()
        };
        assert!(!unusual(100, 100));
        assert!(unusual(101, 101));
        assert!(unusual(101, 10_099));
        assert!(!unusual(101, 10_100));
        assert!(!unusual(0, 0));
    }
}
