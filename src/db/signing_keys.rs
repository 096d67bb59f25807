//! Queries about the keys that sign links.

use std::collections::BTreeMap;

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
    /// When it was made.
    pub created_at: OffsetDateTime,
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
                created_at: row.try_get("created_at")?,
                withdrawn_at: row.try_get("withdrawn_at")?,
            })
        })
        .await
    }
}

/// Makes a key from this salt; it signs from now on.
pub struct InsertSigningKey(pub [u8; 32]);

impl Query for InsertSigningKey {
    type Output = KeyId;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/signing_keys/insert.sql");
        db.one(sql, &[&self.0.as_slice()], |row| {
            Ok(KeyId(row.try_get("id")?))
        })
        .await
    }
}

/// Withdraws a key; `false` if there is none of this id, or if it is the last one that signs.
pub struct WithdrawSigningKey(pub KeyId);

impl Query for WithdrawSigningKey {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/signing_keys/withdraw.sql");
        Ok(db.execute(sql, &[&self.0.0]).await? == 1)
    }
}

/// How many live links each key has signed.
pub struct CountLinksByKey;

impl Query for CountLinksByKey {
    type Output = BTreeMap<KeyId, i64>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/signing_keys/count_links.sql");
        let counts = db.all(sql, &[], |row| {
            Ok((KeyId(row.try_get("key_id")?), row.try_get("links")?))
        });
        Ok(counts.await?.into_iter().collect())
    }
}
