//! Queries about the keys that sign links.

use time::OffsetDateTime;

use super::{Connection, DbError, Query};
use crate::domain::link::KeyId;

/// A signing key as it is stored: not the key, but what it is derived from.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// The id, which stands in each link.
    pub id: KeyId,
    /// Random bytes.
    pub salt: Vec<u8>,
    /// From then on its links are refused.
    pub withdrawn_at: Option<OffsetDateTime>,
}

/// All signing keys, oldest first.
pub struct ListSigningKeys;

impl Query for ListSigningKeys {
    type Output = Vec<StoredKey>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/signing_keys/list.sql");
        db.all(sql, &[], |row| {
            Ok(StoredKey {
                id: KeyId(row.try_get("id")?),
                salt: row.try_get("salt")?,
                withdrawn_at: row.try_get("withdrawn_at")?,
            })
        })
        .await
    }
}
