//! Objects ready to be sent; a thumbnail that is missing or damaged is made again from its original.

mod make;

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::{
    db::images::{Image, StoredObject},
    domain::image::Size,
    error::ApiError,
    service::Service,
    storage::{Object, StorageError},
};

pub use make::{Maker, NotMade};

/// An object and what is known of its bytes.
pub struct Found {
    /// The bytes.
    pub object: Arc<dyn Object>,
    /// Their length and digest.
    pub stored: StoredObject,
}

/// Opens one size of an image. `None` if its original is not what was uploaded any more.
pub async fn open(service: &Service, image: &Image, size: Size) -> Result<Option<Found>, ApiError> {
    if let Some(stored) = image.stored(size) {
        if let Some(object) = service.caches.pictures.get(image.id, size, stored) {
            let stored = stored.clone();
            return Ok(Some(Found { object, stored }));
        }
        if let Some(found) = intact(service, image, size, stored).await? {
            return Ok(Some(found));
        }
    }
    let Size::Thumbnail(height) = size else {
        tracing::error!(image = %image.id, "an original is missing or altered");
        return Ok(None);
    };
    for _ in 0..2 {
        let Some(stored) = service.maker.on_demand(image, height).await? else {
            return Ok(None);
        };
        if let Some(found) = intact(service, image, size, &stored).await? {
            return Ok(Some(found));
        }
        // It was made a moment ago, and is gone again.
        service.maker.forget(image.id, height).await;
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
        service.damage.missing(size);
        return Ok(None);
    };
    let pictures = &service.caches.pictures;
    let intact = if pictures.keeps(stored) {
        let kept = pictures.keep(image.id, size, stored, object).await;
        kept.map_err(StorageError::from)?
    } else {
        let holds = service.integrity.holds(&name, &object, stored).await?;
        holds.then_some(object)
    };
    let Some(object) = intact else {
        service.damage.altered(size);
        return Ok(None);
    };
    let stored = stored.clone();
    Ok(Some(Found { object, stored }))
}

/// The length and digest of a thumbnail's bytes.
pub fn describe(bytes: &[u8]) -> StoredObject {
    StoredObject {
        bytes: bytes.len() as u64,
        sha256: Sha256::digest(bytes).into(),
    }
}
