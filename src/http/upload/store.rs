//! Keeps what was rendered: files first, then their rows, in one piece or not at all.

use actix_web::web::Data;
use bytes::Bytes;
use futures_util::future::{join, try_join_all};
use time::OffsetDateTime;
use tracing::Instrument;

use super::{accept::Picture, retry::HeldKey, turns::Turn};
use crate::{
    actors::SignedLink,
    db::{
        DbError,
        idempotency_keys::KeptAnswer,
        images::{Image, StoredObject, StoredThumbnail},
        links::NewLink,
        uploads::{SaveUpload, SaveUploadFor, Saved},
        users::Usage,
    },
    domain::{
        image::{ImageId, Size},
        media::MediaKey,
        staff::Actor,
        tier::TierLimits,
        user::UserId,
    },
    error::ApiError,
    imaging::Thumbnail,
    service::Service,
    storage::{Spooled, StorageError, remove_all},
    thumbnails::describe,
};

/// What is to be stored.
pub struct Upload {
    /// The image's row.
    pub image: Image,
    /// The link that was asked for.
    pub link: Option<SignedLink>,
    original: Spooled,
    thumbnails: Vec<(u32, Bytes)>,
    turn: Turn,
}

impl Upload {
    /// Gives a picture its id and its key.
    pub(super) fn new(
        user: UserId,
        picture: Picture,
        thumbnails: Vec<Thumbnail>,
        link: Option<SignedLink>,
        turn: Turn,
    ) -> Self {
        let thumbnails: Vec<_> = thumbnails
            .into_iter()
            .map(|thumbnail| (thumbnail.height_asked, Bytes::from_owner(thumbnail.bytes)))
            .collect();
        let image = Image {
            id: ImageId::new(),
            user,
            format: picture.probe.format,
            dimensions: picture.probe.dimensions,
            original: StoredObject {
                bytes: picture.spooled.length(),
                sha256: picture.spooled.sha256(),
            },
            file_name: picture.file_name,
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
        Self {
            image,
            link,
            original: picture.spooled,
            thumbnails,
            turn,
        }
    }
}

/// Stores an upload within the tier's limits, and keeps the answer if a key is held; `by` is of the staff, if somebody
/// else uploads it than its owner. Once begun it runs to its end, also when the client has gone.
pub async fn store(
    service: Data<Service>,
    upload: Upload,
    limits: TierLimits,
    by: Option<Actor>,
    kept: Option<(HeldKey, KeptAnswer)>,
) -> Result<Option<Usage>, ApiError> {
    let work = async move {
        let Upload {
            image,
            link,
            original,
            thumbnails,
            turn: _turn,
        } = upload;
        service.site.ready().await?;
        if let Err(error) = put_files(&service, &image, original, thumbnails).await {
            remove_files(&service, &image).await;
            return Err(error.into());
        }
        let save = SaveUpload {
            image: image.clone(),
            link: link.map(|link| NewLink {
                claims: link.claims,
                size: Size::Original,
                max_uses: None,
            }),
            limits,
            answer: kept
                .as_ref()
                .map(|(held, answer)| (held.claim(), answer.clone())),
        };
        let saved = match by {
            None => service.db.run(save).await.map(Ok),
            Some(by) => service.ops.make(SaveUploadFor { by, upload: save }).await,
        };
        let refused = match saved {
            Ok(Ok(Saved::Stored(usage))) => return Ok(usage),
            // Nobody knows whether this was committed: the files stay, and are swept up if they are nobody's.
            Err(error @ DbError::Unavailable(_)) => return Err(error.into()),
            Ok(Ok(Saved::Refused(reached))) => reached.into(),
            Ok(Ok(Saved::ClaimLost)) => ApiError::idempotency_in_progress(),
            Ok(Err(refusal)) => refusal.into(),
            Err(error) => error.into(),
        };
        remove_files(&service, &image).await;
        Err(refused)
    };
    actix_web::rt::spawn(work.in_current_span())
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
    let (original, thumbnails) = join(
        service.storage.put_original(&original_name, original),
        try_join_all(thumbnails),
    )
    .await;
    original.and(thumbnails.map(drop))
}

/// Removes the files of an image that has no row.
async fn remove_files(service: &Service, image: &Image) {
    let heights = image
        .thumbnails
        .iter()
        .map(|thumbnail| Size::Thumbnail(thumbnail.height));
    let names: Vec<_> = heights
        .chain([Size::Original])
        .map(|size| image.object(size))
        .collect();
    remove_all(&*service.storage, &names).await;
}
