//! Objects ready to be sent; a thumbnail that is missing or damaged is made again from its original.

use std::{
    fs::File,
    io::{BufReader, Read},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use moka::future::Cache;
use sha2::{Digest, Sha256};

use crate::{
    actors::RenderJob,
    db::images::{IMAGE_GONE, Image, SaveThumbnail, StoredObject, StoredThumbnail},
    domain::image::{ImageId, Size},
    error::ApiError,
    imaging,
    service::Service,
    storage::{Object, remove_all},
};

/// Makes a thumbnail once, however many ask for it at a time.
pub struct Remake {
    /// Kept a moment longer than the making takes, until the image's row tells of the new thumbnail.
    made: Cache<(ImageId, u32), StoredObject>,
}

impl Default for Remake {
    fn default() -> Self {
        Self {
            made: Cache::builder()
                .max_capacity(1_000)
                .time_to_live(Duration::from_secs(10))
                .build(),
        }
    }
}

/// An object and what is known of its bytes.
pub struct Found {
    /// The bytes.
    pub object: Arc<dyn Object>,
    /// Their length and digest.
    pub stored: StoredObject,
}

/// Opens one size of an image. `None` if its original is not what was uploaded any more.
pub async fn open(service: &Service, image: &Image, size: Size) -> Result<Option<Found>, ApiError> {
    if let Some(stored) = image.stored(size)
        && let Some(found) = intact(service, image, size, stored).await?
    {
        return Ok(Some(found));
    }
    let Size::Thumbnail(height) = size else {
        tracing::error!(image = %image.id, "an original is missing or altered");
        return Ok(None);
    };
    for _ in 0..2 {
        let Some(stored) = remade(service, image, height).await? else {
            return Ok(None);
        };
        if let Some(found) = intact(service, image, size, &stored).await? {
            return Ok(Some(found));
        }
        // It was made a moment ago, and is gone again.
        service.remake.made.invalidate(&(image.id, height)).await;
    }
    Err(ApiError::unavailable("a thumbnail does not stay"))
}

/// The object, if its bytes are the ones that were stored.
async fn intact(
    service: &Service,
    image: &Image,
    size: Size,
    stored: &StoredObject,
) -> Result<Option<Found>, ApiError> {
    let name = image.object(size);
    let Some(object) = service.storage.open(&name).await? else {
        return Ok(None);
    };
    let intact = service.integrity.holds(&name, &object, stored).await?;
    Ok(intact.then(|| Found {
        object,
        stored: stored.clone(),
    }))
}

async fn remade(
    service: &Service,
    image: &Image,
    height: u32,
) -> Result<Option<StoredObject>, ApiError> {
    let key = (image.id, height);
    let making = service
        .remake
        .made
        .try_get_with(key, async { make(service, image, height).await });
    match making.await {
        Ok(stored) => Ok(Some(stored)),
        Err(error) => match &*error {
            NotMade::NoOriginal => Ok(None),
            NotMade::Failed(error) => Err(error.clone()),
        },
    }
}

/// Why a thumbnail was not made.
enum NotMade {
    /// The original is missing or altered, or the image was deleted meanwhile.
    NoOriginal,
    Failed(ApiError),
}

impl<E: Into<ApiError>> From<E> for NotMade {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

async fn make(service: &Service, image: &Image, height: u32) -> Result<StoredObject, NotMade> {
    let original = service.storage.fetch(&image.object(Size::Original)).await?;
    let original = original.ok_or(NotMade::NoOriginal)?;
    let limits = imaging::Limits {
        max_pixels: u64::MAX,
    };
    let expected = image.original.sha256;
    let checked = tokio::task::spawn_blocking(move || check(original, expected, &limits));
    let Some((source, probe)) = checked.await.map_err(ApiError::internal)?? else {
        tracing::error!(image = %image.id, "an original is not what was uploaded");
        return Err(NotMade::NoOriginal);
    };
    // With the heights that were made with it: each is made of the next larger one, and is to be the same again.
    let mut heights: Vec<u32> = image.thumbnails.iter().map(|one| one.height).collect();
    if !heights.contains(&height) {
        heights.push(height);
    }
    let permit = service
        .admission
        .admit(probe.render_memory(&heights))
        .await?;
    let job = RenderJob {
        source,
        probe,
        heights,
        permit,
    };
    let rendered = service.thumbnailer.render(job).await?;
    let mut rendered = rendered.into_iter();
    let thumbnail = rendered.find(|thumbnail| thumbnail.height_asked == height);
    let thumbnail = thumbnail.ok_or_else(|| ApiError::internal("a render gave no thumbnail"))?;
    let bytes = Bytes::from_owner(thumbnail.bytes);
    let stored = describe(&bytes);
    let name = image.object(Size::Thumbnail(height));
    service.storage.put_thumbnail(&name, bytes).await?;
    let row = StoredThumbnail {
        height,
        object: stored.clone(),
    };
    match service.db.run(SaveThumbnail(image.id, row)).await {
        Err(error) if error.is_constraint(IMAGE_GONE) => {
            // Whoever deleted the image did not know of this file.
            remove_all(&*service.storage, [&name]).await;
            return Err(NotMade::NoOriginal);
        }
        saved => saved?,
    }
    service.caches.forget_image(image.id).await;
    tracing::info!(image = %image.id, height, "made a thumbnail that was missing");
    Ok(stored)
}

/// The original ready to be rendered, unless its bytes are not the ones that were uploaded.
fn check(
    mut original: File,
    expected: [u8; 32],
    limits: &imaging::Limits,
) -> Result<Option<(File, imaging::Probe)>, imaging::ImageError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match original.read(&mut buffer)? {
            0 => break,
            count => hash.update(&buffer[..count]),
        }
    }
    if <[u8; 32]>::from(hash.finalize()) != expected {
        return Ok(None);
    }
    let probe = imaging::probe(&mut BufReader::new(&original), limits)?;
    Ok(Some((original, probe)))
}

/// The length and digest of a thumbnail's bytes.
pub fn describe(bytes: &[u8]) -> StoredObject {
    StoredObject {
        bytes: bytes.len() as u64,
        sha256: Sha256::digest(bytes).into(),
    }
}
