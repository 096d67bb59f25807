//! What staff see of all images, and their deletion.

use deadpool_postgres::Transaction;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Image, ImageFiles, image};
use crate::{
    db::{
        Change, Connection, DbError, NotMade, Query,
        audit_log::Entry,
        change::require,
        connection::{Param, optional},
        pages::{List, Page, Position},
    },
    domain::{
        audit::{Action, Changes, ObjectKind},
        image::{Format, ImageFilter, ImageId},
        staff::{Actor, Power, Refusal},
        tier::TierId,
        user::Username,
    },
};

/// An image as staff see it.
#[derive(Debug, Clone)]
pub struct ListedImage {
    /// The image, without what is known of its thumbnails.
    pub image: Image,
    /// Whose it is.
    pub username: Username,
    /// That user's tier.
    pub tier: Option<TierId>,
}

/// A page of the images that a filter lets through, newest first.
pub struct FindImages {
    /// Which images.
    pub filter: ImageFilter,
    /// From where.
    pub position: Position<ImagePlace>,
    /// How many at the most.
    pub size: u32,
}

/// Where an image stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImagePlace {
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    id: Uuid,
}

impl ImagePlace {
    /// An image's place.
    pub fn of(image: &Image) -> Self {
        Self {
            created_at: image.created_at,
            id: image.id.0,
        }
    }

    fn params(&self) -> [Param<'_>; 2] {
        [&self.created_at, &self.id]
    }
}

impl Query for FindImages {
    type Output = Page<ListedImage>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let filter = &self.filter;
        let user = filter.user.as_ref().map(Username::as_str);
        let file_name = filter.file_name.as_ref().map(|prefix| prefix.like());
        let format = filter.format.map(Format::name);
        let list = List {
            select: include_str!("../../../sql/queries/images/find.sql"),
            filters: &[
                &user,
                &file_name,
                &format,
                &filter.created_after,
                &filter.created_before,
            ],
            columns: ["i.created_at", "i.id"],
            descending: true,
        };
        let read = |row: &Row| {
            Ok(ListedImage {
                image: image(row, Vec::new())?,
                username: row.try_get::<_, &str>("username")?.parse()?,
                tier: row.try_get::<_, Option<i64>>("tier_id")?.map(TierId),
            })
        };
        list.page(db, &self.position, self.size, ImagePlace::params, read)
            .await
    }
}

/// Deletes anybody's image with its thumbnails and links, and returns the files that are now nobody's.
pub struct RemoveImage {
    /// Who deletes it.
    pub by: Actor,
    /// Which one.
    pub id: ImageId,
}

/// What the audit log keeps of an image.
#[derive(Serialize)]
struct Lost {
    user: String,
    format: String,
    bytes: i64,
}

impl Change for RemoveImage {
    type Output = ImageFiles;

    async fn make(self, db: &Transaction<'_>) -> Result<Self::Output, NotMade> {
        require(&self.by, Power::ManageUsers)?;
        let owner = include_str!("../../../sql/queries/images/owner.sql");
        let read = |row: &Row| {
            let lost = Lost {
                user: row.try_get("username")?,
                format: row.try_get("format")?,
                bytes: row.try_get("bytes")?,
            };
            let (user, name): (i64, String) = (row.try_get("id")?, row.try_get("file_name")?);
            Ok((user, name, lost))
        };
        let found = optional(db, owner, &[&self.id.0], read).await?;
        let (user, name, lost) = found.ok_or(Refusal::Gone)?;
        let delete = include_str!("../../../sql/queries/images/delete.sql");
        let files = optional(db, delete, &[&self.id.0, &user], ImageFiles::read).await?;
        let files = files.ok_or(Refusal::Gone)?;
        Entry {
            by: &self.by,
            kind: ObjectKind::Image,
            id: self.id.to_string(),
            name: &name,
            action: Action::Deleted,
            changes: Changes::between(Some(&lost), None),
        }
        .write(db)
        .await?;
        Ok(files)
    }
}
