//! Queries about the keys that sign links.

use std::collections::BTreeMap;

use deadpool_postgres::Transaction;
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{
    Change, Connection, DbError, Made, NotMade, Query,
    audit_log::Entry,
    change::require,
    connection::{all, execute, one},
};
use crate::domain::{
    audit::{Action, Changes, ObjectKind},
    link::KeyId,
    staff::{Actor, Power, Refusal},
};

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

/// Makes a key from a salt; it signs from now on.
pub struct InsertSigningKey {
    /// Who makes it.
    pub by: Actor,
    /// Random bytes.
    pub salt: [u8; 32],
}

impl Change for InsertSigningKey {
    type Output = KeyId;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        require(&self.by, Power::ManageService)?;
        let sql = include_str!("../../sql/queries/signing_keys/insert.sql");
        let read = |row: &Row| Ok(KeyId(row.try_get("id")?));
        let id = one(db, sql, &[&self.salt.as_slice()], read).await?;
        log(db, &self.by, id, Action::Added).await?;
        Ok(Made::alone(id))
    }
}

/// Withdraws a key, never the last one: without a key no link can be made.
pub struct WithdrawSigningKey {
    /// Who withdraws it.
    pub by: Actor,
    /// Which one.
    pub id: KeyId,
}

impl Change for WithdrawSigningKey {
    type Output = ();

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        require(&self.by, Power::ManageService)?;
        let sql = include_str!("../../sql/queries/signing_keys/lock.sql");
        let keys = all(db, sql, &[], |row| {
            let withdrawn: Option<OffsetDateTime> = row.try_get("withdrawn_at")?;
            Ok((KeyId(row.try_get("id")?), withdrawn.is_none()))
        })
        .await?;
        let signs = keys.iter().find(|(id, _)| *id == self.id);
        let (_, signs) = signs.ok_or(Refusal::Gone)?;
        if !signs {
            return Ok(Made::alone(()));
        }
        if !keys.iter().any(|(id, signs)| *signs && *id != self.id) {
            return Err(Refusal::LastKey.into());
        }
        let sql = include_str!("../../sql/queries/signing_keys/withdraw.sql");
        execute(db, sql, &[&self.id.0]).await?;
        log(db, &self.by, self.id, Action::Withdrawn).await?;
        Ok(Made::alone(()))
    }
}

async fn log(db: &Transaction<'_>, by: &Actor, id: KeyId, action: Action) -> Result<(), DbError> {
    let id = id.0.to_string();
    Entry {
        by,
        kind: ObjectKind::Key,
        name: &id.clone(),
        id,
        action,
        changes: Changes::none(),
    }
    .write(db)
    .await
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
