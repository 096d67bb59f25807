//! Queries about tiers.

use tokio_postgres::{Row, types::ToSql};

use super::{Connection, DbError, Query};
use crate::domain::tier::{PositiveCount, ThumbnailHeights, Tier, TierId, TierLimits, TierName};

/// The tier of this id.
pub struct GetTier(pub TierId);

impl Query for GetTier {
    type Output = Option<Tier>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/tiers/get.sql");
        db.optional(sql, &[&self.0.0], tier).await
    }
}

/// The tier of this name, which is taken as it is written.
pub struct FindTier(pub String);

impl Query for FindTier {
    type Output = Option<Tier>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/tiers/find_by_name.sql");
        db.optional(sql, &[&self.0], tier).await
    }
}

/// A tier and how many users have it.
pub struct TierInUse {
    /// The tier.
    pub tier: Tier,
    /// How many users have it.
    pub users: i64,
}

/// All tiers, oldest first.
pub struct ListTiers;

impl Query for ListTiers {
    type Output = Vec<TierInUse>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/tiers/list.sql");
        let read = |row: &Row| {
            Ok(TierInUse {
                tier: tier(row)?,
                users: row.try_get("users")?,
            })
        };
        db.all(sql, &[], read).await
    }
}

/// A tier's fields, without its id.
#[derive(Debug, Clone)]
pub struct TierFields {
    /// See [`Tier::name`].
    pub name: TierName,
    /// See [`Tier::thumbnail_heights`].
    pub thumbnail_heights: ThumbnailHeights,
    /// See [`Tier::original_link`].
    pub original_link: bool,
    /// See [`Tier::expiring_links`].
    pub expiring_links: bool,
    /// See [`Tier::limits`].
    pub limits: TierLimits,
}

/// The name of the constraint that keeps tiers' names apart.
pub const NAME_TAKEN: &str = "tiers_name_key";

/// The name of the constraint that keeps a tier in use from being deleted.
pub const IN_USE: &str = "users_tier_fkey";

impl TierFields {
    /// The values of the columns that both statements write, in their order.
    fn columns(&self) -> Columns<'_> {
        Columns {
            name: self.name.as_str(),
            heights: self.thumbnail_heights.to_sql(),
            original_link: self.original_link,
            expiring_links: self.expiring_links,
            limits: [
                self.limits.max_upload_bytes,
                self.limits.storage_quota_bytes,
                self.limits.uploads_per_hour,
            ]
            .map(|limit| limit.map(PositiveCount::get)),
        }
    }
}

struct Columns<'a> {
    name: &'a str,
    heights: Vec<i32>,
    original_link: bool,
    expiring_links: bool,
    limits: [Option<i64>; 3],
}

impl Columns<'_> {
    fn params(&self) -> [&(dyn ToSql + Sync); 7] {
        let [max_upload_bytes, storage_quota_bytes, uploads_per_hour] = &self.limits;
        [
            &self.name,
            &self.heights,
            &self.original_link,
            &self.expiring_links,
            max_upload_bytes,
            storage_quota_bytes,
            uploads_per_hour,
        ]
    }
}

/// Makes a tier. A name that is taken fails by [`NAME_TAKEN`].
pub struct InsertTier(pub TierFields);

impl Query for InsertTier {
    type Output = TierId;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/tiers/insert.sql");
        let columns = self.0.columns();
        db.one(sql, &columns.params(), |row| Ok(TierId(row.try_get("id")?)))
            .await
    }
}

/// Writes every field of a tier; `false` if it is gone. A name that is taken fails by [`NAME_TAKEN`].
pub struct UpdateTier(pub TierId, pub TierFields);

impl Query for UpdateTier {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/tiers/update.sql");
        let columns = self.1.columns();
        let params = [&columns.params()[..], &[&self.0.0]].concat();
        Ok(db.execute(sql, &params).await? == 1)
    }
}

/// Deletes a tier; `false` if it is gone. One in use fails by [`IN_USE`].
pub struct DeleteTier(pub TierId);

impl Query for DeleteTier {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/tiers/delete.sql");
        Ok(db.execute(sql, &[&self.0.0]).await? == 1)
    }
}

fn tier(row: &Row) -> Result<Tier, DbError> {
    let heights: Vec<i32> = row.try_get("thumbnail_heights")?;
    let heights: Vec<i64> = heights.into_iter().map(i64::from).collect();
    let limit = |column| -> Result<_, DbError> {
        Ok(row
            .try_get::<_, Option<i64>>(column)?
            .and_then(PositiveCount::new))
    };
    Ok(Tier {
        id: TierId(row.try_get("id")?),
        name: row.try_get::<_, &str>("name")?.parse()?,
        thumbnail_heights: ThumbnailHeights::new(&heights)?,
        original_link: row.try_get("original_link")?,
        expiring_links: row.try_get("expiring_links")?,
        limits: TierLimits {
            max_upload_bytes: limit("max_upload_bytes")?,
            storage_quota_bytes: limit("storage_quota_bytes")?,
            uploads_per_hour: limit("uploads_per_hour")?,
        },
    })
}
