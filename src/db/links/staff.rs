//! What staff see of all links, and their revocation.

use std::collections::BTreeMap;

use deadpool_postgres::Transaction;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::Link;
use crate::{
    db::{
        Change, Connection, DbError, Effects, Made, NotMade, Query,
        audit_log::Entry,
        change::require,
        connection::{Param, all},
        pages::{List, Page, Position},
    },
    domain::{
        audit::{Action, Changes, ObjectKind},
        image::ImageId,
        link::{LinkFilter, LinkId},
        staff::{Actor, Power},
        user::{UserId, Username},
    },
};

/// A link as staff see it.
#[derive(Debug, Clone)]
pub struct ListedLink {
    /// The link.
    pub link: Link,
    /// What its image is called.
    pub file_name: String,
    /// Whose image it is.
    pub user: UserId,
    /// That user's name.
    pub username: Username,
    /// Whether the key that signed it was withdrawn.
    pub key_withdrawn: bool,
}

impl ListedLink {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            link: Link::read(row)?,
            file_name: row.try_get("file_name")?,
            user: UserId(row.try_get("user_id")?),
            username: Username::stored(row.try_get("username")?),
            key_withdrawn: row.try_get("key_withdrawn")?,
        })
    }
}

/// Where a link stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPlace {
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    id: Uuid,
}

impl LinkPlace {
    /// A link's place.
    pub fn of(link: &Link) -> Self {
        Self {
            expires_at: link.claims.expires_at,
            id: link.claims.id.0,
        }
    }

    fn params(&self) -> [Param<'_>; 2] {
        [&self.expires_at, &self.id]
    }
}

/// A page of the links that a filter lets through, the one that expires last first.
pub struct FindLinks {
    /// Which links.
    pub filter: LinkFilter,
    /// From where.
    pub position: Position<LinkPlace>,
    /// How many at the most.
    pub size: u32,
}

impl Query for FindLinks {
    type Output = Page<ListedLink>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let filter = &self.filter;
        let user = filter.user.as_ref().map(Username::as_str);
        let image = filter.image.map(|image| image.0);
        let ids = filter.ids.as_ref();
        let ids: Option<Vec<Uuid>> = ids.map(|ids| ids.iter().map(|id| id.0).collect());
        let list = List {
            select: include_str!("../../../sql/queries/links/find.sql"),
            filters: &[&user, &image, &ids, &filter.is_live],
            columns: ["l.expires_at", "l.id"],
            descending: true,
            search: None,
        };
        list.page(
            db,
            &self.position,
            self.size,
            LinkPlace::params,
            ListedLink::read,
        )
        .await
    }
}

/// Revokes links to anybody's images, all or none, and returns those that were not revoked before.
pub struct RevokeSomeLinks {
    /// Who revokes them.
    pub by: Actor,
    /// Which ones.
    pub ids: Vec<LinkId>,
}

impl Change for RevokeSomeLinks {
    type Output = usize;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        require(&self.by, Power::ManageUsers)?;
        let sql = include_str!("../../../sql/queries/links/revoke_some.sql");
        let ids: Vec<Uuid> = self.ids.iter().map(|id| id.0).collect();
        let read = |row: &Row| {
            let image = ImageId(row.try_get("image_id")?);
            let file_name: String = row.try_get("file_name")?;
            Ok((LinkId(row.try_get("id")?), image, file_name))
        };
        let mut images: BTreeMap<Uuid, (String, i64)> = BTreeMap::new();
        let mut revoked = Vec::new();
        for (link, image, file_name) in all(db, sql, &[&ids], read).await? {
            images.entry(image.0).or_insert((file_name, 0)).1 += 1;
            revoked.push(link);
        }
        for (image, (file_name, links)) in &images {
            Entry {
                by: &self.by,
                kind: ObjectKind::Image,
                id: image.to_string(),
                name: file_name,
                action: Action::RevokedLinks,
                changes: Changes::none().with("links", *links, 0),
            }
            .write(db)
            .await?;
        }
        Ok(Made::with(revoked.len(), Effects::links(revoked)))
    }
}
