//! Queries about expiring links.

mod staff;

use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{
    Connection, DbError, Effects, Made, Query,
    connection::{execute, one, optional},
};
use crate::domain::{
    image::{ImageId, Size},
    link::{KeyId, LinkClaims, LinkId, MaxUses, Purpose},
};

pub use staff::{FindLinks, LinkPlace, ListedLink, RevokeSomeLinks};

/// A link to be stored.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// What was signed.
    pub claims: LinkClaims,
    /// Which size of the image it opens.
    pub size: Size,
    /// How often it can be opened.
    pub max_uses: Option<MaxUses>,
}

/// A link as it is stored.
#[derive(Debug, Clone)]
pub struct Link {
    /// What was signed.
    pub claims: LinkClaims,
    /// Of which image.
    pub image: ImageId,
    /// Which of its sizes it opens.
    pub size: Size,
    /// When it was revoked.
    pub revoked_at: Option<OffsetDateTime>,
    /// How often it can be opened.
    pub max_uses: Option<MaxUses>,
    /// How often it has been opened; of a link without a limit, some seconds ago.
    pub uses: i32,
    /// When it was opened last.
    pub last_used_at: Option<OffsetDateTime>,
}

impl Link {
    /// The link that a new one becomes.
    pub fn unused(image: ImageId, link: &NewLink) -> Self {
        Self {
            claims: link.claims,
            image,
            size: link.size,
            revoked_at: None,
            max_uses: link.max_uses,
            uses: 0,
            last_used_at: None,
        }
    }

    /// Whether it would still open, as long as its key and its tier let it.
    pub fn can_open(&self, now: OffsetDateTime) -> bool {
        let is_used_up = self.max_uses.is_some_and(|most| self.uses >= most.get());
        self.revoked_at.is_none() && self.claims.expires_at > now && !is_used_up
    }

    fn read(row: &Row) -> Result<Self, DbError> {
        let max_uses: Option<i32> = row.try_get("max_uses")?;
        Ok(Self {
            claims: LinkClaims {
                id: LinkId(row.try_get("id")?),
                purpose: Purpose::OpenImage,
                expires_at: row.try_get("expires_at")?,
                key: KeyId(row.try_get("key_id")?),
            },
            image: ImageId(row.try_get("image_id")?),
            size: size(row.try_get("height")?),
            revoked_at: row.try_get("revoked_at")?,
            max_uses: max_uses.and_then(|uses| MaxUses::new(uses.into())),
            uses: row.try_get("uses")?,
            last_used_at: row.try_get("last_used_at")?,
        })
    }
}

/// `NULL` is the original. The column holds what [`height`] wrote, which is never negative.
fn size(height: Option<i32>) -> Size {
    let height = height.and_then(|height| u32::try_from(height).ok());
    height.map_or(Size::Original, Size::Thumbnail)
}

/// The column for a size. Heights go up to 1000.
fn height(size: Size) -> Option<i32> {
    match size {
        Size::Original => None,
        Size::Thumbnail(height) => i32::try_from(height).ok(),
    }
}

/// The link of this id.
pub struct GetLink(pub LinkId);

impl Query for GetLink {
    type Output = Option<Link>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/links/get.sql");
        db.optional(sql, &[&self.0.0], Link::read).await
    }
}

/// The links of an image, oldest first.
pub struct ListLinks(pub ImageId);

impl Query for ListLinks {
    type Output = Vec<Link>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/links/list.sql");
        db.all(sql, &[&self.0.0], Link::read).await
    }
}

/// Stores a link to an image that is there. If the image has just gone, it fails by [`IMAGE_GONE`].
pub struct InsertLink(pub ImageId, pub NewLink);

/// The name of the constraint that ties a link to its image.
pub const IMAGE_GONE: &str = "links_image_fkey";

impl Query for InsertLink {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/links/insert.sql");
        let Self(
            image,
            NewLink {
                claims,
                size,
                max_uses,
            },
        ) = self;
        db.execute(
            sql,
            &[
                &claims.id.0,
                &image.0,
                &height(size),
                &claims.key.0,
                &claims.expires_at,
                &max_uses.map(MaxUses::get),
            ],
        )
        .await?;
        Ok(())
    }
}

/// Revokes a link of this image; `false` if there is none.
pub struct RevokeLink(pub ImageId, pub LinkId);

impl Query for RevokeLink {
    type Output = Made<bool>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/links/revoke.sql");
        Ok(match db.execute(sql, &[&self.1.0, &self.0.0]).await? {
            0 => Made::alone(false),
            _ => Made::with(true, Effects::links(vec![self.1])),
        })
    }
}

/// Opens a link whose uses are limited, and counts it unless the same client has opened it within a minute.
/// `false` if it is used up or revoked.
pub struct UseLink {
    /// The link.
    pub link: LinkId,
    /// A keyed digest of the client.
    pub client: [u8; 32],
}

impl Query for UseLink {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let lock = include_str!("../../sql/queries/links/lock.sql");
        let just_now = include_str!("../../sql/queries/links/opened_just_now.sql");
        let count = include_str!("../../sql/queries/links/count_opening.sql");
        let (link, client) = (self.link.0, self.client.as_slice());
        let transaction = db.transaction().await?;
        let found: Option<(i32, Option<i32>)> = optional(&transaction, lock, &[&link], |row| {
            Ok((row.try_get("uses")?, row.try_get("max_uses")?))
        })
        .await?;
        let Some((uses, max_uses)) = found else {
            return Ok(false);
        };
        let again: bool = one(&transaction, just_now, &[&link, &client], |row| {
            Ok(row.try_get(0)?)
        })
        .await?;
        if !again {
            if max_uses.is_some_and(|most| uses >= most) {
                return Ok(false);
            }
            execute(&transaction, count, &[&link, &client]).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }
}

/// Whether [`UseLink`] would open a link for this client. Counts nothing.
pub struct LinkOpens {
    /// The link.
    pub link: LinkId,
    /// A keyed digest of the client.
    pub client: [u8; 32],
}

impl Query for LinkOpens {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/links/opens.sql");
        let client = self.client.as_slice();
        db.one(sql, &[&self.link.0, &client], |row| Ok(row.try_get(0)?))
            .await
    }
}

/// Uses of one link, gathered over some seconds.
#[derive(Debug, Clone)]
pub struct Uses {
    /// The link.
    pub link: LinkId,
    /// How many.
    pub count: i32,
    /// The last of them.
    pub last: OffsetDateTime,
}

/// Adds uses of links without a limit.
pub struct AddUses(pub Vec<Uses>);

impl Query for AddUses {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/links/add_uses.sql");
        let ids: Vec<_> = self.0.iter().map(|uses| uses.link.0).collect();
        let counts: Vec<_> = self.0.iter().map(|uses| uses.count).collect();
        let lasts: Vec<_> = self.0.iter().map(|uses| uses.last).collect();
        db.execute(sql, &[&ids, &counts, &lasts]).await?;
        Ok(())
    }
}
