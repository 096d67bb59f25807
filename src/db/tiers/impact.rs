//! What a change of a tier would mean.

use crate::{
    db::{Connection, DbError, Query},
    domain::{
        job::Workload,
        tier::{PositiveCount, TierId},
    },
};

/// From how many images on what a tier's users have is estimated: looking at each would take seconds.
const COUNTED: i64 = 50_000;

/// Asks what a change of a tier means for what its users have.
pub struct GetTierImpact {
    /// Which tier.
    pub tier: TierId,
    /// The thumbnail heights that it is to get.
    pub added: Vec<u32>,
    /// The bytes in store that it is to have.
    pub quota: Option<PositiveCount>,
}

/// What a change of a tier means for what its users have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierImpact {
    /// Whether the images and links are an estimate, since there are too many to look at each.
    pub is_estimate: bool,
    /// Images without a thumbnail of one of the new heights.
    pub lacking: Workload,
    /// Links that can still be opened.
    pub live_links: i64,
    /// Users who have more in store than the quota.
    pub over_quota: i64,
}

impl Query for GetTierImpact {
    type Output = TierImpact;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/tiers/impact.sql");
        // At most 1000 each.
        let added: Vec<i32> = self.added.iter().map(|&height| height as i32).collect();
        let quota = self.quota.map(PositiveCount::get);
        db.one(sql, &[&self.tier.0, &added, &quota, &COUNTED], |row| {
            Ok(TierImpact {
                is_estimate: row.try_get("is_estimate")?,
                lacking: Workload {
                    images: row.try_get("lacking_images")?,
                    bytes: row.try_get("lacking_bytes")?,
                    jpeg_pixels: row.try_get("lacking_jpeg_pixels")?,
                    png_pixels: row.try_get("lacking_png_pixels")?,
                },
                live_links: row.try_get("live_links")?,
                over_quota: row.try_get("over_quota")?,
            })
        })
        .await
    }
}
