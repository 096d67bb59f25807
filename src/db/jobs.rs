//! Queries about the work in the background.

mod change;
mod work;

use std::time::Duration;

use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{
    Connection, DbError, Query,
    connection::Param,
    pages::{List, Page, Position},
};
use crate::domain::{
    job::{Backfill, JobId, JobKind, JobState},
    tier::{TierId, TierName},
};

pub use change::{CancelJob, StartBackfill};
pub use work::{
    AdvanceJob, FinishJob, GiveJobUp, NextJobDue, PutJobBack, RunnerId, SaveJobPlan, Step, TakeJob,
};

/// After so many images the speed so far tells how long the rest takes.
const TELLING: i64 = 20;

/// A job and how far it has come.
#[derive(Debug, Clone)]
pub struct Job {
    /// The id; later jobs have larger ones.
    pub id: JobId,
    /// What is done.
    pub work: Work,
    /// Whether it is done again and again. What was done then is that of the last time.
    pub repeats: bool,
    /// How far it has come.
    pub state: JobState,
    /// How often it was taken since it got on last.
    pub attempts: i32,
    /// Where to go on, in the words of its kind.
    pub position: Option<String>,
    /// What there is to do in all; `None` if it was not counted (yet).
    pub plan: Option<JobPlan>,
    /// How much was done. What was being done at a crash may be missing.
    pub done: i64,
    /// How much of it went wrong.
    pub failed: i64,
    /// How long it was worked on.
    pub worked: Duration,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// The user who asked for it; `None` for the command line and for upkeep.
    pub asked_by: Option<String>,
    /// When it was asked for.
    pub created_at: OffsetDateTime,
    /// When somebody began.
    pub started_at: Option<OffsetDateTime>,
    /// When it ended; of one that repeats, for the last time.
    pub finished_at: Option<OffsetDateTime>,
}

/// What a job does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// See [`JobKind::Backfill`].
    Backfill(Backfill),
    /// See [`JobKind::Sweep`].
    Sweep,
    /// See [`JobKind::Expiry`].
    Expiry,
}

/// What there is to do, counted before it begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JobPlan {
    /// Images.
    pub images: i64,
    /// Bytes of their originals.
    pub bytes: i64,
    /// About how long it takes.
    pub estimate: Duration,
}

impl Job {
    /// About how long the rest takes: by the speed so far, and by the estimate before there is one. `None` if nothing was
    /// planned or nothing is left.
    pub fn time_left(&self) -> Option<Duration> {
        let plan = self.plan?;
        let tried = self.done + self.failed;
        let left = plan.images - tried;
        if self.state.has_ended() || left <= 0 {
            return None;
        }
        let left = left as f64;
        Some(if tried >= TELLING {
            self.worked.mul_f64(left / tried as f64)
        } else {
            plan.estimate.mul_f64(left / plan.images as f64)
        })
    }

    fn read(row: &Row) -> Result<Self, DbError> {
        let unknown = || DbError::Broken("a job has a word that is not known".into());
        let kind = JobKind::named(row.try_get("kind")?).ok_or_else(unknown)?;
        Ok(Self {
            id: JobId(row.try_get("id")?),
            work: match kind {
                JobKind::Backfill => Work::Backfill(backfill(row)?),
                JobKind::Sweep => Work::Sweep,
                JobKind::Expiry => Work::Expiry,
            },
            repeats: row.try_get("repeats")?,
            state: JobState::named(row.try_get("state")?).ok_or_else(unknown)?,
            attempts: row.try_get("attempts")?,
            position: row.try_get("position")?,
            plan: plan(row)?,
            done: row.try_get("done")?,
            failed: row.try_get("failed")?,
            worked: seconds(row.try_get("worked_seconds")?)?,
            last_error: row.try_get("last_error")?,
            asked_by: row.try_get("asked_by")?,
            created_at: row.try_get("created_at")?,
            started_at: row.try_get("started_at")?,
            finished_at: row.try_get("finished_at")?,
        })
    }
}

fn backfill(row: &Row) -> Result<Backfill, DbError> {
    let tier: Option<i64> = row.try_get("tier_id")?;
    Ok(Backfill {
        tier: match tier {
            Some(id) => Some((TierId(id), TierName::stored(row.try_get("tier_name")?))),
            None => None,
        },
        remake: row.try_get("remake")?,
    })
}

fn plan(row: &Row) -> Result<Option<JobPlan>, DbError> {
    let images: Option<i64> = row.try_get("planned")?;
    let bytes: Option<i64> = row.try_get("planned_bytes")?;
    let estimate: Option<f64> = row.try_get("estimated_seconds")?;
    let (Some(images), Some(bytes), Some(estimate)) = (images, bytes, estimate) else {
        return Ok(None);
    };
    Ok(Some(JobPlan {
        images,
        bytes,
        estimate: seconds(estimate)?,
    }))
}

fn seconds(seconds: f64) -> Result<Duration, DbError> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|error| DbError::Broken(format!("no duration: {error}")))
}

const GET: &str = include_str!("../../sql/queries/jobs/get.sql");

/// The job of this id.
pub struct GetJob(pub JobId);

impl Query for GetJob {
    type Output = Option<Job>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        db.optional(GET, &[&self.0.0], Job::read).await
    }
}

/// A page of all jobs, newest first.
pub struct ListJobs {
    /// From where: the place of a row is its id.
    pub position: Position<i64>,
    /// How many at the most.
    pub size: u32,
}

impl Query for ListJobs {
    type Output = Page<Job>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let list = List {
            select: include_str!("../../sql/queries/jobs/find.sql"),
            filters: &[],
            columns: ["j.id", "j.id"],
            descending: true,
            search: None,
        };
        fn place(id: &i64) -> [Param<'_>; 2] {
            [id, id]
        }
        list.page(db, &self.position, self.size, place, Job::read)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(done: i64, worked: u64) -> Job {
        Job {
            id: JobId(1),
            work: Work::Sweep,
            repeats: false,
            state: JobState::Running,
            attempts: 1,
            position: None,
            plan: Some(JobPlan {
                images: 100,
                bytes: 1,
                estimate: Duration::from_secs(100),
            }),
            done,
            failed: 0,
            worked: Duration::from_secs(worked),
            last_error: None,
            asked_by: None,
            created_at: OffsetDateTime::UNIX_EPOCH,
            started_at: None,
            finished_at: None,
        }
    }

    #[test]
    fn the_time_left_follows_the_speed_so_far_once_there_is_one() {
        let left = |done, worked| job(done, worked).time_left();
        assert_eq!(left(0, 0), Some(Duration::from_secs(100)));
        assert_eq!(left(10, 500), Some(Duration::from_secs(90)));
        assert_eq!(left(50, 500), Some(Duration::from_secs(500)));
        assert_eq!(left(100, 500), None);
    }
}
