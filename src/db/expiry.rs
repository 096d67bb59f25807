//! Rows whose time is over.

use super::{Connection, DbError, Query};

/// What is removed when its time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiring {
    /// Sessions that nobody can use any more.
    Sessions,
    /// API tokens that expired a month ago.
    Tokens,
    /// Uploads that no rate counts any more.
    RecentUploads,
    /// Answers that are not kept for retries any more.
    IdempotencyKeys,
    /// Who opened a link, which counts for a minute.
    LinkOpenings,
    /// Links that expired a month ago.
    Links,
    /// Keys that were withdrawn a month ago and that no link names.
    SigningKeys,
    /// Jobs that ended a month ago.
    Jobs,
    /// Images that were deleted three months ago.
    RemovedImages,
}

impl Expiring {
    /// All of it; links before the keys that they name.
    pub const ALL: [Self; 9] = [
        Self::Sessions,
        Self::Tokens,
        Self::RecentUploads,
        Self::IdempotencyKeys,
        Self::LinkOpenings,
        Self::Links,
        Self::SigningKeys,
        Self::Jobs,
        Self::RemovedImages,
    ];

    fn sql(self) -> &'static str {
        match self {
            Self::Sessions => include_str!("../../sql/queries/sessions/expire.sql"),
            Self::Tokens => include_str!("../../sql/queries/api_tokens/expire.sql"),
            Self::RecentUploads => include_str!("../../sql/queries/recent_uploads/expire.sql"),
            Self::IdempotencyKeys => include_str!("../../sql/queries/idempotency_keys/expire.sql"),
            Self::LinkOpenings => include_str!("../../sql/queries/link_openings/expire.sql"),
            Self::Links => include_str!("../../sql/queries/links/expire.sql"),
            Self::SigningKeys => include_str!("../../sql/queries/signing_keys/expire.sql"),
            Self::Jobs => include_str!("../../sql/queries/jobs/expire.sql"),
            Self::RemovedImages => include_str!("../../sql/queries/removed_images/expire.sql"),
        }
    }
}

/// Removes so many rows at the most; returns how many that were.
pub struct Expire(pub Expiring, pub i64);

impl Query for Expire {
    type Output = u64;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        db.execute(self.0.sql(), &[&self.1]).await
    }
}
