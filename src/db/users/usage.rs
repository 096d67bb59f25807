//! What an account has used, and what its tier's limits leave.

use deadpool_postgres::GenericClient;
use time::{Duration, OffsetDateTime};

use crate::{
    db::{Connection, DbError, Query, connection::optional},
    domain::{
        tier::{LimitReached, PositiveCount, TierLimits},
        user::UserId,
    },
};

/// What an account has used.
#[derive(Debug, Clone)]
pub struct Usage {
    /// Images in store.
    pub images: i64,
    /// Bytes of all originals in store.
    pub stored_bytes: i64,
    /// Uploads stored in the last 60 minutes, also of images that are deleted by now.
    pub uploads_last_hour: i64,
    /// When the first of these was stored.
    pub oldest_upload: Option<OffsetDateTime>,
    /// When the tier takes another upload, if it takes none now.
    pub room_at: Option<OffsetDateTime>,
}

impl Usage {
    /// The limit that one more upload of this many bytes would break.
    pub fn refusal(
        &self,
        limits: &TierLimits,
        bytes: u64,
        now: OffsetDateTime,
    ) -> Option<LimitReached> {
        if let Some(limit) = limits.uploads_per_hour
            && self.uploads_last_hour >= limit.get()
        {
            let wait = self.room_at.map_or(Duration::ZERO, |room_at| room_at - now);
            // Rounded up: who waits as told gets in.
            let seconds = u64::try_from(wait.whole_seconds() + 1).unwrap_or(1);
            return Some(LimitReached::Rate {
                retry_after: seconds.max(1),
            });
        }
        let allowed = limits.storage_quota_bytes?.get();
        let after = i64::try_from(bytes)
            .ok()
            .and_then(|bytes| self.stored_bytes.checked_add(bytes));
        if after.is_some_and(|after| after <= allowed) {
            return None;
        }
        Some(LimitReached::Quota {
            used: self.stored_bytes,
            allowed,
        })
    }
}

/// What an account of a tier with these limits has used; `None` if it is gone.
pub struct GetUsage(pub UserId, pub TierLimits);

impl Query for GetUsage {
    type Output = Option<Usage>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        usage(db.client()?, self.0, &self.1).await
    }
}

pub(in crate::db) async fn usage(
    client: &impl GenericClient,
    user: UserId,
    limits: &TierLimits,
) -> Result<Option<Usage>, DbError> {
    let sql = include_str!("../../../sql/queries/users/usage.sql");
    let uploads_per_hour = limits.uploads_per_hour.map(PositiveCount::get);
    optional(client, sql, &[&user.0, &uploads_per_hour], |row| {
        Ok(Usage {
            images: row.try_get("image_count")?,
            stored_bytes: row.try_get("stored_bytes")?,
            uploads_last_hour: row.try_get("uploads_last_hour")?,
            oldest_upload: row.try_get("oldest_upload")?,
            room_at: row.try_get("room_at")?,
        })
    })
    .await
}
