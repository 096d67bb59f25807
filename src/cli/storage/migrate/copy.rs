//! Copies the files of images, and counts what came of them.

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{
    actors::Db,
    cli::CliError,
    db::images::{GetImage, Image},
    domain::{image::Size, media::ObjectName},
    transfer::{self, Transfer},
};

/// How many images are copied between two looks at how far it has come.
pub(super) const IMAGES: usize = 50;

/// How many files are copied at a time.
const FILES: usize = 8;

/// What copies.
pub(super) struct Copier {
    pub(super) db: Db,
    pub(super) transfer: Transfer,
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

impl Copier {
    /// Copies the files of these images.
    pub(super) async fn copy(
        &self,
        images: &[Image],
    ) -> Result<Vec<(ObjectName, Copied)>, CliError> {
        let files = images
            .iter()
            .flat_map(|image| image.sizes().map(move |size| (image, size)));
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
        let why = match self.transfer.copy(&name, stored).await? {
            transfer::Copied::Now => return Ok(Copied::Now(stored.bytes)),
            transfer::Copied::Before => return Ok(Copied::Before),
            transfer::Copied::Not(why) => why,
        };
        if size != Size::Original {
            return Ok(Copied::NoThumbnail);
        }
        let still_there = self.db.run(GetImage(image.id)).await?.is_some();
        Ok(match still_there {
            true => Copied::NoOriginal(why),
            false => Copied::Deleted,
        })
    }
}
