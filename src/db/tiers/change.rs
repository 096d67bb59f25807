//! Staff's changes of tiers.

use deadpool_postgres::Transaction;
use tokio_postgres::types::ToSql;

use super::{GET_LISTED, ListedTier};
use crate::{
    db::{
        Change, DbError, Effects, Made, NotMade,
        audit_log::Entry,
        change::require,
        connection::{execute, one, optional},
    },
    domain::{
        audit::{Action, Changes, ObjectKind},
        staff::{Actor, ForVersion, Power, Refusal},
        tier::{PositiveCount, TierChange, TierFields, TierId, TierName},
    },
};

/// The name of the constraint that keeps tiers' names apart.
const NAME_TAKEN: &str = "tiers_name_key";

/// Makes a tier.
pub struct InsertTier {
    /// Who makes it.
    pub by: Actor,
    /// What it is.
    pub tier: TierFields,
}

impl Change for InsertTier {
    type Output = ListedTier;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        require(&self.by, Power::ManageService)?;
        let sql = include_str!("../../../sql/queries/tiers/insert.sql");
        let columns = Columns::of(&self.tier);
        let id = one(db, sql, &columns.params(), |row| {
            Ok(TierId(row.try_get("id")?))
        })
        .await
        .map_err(|error| name_taken(error, &self.tier.name))?;
        let added = Changes::between(None, Some(&self.tier));
        log(db, &self.by, id, &self.tier.name, Action::Added, added).await?;
        let made = one(db, GET_LISTED, &[&id.0], ListedTier::read).await?;
        Ok(Made::alone(made))
    }
}

/// Changes a tier.
pub struct UpdateTier {
    /// Who changes it.
    pub by: Actor,
    /// Which one.
    pub id: TierId,
    /// The versions that the change is meant for.
    pub version: ForVersion,
    /// What is to become of it.
    pub change: TierChange,
}

impl Change for UpdateTier {
    type Output = ListedTier;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        require(&self.by, Power::ManageService)?;
        let before = lock(db, self.id, &self.version).await?;
        let fields = before.tier.fields();
        let after = self.change.apply(fields.clone());
        let changes = Changes::between(Some(&fields), Some(&after));
        if changes.is_empty() {
            return Ok(Made::alone(before));
        }
        let sql = include_str!("../../../sql/queries/tiers/update.sql");
        let columns = Columns::of(&after);
        let params = [&columns.params()[..], &[&self.id.0]].concat();
        execute(db, sql, &params)
            .await
            .map_err(|error| name_taken(error, &after.name))?;
        log(db, &self.by, self.id, &after.name, Action::Changed, changes).await?;
        let changed = one(db, GET_LISTED, &[&self.id.0], ListedTier::read).await?;
        Ok(Made::with(changed, Effects::tier(self.id)))
    }
}

/// Deletes a tier that no user has.
pub struct DeleteTier {
    /// Who deletes it.
    pub by: Actor,
    /// Which one.
    pub id: TierId,
    /// The versions that the deletion is meant for.
    pub version: ForVersion,
}

impl Change for DeleteTier {
    type Output = ();

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        require(&self.by, Power::ManageService)?;
        let ListedTier { tier, users, .. } = lock(db, self.id, &self.version).await?;
        if users > 0 {
            let tier = tier.name;
            return Err(Refusal::TierInUse { tier, users }.into());
        }
        let sql = include_str!("../../../sql/queries/tiers/delete.sql");
        execute(db, sql, &[&self.id.0]).await?;
        let deleted = Changes::between(Some(&tier.fields()), None);
        log(db, &self.by, self.id, &tier.name, Action::Deleted, deleted).await?;
        Ok(Made::with((), Effects::tier(self.id)))
    }
}

/// The tier as it is from here to the commit.
async fn lock(
    db: &Transaction<'_>,
    id: TierId,
    version: &ForVersion,
) -> Result<ListedTier, NotMade> {
    let sql = include_str!("../../../sql/queries/tiers/lock.sql");
    optional(db, sql, &[&id.0], |_| Ok(())).await?;
    // Read after the lock is held: whoever held it before may have changed the tier.
    let tier = optional(db, GET_LISTED, &[&id.0], ListedTier::read).await?;
    let tier = tier.ok_or(Refusal::Gone)?;
    if !version.holds(tier.version) {
        return Err(Refusal::OtherVersion.into());
    }
    Ok(tier)
}

fn name_taken(error: DbError, name: &TierName) -> NotMade {
    NotMade::by_constraint(error, NAME_TAKEN, Refusal::TierNameTaken(name.clone()))
}

async fn log(
    db: &Transaction<'_>,
    by: &Actor,
    id: TierId,
    name: &TierName,
    action: Action,
    changes: Changes,
) -> Result<(), DbError> {
    Entry {
        by,
        kind: ObjectKind::Tier,
        id: id.0.to_string(),
        name: name.as_str(),
        action,
        changes,
    }
    .write(db)
    .await
}

/// The values of the columns that both statements write, in their order.
struct Columns<'a> {
    name: &'a str,
    heights: Vec<i32>,
    original_link: bool,
    expiring_links: bool,
    limits: [Option<i64>; 3],
}

impl<'a> Columns<'a> {
    fn of(tier: &'a TierFields) -> Self {
        Self {
            name: tier.name.as_str(),
            heights: tier.thumbnail_heights.to_sql(),
            original_link: tier.original_link,
            expiring_links: tier.expiring_links,
            limits: [
                tier.limits.max_upload_bytes,
                tier.limits.storage_quota_bytes,
                tier.limits.uploads_per_hour,
            ]
            .map(|limit| limit.map(PositiveCount::get)),
        }
    }

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
