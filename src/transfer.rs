//! Copies objects from one storage to another, none that is not what was stored.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;

use crate::{
    db::images::StoredObject,
    domain::{image::Size, media::ObjectName},
    integrity::bytes_hold,
    storage::{Object, Spool, Storage, StorageError},
    thumbnails::describe,
};

/// From where to where.
pub struct Transfer {
    /// Where the objects are.
    pub from: Arc<dyn Storage>,
    /// Where they are to be.
    pub to: Arc<dyn Storage>,
    /// Where originals stay while they are compared with their digests.
    pub spool: Spool,
}

/// What came of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// It is there now.
    Now,
    /// It was there before.
    Before,
    /// The source does not have it: `missing` or `altered`.
    Not(&'static str),
}

/// Why an object was not copied.
enum NotCopied {
    /// What there is at the source.
    Source(&'static str),
    /// Either storage failed.
    Storage(StorageError),
}

impl<E: Into<StorageError>> From<E> for NotCopied {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

impl Transfer {
    /// Copies an object, unless it is there with the right bytes.
    pub async fn copy(
        &self,
        name: &ObjectName,
        stored: &StoredObject,
    ) -> Result<Copied, StorageError> {
        if self.holds(name, stored).await? {
            return Ok(Copied::Before);
        }
        let copied = match name.size {
            Size::Original => self.copy_original(name, stored).await,
            Size::Thumbnail(_) => self.copy_thumbnail(name, stored).await,
        };
        match copied {
            Ok(()) => Ok(Copied::Now),
            Err(NotCopied::Source(why)) => Ok(Copied::Not(why)),
            Err(NotCopied::Storage(error)) => Err(error),
        }
    }

    /// As [`Transfer::copy`], but an object that is there with the right length is not read.
    pub async fn copy_if_missing(
        &self,
        name: &ObjectName,
        stored: &StoredObject,
    ) -> Result<Copied, StorageError> {
        if self.to.length(name).await? == Some(stored.bytes) {
            return Ok(Copied::Before);
        }
        self.copy(name, stored).await
    }

    /// Whether the target has the object as it was stored.
    async fn holds(&self, name: &ObjectName, stored: &StoredObject) -> Result<bool, StorageError> {
        let Some(object) = self.to.open(name).await? else {
            return Ok(false);
        };
        match object.sha256() {
            Some(sha256) => Ok(sha256 == stored.sha256 && object.length() == stored.bytes),
            None => bytes_hold(&object, stored).await,
        }
    }

    async fn copy_original(
        &self,
        name: &ObjectName,
        stored: &StoredObject,
    ) -> Result<(), NotCopied> {
        let object = self.source(name, stored).await?;
        let mut writer = self.spool.create().await?;
        let mut pieces = object.read(0..stored.bytes);
        while let Some(piece) = pieces.try_next().await? {
            writer.write(piece).await?;
        }
        let spooled = writer.finish().await?;
        if spooled.sha256() != stored.sha256 {
            return Err(NotCopied::Source("altered"));
        }
        Ok(self.to.put_original(name, spooled).await?)
    }

    async fn copy_thumbnail(
        &self,
        name: &ObjectName,
        stored: &StoredObject,
    ) -> Result<(), NotCopied> {
        let object = self.source(name, stored).await?;
        let pieces: Vec<Bytes> = object.read(0..stored.bytes).try_collect().await?;
        let bytes = pieces.concat();
        if describe(&bytes) != *stored {
            return Err(NotCopied::Source("altered"));
        }
        Ok(self.to.put_thumbnail(name, bytes.into()).await?)
    }

    /// The object at the source, if it has the right length.
    async fn source(
        &self,
        name: &ObjectName,
        stored: &StoredObject,
    ) -> Result<Arc<dyn Object>, NotCopied> {
        match self.from.open(name).await? {
            None => Err(NotCopied::Source("missing")),
            Some(object) if object.length() != stored.bytes => Err(NotCopied::Source("altered")),
            Some(object) => Ok(object),
        }
    }
}
