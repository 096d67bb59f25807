//! What staff start and stop.

use deadpool_postgres::Transaction;

use super::{GET, Job, Work};
use crate::{
    db::{
        Change, DbError, Made, NotMade,
        audit_log::Entry,
        change::require,
        connection::{Param, execute, one, optional},
    },
    domain::{
        audit::{Action, Changes, ObjectKind},
        job::{Backfill, JobId},
        staff::{Actor, Power, Refusal},
        tier::{TierId, TierName},
    },
};

/// Starts making the thumbnails that a tier's images lack. While a backfill of the same tier, or of all, has not ended, it is
/// refused by [`Refusal::BackfillUnderWay`].
pub struct StartBackfill {
    /// Who starts it.
    pub by: Actor,
    /// For the images of this tier's users; `None` for everybody's.
    pub tier: Option<TierId>,
    /// Also those that are there already.
    pub remake: bool,
}

impl Change for StartBackfill {
    type Output = Job;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        require(&self.by, Power::ManageUsers)?;
        let backfill = Backfill {
            tier: match self.tier {
                Some(id) => Some((id, tier_name(db, id).await?)),
                None => None,
            },
            remake: self.remake,
        };
        let (id, name) = match &backfill.tier {
            Some((id, name)) => (Some(id.0), Some(name.as_str())),
            None => (None, None),
        };
        let asked_by = match &self.by {
            Actor::CommandLine => None,
            Actor::Staff { username, .. } => Some(username.as_str()),
        };
        let insert = include_str!("../../../sql/queries/jobs/insert_backfill.sql");
        let params: [Param<'_>; 4] = [&id, &name, &self.remake, &asked_by];
        let job = optional(db, insert, &params, |row| Ok(JobId(row.try_get("id")?))).await?;
        let Some(job) = job else {
            let other = include_str!("../../../sql/queries/jobs/find_backfill.sql");
            let other = optional(db, other, &[&id], |row| Ok(JobId(row.try_get("id")?))).await?;
            // It may have ended in this very moment.
            let other = other.ok_or_else(|| DbError::Unavailable("a job has just ended".into()))?;
            return Err(Refusal::BackfillUnderWay(other).into());
        };
        log(db, &self.by, job, &backfill, Action::Added).await?;
        let job = one(db, GET, &[&job.0], Job::read).await?;
        Ok(Made::alone(job))
    }
}

async fn tier_name(db: &Transaction<'_>, id: TierId) -> Result<TierName, NotMade> {
    let sql = include_str!("../../../sql/queries/tiers/get.sql");
    let name = optional(db, sql, &[&id.0], |row| {
        Ok(TierName::stored(row.try_get("name")?))
    })
    .await?;
    Ok(name.ok_or(Refusal::Gone)?)
}

/// Stops a backfill for good, wherever it runs, within a second or two. What was made stays.
pub struct CancelJob {
    /// Who stops it.
    pub by: Actor,
    /// Which one.
    pub id: JobId,
}

impl Change for CancelJob {
    type Output = Job;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        require(&self.by, Power::ManageUsers)?;
        let lock = include_str!("../../../sql/queries/jobs/lock.sql");
        optional(db, lock, &[&self.id.0], |_| Ok(())).await?;
        let job = optional(db, GET, &[&self.id.0], Job::read).await?;
        let job = job.ok_or(Refusal::Gone)?;
        let Work::Backfill(backfill) = &job.work else {
            return Err(Refusal::Upkeep.into());
        };
        if job.state.has_ended() {
            return Err(Refusal::JobEnded.into());
        }
        let cancel = include_str!("../../../sql/queries/jobs/cancel.sql");
        execute(db, cancel, &[&self.id.0]).await?;
        log(db, &self.by, self.id, backfill, Action::Cancelled).await?;
        let job = one(db, GET, &[&self.id.0], Job::read).await?;
        Ok(Made::alone(job))
    }
}

async fn log(
    db: &Transaction<'_>,
    by: &Actor,
    id: JobId,
    backfill: &Backfill,
    action: Action,
) -> Result<(), DbError> {
    let changes = if action == Action::Added && backfill.remake {
        Changes::none().with("remake", serde_json::Value::Null, true)
    } else {
        Changes::none()
    };
    Entry {
        by,
        kind: ObjectKind::Job,
        id: id.0.to_string(),
        name: &backfill.name(),
        action,
        changes,
    }
    .write(db)
    .await
}
