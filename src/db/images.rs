//! Queries about images and their thumbnails.

use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{Connection, DbError, Query, links::NewLink};
use crate::domain::{
    image::{Dimensions, FileName, Format, ImageId, Size},
    media::{MediaKey, ObjectName},
    user::UserId,
};

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
#[derive(Debug, Clone)]
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

/// Stores an image, its thumbnails and, where one was asked for, its link: all or nothing.
pub struct SaveImage {
    /// The image; its [`Image::created_at`] is replaced by the database's time.
    pub image: Image,
    /// The link to the original.
    pub link: Option<NewLink>,
}

impl Query for SaveImage {
    type Output = Image;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/images/insert.sql");
        let Self { mut image, link } = self;
        let (heights, bytes, digests) = thumbnail_columns(&image.thumbnails)?;
        let link = link.as_slice();
        image.created_at = db
            .one(
                sql,
                &[
                    &image.id.0,
                    &image.user.0,
                    &format_name(image.format),
                    &integer(image.dimensions.width)?,
                    &integer(image.dimensions.height)?,
                    &bigint(image.original.bytes)?,
                    &image.original.sha256.as_slice(),
                    &image.file_name.as_str(),
                    &image.media_key.as_bytes(),
                    &heights,
                    &bytes,
                    &digests,
                    &link.iter().map(|link| link.id.0).collect::<Vec<_>>(),
                    &link.iter().map(|link| link.key.0).collect::<Vec<_>>(),
                    &link.iter().map(|link| link.expires_at).collect::<Vec<_>>(),
                ],
                |row| Ok(row.try_get("created_at")?),
            )
            .await?;
        Ok(image)
    }
}

/// The image of this id.
pub struct GetImage(pub ImageId);

impl Query for GetImage {
    type Output = Option<Image>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/images/get.sql");
        db.optional(sql, &[&self.0.0], image).await
    }
}

/// Notes that a thumbnail was made or remade. If its image is gone, it fails by [`IMAGE_GONE`].
pub struct SaveThumbnail(pub ImageId, pub StoredThumbnail);

/// The name of the constraint that ties a thumbnail to its image.
pub const IMAGE_GONE: &str = "thumbnails_image_fkey";

impl Query for SaveThumbnail {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/images/save_thumbnail.sql");
        let Self(id, StoredThumbnail { height, object }) = self;
        let (height, bytes) = (integer(height)?, bigint(object.bytes)?);
        db.execute(sql, &[&id.0, &height, &bytes, &object.sha256.as_slice()])
            .await?;
        Ok(())
    }
}

/// The files of an image whose row is gone.
pub struct ImageFiles(pub Vec<ObjectName>);

impl ImageFiles {
    pub(super) fn read(row: &Row) -> Result<Self, DbError> {
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
            .map(Self)
    }
}

fn image(row: &Row) -> Result<Image, DbError> {
    let heights: Vec<i32> = row.try_get("thumbnail_heights")?;
    let bytes: Vec<i64> = row.try_get("thumbnail_bytes")?;
    let digests: Vec<&[u8]> = row.try_get("thumbnail_digests")?;
    let thumbnails = heights
        .into_iter()
        .zip(bytes)
        .zip(digests)
        .map(|((height, bytes), sha256)| {
            Ok(StoredThumbnail {
                height: unsigned(height)?,
                object: stored_object(bytes, sha256)?,
            })
        })
        .collect::<Result<_, DbError>>()?;
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

type ThumbnailColumns<'a> = (Vec<i32>, Vec<i64>, Vec<&'a [u8]>);

fn thumbnail_columns(thumbnails: &[StoredThumbnail]) -> Result<ThumbnailColumns<'_>, DbError> {
    let mut columns = ThumbnailColumns::default();
    for StoredThumbnail { height, object } in thumbnails {
        columns.0.push(integer(*height)?);
        columns.1.push(bigint(object.bytes)?);
        columns.2.push(&object.sha256);
    }
    Ok(columns)
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

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Jpeg => "jpeg",
        Format::Png => "png",
    }
}

fn format(name: &str) -> Result<Format, DbError> {
    match name {
        "jpeg" => Ok(Format::Jpeg),
        "png" => Ok(Format::Png),
        other => Err(DbError::Broken(format!("unknown format {other:?}"))),
    }
}

fn integer(number: u32) -> Result<i32, DbError> {
    number.try_into().map_err(out_of_range)
}

fn unsigned(number: i32) -> Result<u32, DbError> {
    number.try_into().map_err(out_of_range)
}

fn bigint(number: u64) -> Result<i64, DbError> {
    number.try_into().map_err(out_of_range)
}

fn out_of_range(error: impl std::error::Error) -> DbError {
    DbError::Broken(format!("a value does not fit its column: {error}"))
}
