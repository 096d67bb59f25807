//! Queries about tiers.

mod change;
mod impact;

use tokio_postgres::Row;

use super::{Connection, DbError, Query};
use crate::domain::tier::{PositiveCount, ThumbnailHeights, Tier, TierId, TierLimits, TierName};

pub use change::{DeleteTier, InsertTier, UpdateTier};
pub use impact::{GetTierImpact, TierImpact};

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

/// A tier as staff see it.
#[derive(Debug, Clone)]
pub struct ListedTier {
    /// The tier.
    pub tier: Tier,
    /// Counts up with each change of the tier.
    pub version: i64,
    /// How many users have it.
    pub users: i64,
}

/// All tiers, oldest first.
pub struct ListTiers;

impl Query for ListTiers {
    type Output = Vec<ListedTier>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/tiers/list.sql");
        db.all(sql, &[], ListedTier::read).await
    }
}

/// The names of all tiers, oldest first.
pub struct ListTierNames;

impl Query for ListTierNames {
    type Output = Vec<TierName>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/tiers/names.sql");
        db.all(sql, &[], |row| Ok(TierName::stored(row.try_get("name")?)))
            .await
    }
}

/// How many users each tier has; last, under `None`, those without one.
pub struct CountUsersByTier;

impl Query for CountUsersByTier {
    type Output = Vec<(Option<TierName>, i64)>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/count_by_tier.sql");
        db.all(sql, &[], |row| {
            let tier: Option<&str> = row.try_get("tier")?;
            Ok((tier.map(str::parse).transpose()?, row.try_get("users")?))
        })
        .await
    }
}

/// The tier of this id, as staff see it.
pub struct GetListedTier(pub TierId);

impl Query for GetListedTier {
    type Output = Option<ListedTier>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        db.optional(GET_LISTED, &[&self.0.0], ListedTier::read)
            .await
    }
}

const GET_LISTED: &str = include_str!("../../sql/queries/tiers/get_listed.sql");

impl ListedTier {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            tier: tier(row)?,
            version: row.try_get("version")?,
            users: row.try_get("users")?,
        })
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
        name: TierName::stored(row.try_get("name")?),
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
