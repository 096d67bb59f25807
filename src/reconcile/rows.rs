//! Rows whose files are missing or are not what was stored.

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{
    actors::Db,
    db::images::{GetImage, Image},
    domain::image::Size,
    integrity::bytes_hold,
    storage::{Storage, StorageError},
};

/// How many files are looked at at a time.
const FILES: usize = 16;

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// There is none.
    Missing,
    /// It has another length, or other bytes where those were looked at.
    Altered,
}

/// An image's size whose file is not what was stored.
#[derive(Debug, Clone)]
pub struct Damaged {
    /// The image.
    pub image: Image,
    /// Which size.
    pub size: Size,
    /// What is wrong.
    pub damage: Damage,
}

/// Why it cannot be told.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum NotTold {
    /// The database failed.
    Db(#[from] crate::db::DbError),
    /// The storage failed.
    Storage(#[from] StorageError),
}

/// The sizes of these images whose files are not what was stored: by their lengths, and also by their bytes if those are to
/// be read.
pub async fn damaged(
    db: &Db,
    storage: &dyn Storage,
    read: bool,
    images: &[Image],
) -> Result<Vec<Damaged>, NotTold> {
    let sizes = images
        .iter()
        .flat_map(|image| image.sizes().map(move |size| (image, size)));
    let found: Vec<Option<Damaged>> = stream::iter(sizes)
        .map(async |(image, size)| {
            let damage = damage(storage, read, image, size).await?;
            Ok::<_, StorageError>(damage.map(|damage| Damaged {
                image: image.clone(),
                size,
                damage,
            }))
        })
        .buffered(FILES)
        .try_collect()
        .await?;
    let mut damaged = Vec::new();
    for one in found.into_iter().flatten() {
        // It may have been deleted or made again in this moment.
        let now = db.run(GetImage(one.image.id)).await?;
        if now.is_some_and(|now| now.stored(one.size) == one.image.stored(one.size)) {
            damaged.push(one);
        }
    }
    Ok(damaged)
}

async fn damage(
    storage: &dyn Storage,
    read: bool,
    image: &Image,
    size: Size,
) -> Result<Option<Damage>, StorageError> {
    let Some(stored) = image.stored(size) else {
        return Ok(None);
    };
    let name = image.object(size);
    let intact = if read {
        match storage.open(&name).await? {
            Some(object) => Some(bytes_hold(&object, stored).await?),
            None => None,
        }
    } else {
        let length = storage.length(&name).await?;
        length.map(|length| length == stored.bytes)
    };
    Ok(match intact {
        Some(true) => None,
        Some(false) => Some(Damage::Altered),
        None => Some(Damage::Missing),
    })
}
