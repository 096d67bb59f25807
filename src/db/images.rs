//! Queries about images and their thumbnails.

mod all;
mod lacking;
mod remove;
mod staff;

use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{Connection, DbError, Effects, Made, Query, connection::Param};
use crate::domain::{
    image::{Dimensions, FileName, Format, ImageId, Size},
    media::{MediaKey, ObjectName},
    user::UserId,
};

pub use all::{CountAllImages, ForgetImages, PageImages};
pub use lacking::{CountLackingImages, FindLackingHeights, FindLackingImages, Lacking};
pub use remove::{RemoveImage, RemoveImages};
pub use staff::{FindImages, GetListedImages, ImagePlace, ListedImage};

/// SHA-256 of a stored object's bytes.
pub type Sha256Digest = [u8; 32];

/// An image and what is stored of it.
#[derive(Debug, Clone)]
pub struct Image {
    /// The id.
    pub id: ImageId,
    /// Whose it is.
    pub user: UserId,
    /// The format of the original and of the thumbnails.
    pub format: Format,
    /// As a person sees the original.
    pub dimensions: Dimensions,
    /// What was uploaded.
    pub original: StoredObject,
    /// The uploader's name for it.
    pub file_name: FileName,
    /// From which the objects' names are derived.
    pub media_key: MediaKey,
    /// When it was stored.
    pub created_at: OffsetDateTime,
    /// The thumbnails that have been made, by the height that was asked for.
    pub thumbnails: Vec<StoredThumbnail>,
}

impl Image {
    /// The name of the object that holds this size.
    pub fn object(&self, size: Size) -> ObjectName {
        ObjectName::new(self.id, size, self.format, &self.media_key)
    }

    /// The original and every thumbnail that has been made.
    pub fn sizes(&self) -> impl Iterator<Item = Size> {
        let thumbnails = self.thumbnails.iter();
        thumbnails
            .map(|made| Size::Thumbnail(made.height))
            .chain([Size::Original])
    }

    /// What is stored of this size, if it has been made.
    pub fn stored(&self, size: Size) -> Option<&StoredObject> {
        match size {
            Size::Original => Some(&self.original),
            Size::Thumbnail(height) => {
                let thumbnail = self.thumbnails.iter().find(|made| made.height == height)?;
                Some(&thumbnail.object)
            }
        }
    }

    /// This size's pixels.
    pub fn dimensions_of(&self, size: Size) -> Dimensions {
        match size {
            Size::Original => self.dimensions,
            Size::Thumbnail(height) => self.dimensions.thumbnail(height),
        }
    }
}

/// An object's length and digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// The length in bytes.
    pub bytes: u64,
    /// The digest of the bytes.
    pub sha256: Sha256Digest,
}

/// A thumbnail that has been made.
#[derive(Debug, Clone)]
pub struct StoredThumbnail {
    /// The height that was asked for; a small picture's thumbnail is lower.
    pub height: u32,
    /// Its bytes.
    pub object: StoredObject,
}

/// Where an account's list of images is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// At its newest image.
    Start,
    /// Behind this one, with the next older.
    OlderThan(ImageId),
    /// Before this one, ending with the next newer.
    NewerThan(ImageId),
}

/// Up to `limit` of an account's images, newest first, without what is known of their thumbnails.
pub struct ListImages {
    /// Whose.
    pub user: UserId,
    /// From where.
    pub position: Position,
    /// How many at the most.
    pub limit: u32,
}

impl Query for ListImages {
    type Output = Vec<Image>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let older = include_str!("../../sql/queries/images/list_older.sql");
        let newer = include_str!("../../sql/queries/images/list_newer.sql");
        let (user, limit) = (self.user.0, i64::from(self.limit));
        let read = |row: &Row| image(row, Vec::new());
        match self.position {
            Position::Start => {
                db.all(older, &[&user, &None::<uuid::Uuid>, &limit], read)
                    .await
            }
            Position::OlderThan(id) => db.all(older, &[&user, &Some(id.0), &limit], read).await,
            Position::NewerThan(id) => {
                let mut images = db.all(newer, &[&user, &id.0, &limit], read).await?;
                images.reverse();
                Ok(images)
            }
        }
    }
}

/// Deletes an image of this user with its thumbnails and links; `false` if the user has no such image.
pub struct DeleteImage(pub UserId, pub ImageId);

impl Query for DeleteImage {
    type Output = Made<bool>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/images/delete.sql");
        let params: [Param<'_>; 2] = [&self.1.0, &self.0.0];
        Ok(match db.optional(sql, &params, ImageFiles::read).await? {
            Some(files) => Made::with(true, Effects::images(vec![files])),
            None => Made::alone(false),
        })
    }
}

/// The image of this id.
pub struct GetImage(pub ImageId);

impl Query for GetImage {
    type Output = Option<Image>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/images/get.sql");
        db.optional(sql, &[&self.0.0], |row| image(row, thumbnails(row)?))
            .await
    }
}

/// The files of these images; an image without a row has none.
pub struct FindFiles(pub Vec<ImageId>);

impl Query for FindFiles {
    type Output = Vec<ImageFiles>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/images/files.sql");
        let ids: Vec<uuid::Uuid> = self.0.into_iter().map(|image| image.0).collect();
        db.all(sql, &[&ids], ImageFiles::read).await
    }
}

/// Notes that a thumbnail's bytes are gone, unless it was made again meanwhile.
pub struct ForgetThumbnail(pub ImageId, pub StoredThumbnail);

impl Query for ForgetThumbnail {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/thumbnails/forget.sql");
        let Self(image, StoredThumbnail { height, object }) = self;
        let params: [Param<'_>; 3] = [&image.0, &integer(height)?, &object.sha256.as_slice()];
        db.execute(sql, &params).await?;
        Ok(())
    }
}

/// Notes that thumbnails were made or remade. If their image is gone, it fails by [`IMAGE_GONE`].
pub struct SaveThumbnails(pub ImageId, pub Vec<StoredThumbnail>);

/// The name of the constraint that ties a thumbnail to its image.
pub const IMAGE_GONE: &str = "thumbnails_image_fkey";

impl Query for SaveThumbnails {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/images/save_thumbnails.sql");
        let Self(id, thumbnails) = self;
        let mut heights = Vec::with_capacity(thumbnails.len());
        let mut bytes = Vec::with_capacity(thumbnails.len());
        let mut digests = Vec::with_capacity(thumbnails.len());
        for StoredThumbnail { height, object } in &thumbnails {
            heights.push(integer(*height)?);
            bytes.push(bigint(object.bytes)?);
            digests.push(object.sha256.as_slice());
        }
        db.execute(sql, &[&id.0, &heights, &bytes, &digests])
            .await?;
        Ok(())
    }
}

/// The files of an image whose row is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFiles {
    /// The image.
    pub image: ImageId,
    /// The original and the thumbnails that were made.
    pub objects: Vec<ObjectName>,
}

impl ImageFiles {
    pub(in crate::db) fn read(row: &Row) -> Result<Self, DbError> {
        let id = ImageId(row.try_get("id")?);
        let format = format(row.try_get("format")?)?;
        let key = media_key(row)?;
        let heights: Vec<i32> = row.try_get("heights")?;
        let thumbnails = heights
            .into_iter()
            .map(|height| Ok::<_, DbError>(Size::Thumbnail(unsigned(height)?)));
        std::iter::once(Ok(Size::Original))
            .chain(thumbnails)
            .map(|size| Ok(ObjectName::new(id, size?, format, &key)))
            .collect::<Result<_, DbError>>()
            .map(|objects| Self { image: id, objects })
    }
}

/// The name and the length of an image's original.
pub(super) fn sample(row: &Row) -> Result<(ObjectName, u64), DbError> {
    let (id, format) = (ImageId(row.try_get("id")?), format(row.try_get("format")?)?);
    let name = ObjectName::new(id, Size::Original, format, &media_key(row)?);
    let bytes: i64 = row.try_get("bytes")?;
    Ok((name, bytes.try_into().map_err(out_of_range)?))
}

pub(super) fn thumbnails(row: &Row) -> Result<Vec<StoredThumbnail>, DbError> {
    let heights: Vec<i32> = row.try_get("thumbnail_heights")?;
    let bytes: Vec<i64> = row.try_get("thumbnail_bytes")?;
    let digests: Vec<&[u8]> = row.try_get("thumbnail_digests")?;
    heights
        .into_iter()
        .zip(bytes)
        .zip(digests)
        .map(|((height, bytes), sha256)| {
            Ok(StoredThumbnail {
                height: unsigned(height)?,
                object: stored_object(bytes, sha256)?,
            })
        })
        .collect()
}

pub(super) fn image(row: &Row, thumbnails: Vec<StoredThumbnail>) -> Result<Image, DbError> {
    Ok(Image {
        id: ImageId(row.try_get("id")?),
        user: UserId(row.try_get("user_id")?),
        format: format(row.try_get("format")?)?,
        dimensions: Dimensions {
            width: unsigned(row.try_get("width")?)?,
            height: unsigned(row.try_get("height")?)?,
        },
        original: stored_object(row.try_get("bytes")?, row.try_get("sha256")?)?,
        file_name: FileName::from_client(row.try_get("file_name")?),
        media_key: media_key(row)?,
        created_at: row.try_get("created_at")?,
        thumbnails,
    })
}

fn stored_object(bytes: i64, sha256: &[u8]) -> Result<StoredObject, DbError> {
    Ok(StoredObject {
        bytes: bytes.try_into().map_err(out_of_range)?,
        sha256: sha256.try_into().map_err(out_of_range)?,
    })
}

fn media_key(row: &Row) -> Result<MediaKey, DbError> {
    let bytes: &[u8] = row.try_get("media_key")?;
    Ok(MediaKey::from_bytes(
        bytes.try_into().map_err(out_of_range)?,
    ))
}

fn format(name: &str) -> Result<Format, DbError> {
    Format::named(name).ok_or_else(|| DbError::Broken(format!("unknown format {name:?}")))
}

pub(super) fn integer(number: u32) -> Result<i32, DbError> {
    number.try_into().map_err(out_of_range)
}

pub(super) fn unsigned(number: i32) -> Result<u32, DbError> {
    number.try_into().map_err(out_of_range)
}

pub(super) fn bigint(number: u64) -> Result<i64, DbError> {
    number.try_into().map_err(out_of_range)
}

fn out_of_range(error: impl std::error::Error) -> DbError {
    DbError::Broken(format!("a value does not fit its column: {error}"))
}
