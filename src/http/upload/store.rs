//! Keeps what was rendered: files first, then their rows, in one piece or not at all.

use actix_web::web::Data;
use bytes::Bytes;
use futures_util::future::{join_all, try_join_all};
use time::OffsetDateTime;

use super::Picture;
use crate::{
    actors::SignedLink,
    db::{
        DbError,
        images::{Image, SaveImage, StoredObject, StoredThumbnail},
        links::NewLink,
    },
    domain::{
        image::{ImageId, Size},
        media::MediaKey,
        user::UserId,
    },
    error::ApiError,
    imaging::Thumbnail,
    service::Service,
    storage::{Spooled, StorageError},
    thumbnails::describe,
};

/// Stores an image, its thumbnails and its link. Once begun it runs to its end, also when the client has gone.
pub async fn store(
    service: Data<Service>,
    user: UserId,
    picture: Picture,
    thumbnails: Vec<Thumbnail>,
    link: Option<SignedLink>,
) -> Result<Image, ApiError> {
    let Picture {
        spooled,
        file_name,
        probe,
        ..
    } = picture;
    let thumbnails: Vec<(u32, Bytes)> = thumbnails
        .into_iter()
        .map(|thumbnail| (thumbnail.height_asked, Bytes::from_owner(thumbnail.bytes)))
        .collect();
    let image = Image {
        id: ImageId::new(),
        user,
        format: probe.format,
        dimensions: probe.dimensions,
        original: StoredObject {
            bytes: spooled.length(),
            sha256: spooled.sha256(),
        },
        file_name,
        media_key: MediaKey::random(),
        created_at: OffsetDateTime::now_utc(),
        thumbnails: thumbnails
            .iter()
            .map(|(height, bytes)| StoredThumbnail {
                height: *height,
                object: describe(bytes),
            })
            .collect(),
    };
    let link = link.map(|link| NewLink {
        id: link.claims.id,
        key: link.claims.key,
        expires_at: link.claims.expires_at,
    });
    let work = async move {
        if let Err(error) = put_files(&service, &image, spooled, thumbnails).await {
            remove_files(&service, &image).await;
            return Err(error.into());
        }
        match service
            .db
            .run(SaveImage {
                image: image.clone(),
                link,
            })
            .await
        {
            Ok(image) => Ok(image),
            // Nobody knows whether this was committed: the files stay, and are swept up if they are nobody's.
            Err(error @ DbError::Unavailable(_)) => Err(error.into()),
            Err(error) => {
                remove_files(&service, &image).await;
                Err(error.into())
            }
        }
    };
    actix_web::rt::spawn(work)
        .await
        .map_err(ApiError::internal)?
}

async fn put_files(
    service: &Service,
    image: &Image,
    original: Spooled,
    thumbnails: Vec<(u32, Bytes)>,
) -> Result<(), StorageError> {
    let original_name = image.object(Size::Original);
    let thumbnails = thumbnails.into_iter().map(|(height, bytes)| async move {
        let name = image.object(Size::Thumbnail(height));
        service.storage.put_thumbnail(&name, bytes).await
    });
    let (original, thumbnails) = futures_util::future::join(
        service.storage.put_original(&original_name, original),
        try_join_all(thumbnails),
    )
    .await;
    original.and(thumbnails.map(drop))
}

/// Removes the files of an image that has no row. What cannot be removed is swept up later.
async fn remove_files(service: &Service, image: &Image) {
    let heights = image
        .thumbnails
        .iter()
        .map(|thumbnail| Size::Thumbnail(thumbnail.height));
    let removals = heights.chain([Size::Original]).map(|size| async move {
        if let Err(error) = service.storage.delete(&image.object(size)).await {
            tracing::warn!(%error, image = %image.id, %size, "cannot remove a file without a row");
        }
    });
    join_all(removals).await;
}
