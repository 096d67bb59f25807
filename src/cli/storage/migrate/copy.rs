//! Copies files from one storage to another, none that is not what was stored.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{
    actors::Db,
    cli::CliError,
    db::images::{GetImage, Image, StoredObject},
    domain::{image::Size, media::ObjectName},
    integrity::bytes_hold,
    storage::{Object, Spool, Storage, StorageError},
    thumbnails::describe,
};

/// How many images are copied between two looks at how far it has come.
pub(super) const IMAGES: usize = 50;

/// How many files are copied at a time.
const FILES: usize = 8;

/// What copies.
pub(super) struct Copier {
    pub(super) db: Db,
    pub(super) from: Arc<dyn Storage>,
    pub(super) to: Arc<dyn Storage>,
    /// Where originals stay while they are compared with their digests.
    pub(super) spool: Spool,
}

/// What came of a file.
pub(super) enum Copied {
    /// It is there now, with so many bytes.
    Now(u64),
    /// It was there before.
    Before,
    /// A thumbnail that is missing or altered.
    NoThumbnail,
    /// An original that is `missing` or `altered`.
    NoOriginal(&'static str),
    /// Its image was deleted meanwhile.
    Deleted,
}

/// What came of all files.
#[derive(Default)]
pub(super) struct Files {
    pub(super) copied: i64,
    pub(super) bytes: i64,
    pub(super) there: i64,
    pub(super) thumbnails: i64,
    pub(super) originals: i64,
}

impl Files {
    pub(super) fn count(&mut self, copied: Copied) {
        match copied {
            Copied::Now(bytes) => {
                self.copied += 1;
                self.bytes = self.bytes.saturating_add_unsigned(bytes);
            }
            Copied::Before => self.there += 1,
            Copied::NoThumbnail => self.thumbnails += 1,
            Copied::NoOriginal(_) => self.originals += 1,
            Copied::Deleted => {}
        }
    }
}

/// Why a file was not copied.
enum NotCopied {
    /// What there is at the old place.
    Source(&'static str),
    /// Either of the places failed.
    Storage(StorageError),
}

impl<E: Into<StorageError>> From<E> for NotCopied {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

impl Copier {
    /// Copies the files of these images.
    pub(super) async fn copy(
        &self,
        images: &[Image],
    ) -> Result<Vec<(ObjectName, Copied)>, CliError> {
        let files = images.iter().flat_map(|image| {
            let thumbnails = image.thumbnails.iter();
            let thumbnails = thumbnails.map(|made| Size::Thumbnail(made.height));
            thumbnails
                .chain([Size::Original])
                .map(move |size| (image, size))
        });
        stream::iter(files)
            .map(async |(image, size)| {
                let copied = self.copy_size(image, size).await?;
                Ok((image.object(size), copied))
            })
            .buffered(FILES)
            .try_collect()
            .await
    }

    async fn copy_size(&self, image: &Image, size: Size) -> Result<Copied, CliError> {
        let name = image.object(size);
        let Some(stored) = image.stored(size) else {
            return Ok(Copied::Deleted);
        };
        if self.is_there(&name, stored).await? {
            return Ok(Copied::Before);
        }
        let copied = match size {
            Size::Original => self.copy_original(&name, stored).await,
            Size::Thumbnail(_) => self.copy_thumbnail(&name, stored).await,
        };
        match (copied, size) {
            (Ok(()), _) => Ok(Copied::Now(stored.bytes)),
            (Err(NotCopied::Storage(error)), _) => Err(error.into()),
            (Err(NotCopied::Source(_)), Size::Thumbnail(_)) => Ok(Copied::NoThumbnail),
            (Err(NotCopied::Source(why)), Size::Original) => {
                let still_there = self.db.run(GetImage(image.id)).await?.is_some();
                Ok(match still_there {
                    true => Copied::NoOriginal(why),
                    false => Copied::Deleted,
                })
            }
        }
    }

    /// Whether the other place has it as it was stored.
    async fn is_there(&self, name: &ObjectName, stored: &StoredObject) -> Result<bool, CliError> {
        let Some(object) = self.to.open(name).await? else {
            return Ok(false);
        };
        Ok(match object.sha256() {
            Some(sha256) => sha256 == stored.sha256 && object.length() == stored.bytes,
            None => bytes_hold(&object, stored).await?,
        })
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

    /// What the old place has, if it has the right length.
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
