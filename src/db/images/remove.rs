//! Staff delete images.

use deadpool_postgres::Transaction;
use serde::Serialize;
use tokio_postgres::Row;
use uuid::Uuid;

use super::ImageFiles;
use crate::{
    db::{
        Change, DbError, Effects, Made, NotMade,
        audit_log::Entry,
        change::require,
        connection::{Param, all, optional},
    },
    domain::{
        audit::{Action, Changes, ObjectKind},
        image::ImageId,
        staff::{Actor, Power, Refusal},
        user::UserId,
    },
};

/// Deletes anybody's image with its thumbnails and links.
pub struct RemoveImage {
    /// Who deletes it.
    pub by: Actor,
    /// Which one.
    pub id: ImageId,
}

/// Deletes several images of anybody's, all or none, as [`RemoveImage`] does. Those that are gone already are left out.
pub struct RemoveImages {
    /// Who deletes them.
    pub by: Actor,
    /// Which ones.
    pub ids: Vec<ImageId>,
}

/// An image that is to be deleted.
struct Doomed {
    id: ImageId,
    user: UserId,
    file_name: String,
    lost: Lost,
}

/// What the audit log keeps of an image.
#[derive(Serialize)]
struct Lost {
    user: String,
    format: String,
    bytes: i64,
}

impl Change for RemoveImage {
    type Output = ();

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        let removed = remove(db, &self.by, &[self.id]).await?;
        if removed.is_empty() {
            return Err(Refusal::Gone.into());
        }
        Ok(Made::with((), Effects::images(removed)))
    }
}

impl Change for RemoveImages {
    type Output = usize;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        let removed = remove(db, &self.by, &self.ids).await?;
        Ok(Made::with(removed.len(), Effects::images(removed)))
    }
}

async fn remove(
    db: &Transaction<'_>,
    by: &Actor,
    ids: &[ImageId],
) -> Result<Vec<ImageFiles>, NotMade> {
    require(by, Power::ManageUsers)?;
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let owners = include_str!("../../../sql/queries/images/owners.sql");
    let mut removed = Vec::new();
    for doomed in all(db, owners, &[&ids], Doomed::read).await? {
        let delete = include_str!("../../../sql/queries/images/delete.sql");
        let params: [Param<'_>; 2] = [&doomed.id.0, &doomed.user.0];
        let Some(files) = optional(db, delete, &params, ImageFiles::read).await? else {
            continue;
        };
        Entry {
            by,
            kind: ObjectKind::Image,
            id: doomed.id.to_string(),
            name: &doomed.file_name,
            action: Action::Deleted,
            changes: Changes::between(Some(&doomed.lost), None),
        }
        .write(db)
        .await?;
        removed.push(files);
    }
    Ok(removed)
}

impl Doomed {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: ImageId(row.try_get("image_id")?),
            user: UserId(row.try_get("id")?),
            file_name: row.try_get("file_name")?,
            lost: Lost {
                user: row.try_get("username")?,
                format: row.try_get("format")?,
                bytes: row.try_get("bytes")?,
            },
        })
    }
}
