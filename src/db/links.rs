//! Queries about expiring links.

use time::OffsetDateTime;

use super::{Connection, DbError, Query};
use crate::domain::{
    image::{ImageId, Size},
    link::{KeyId, LinkId},
};

/// A link to be stored with its image.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// The id that was signed.
    pub id: LinkId,
    /// The key that it was signed with.
    pub key: KeyId,
    /// The expiry that was signed.
    pub expires_at: OffsetDateTime,
}

/// A link as it is stored.
#[derive(Debug, Clone)]
pub struct Link {
    /// Of which image.
    pub image: ImageId,
    /// Which of its sizes it opens.
    pub size: Size,
    /// When it ends.
    pub expires_at: OffsetDateTime,
    /// When it was revoked.
    pub revoked_at: Option<OffsetDateTime>,
}

/// The link of this id.
pub struct GetLink(pub LinkId);

impl Query for GetLink {
    type Output = Option<Link>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/links/get.sql");
        db.optional(sql, &[&self.0.0], |row| {
            let height: Option<i32> = row.try_get("height")?;
            let height = height.and_then(|height| u32::try_from(height).ok());
            Ok(Link {
                image: ImageId(row.try_get("image_id")?),
                size: height.map_or(Size::Original, Size::Thumbnail),
                expires_at: row.try_get("expires_at")?,
                revoked_at: row.try_get("revoked_at")?,
            })
        })
        .await
    }
}
