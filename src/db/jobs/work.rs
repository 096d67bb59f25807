//! What a runner asks for and writes down. Only the runner that holds a job may write: each of these says whether it still
//! does.

use std::time::Duration;

use uuid::Uuid;

use super::{GET, Job, JobPlan};
use crate::{
    db::{Connection, DbError, Query, connection::Param},
    domain::job::{JobId, JobKind},
};

/// How long a runner may be silent before its job is taken from it.
const LEASE: Duration = Duration::from_secs(5);

/// A runner of jobs, in one process or another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunnerId(pub Uuid);

/// Takes the job whose turn it is, if there is one.
pub struct TakeJob {
    /// For whom.
    pub runner: RunnerId,
    /// Of these kinds.
    pub kinds: Vec<JobKind>,
    /// This one and no other.
    pub only: Option<JobId>,
    /// How long to leave it to others first.
    pub after: Duration,
}

impl Query for TakeJob {
    type Output = Option<Job>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let take = include_str!("../../../sql/queries/jobs/take.sql");
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        let only = self.only.map(|job| job.0);
        let (after, lease) = (self.after.as_secs_f64(), LEASE.as_secs_f64());
        let taken = db
            .optional(
                take,
                &[&kinds, &self.runner.0, &only, &after, &lease],
                |row| Ok(row.try_get::<_, i64>("id")?),
            )
            .await?;
        match taken {
            Some(id) => db.optional(GET, &[&id], Job::read).await,
            None => Ok(None),
        }
    }
}

/// How long there is no job of these kinds to take, if none is added; `None`: there is none at all.
pub struct NextJobDue(pub Vec<JobKind>);

impl Query for NextJobDue {
    type Output = Option<Duration>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/jobs/next_due.sql");
        let kinds: Vec<&str> = self.0.iter().map(|kind| kind.as_str()).collect();
        let seconds = db
            .one(sql, &[&kinds], |row| {
                Ok(row.try_get::<_, Option<f64>>("seconds")?)
            })
            .await?;
        Ok(seconds.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default()))
    }
}

/// What was done since the last sign of life.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// Where to go on from now on.
    pub position: Option<String>,
    /// How much was done.
    pub done: i64,
    /// How much went wrong.
    pub failed: i64,
    /// How long it took.
    pub worked: Duration,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// Gives a sign of life and writes down what was done.
pub struct AdvanceJob(pub JobId, pub RunnerId, pub Step);

impl Query for AdvanceJob {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/jobs/advance.sql");
        let Self(job, runner, step) = self;
        let changed = db
            .execute(
                sql,
                &[
                    &job.0,
                    &runner.0,
                    &LEASE.as_secs_f64(),
                    &step.position,
                    &step.done,
                    &step.failed,
                    &step.worked.as_secs_f64(),
                    &step.last_error,
                ],
            )
            .await?;
        Ok(changed == 1)
    }
}

/// Writes down what there is to do.
pub struct SaveJobPlan(pub JobId, pub RunnerId, pub JobPlan);

impl Query for SaveJobPlan {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/jobs/save_plan.sql");
        let Self(job, runner, plan) = self;
        let seconds = plan.estimate.as_secs_f64();
        let params: [Param<'_>; 5] = [&job.0, &runner.0, &plan.images, &plan.bytes, &seconds];
        Ok(db.execute(sql, &params).await? == 1)
    }
}

/// Ends a job of which everything was tried. One that repeats waits for its next time.
pub struct FinishJob(pub JobId, pub RunnerId);

impl Query for FinishJob {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/jobs/finish.sql");
        Ok(db.execute(sql, &[&self.0.0, &self.1.0]).await? == 1)
    }
}

/// Gives a job back that is not done, for whoever takes it next.
pub struct PutJobBack {
    /// Which one.
    pub job: JobId,
    /// Who gives it back.
    pub runner: RunnerId,
    /// Not before this time has passed.
    pub after: Duration,
    /// Why it could not be gone on with; `None` if it could.
    pub error: Option<String>,
}

impl Query for PutJobBack {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/jobs/put_back.sql");
        let after = self.after.as_secs_f64();
        let params: [Param<'_>; 4] = [&self.job.0, &self.runner.0, &after, &self.error];
        Ok(db.execute(sql, &params).await? == 1)
    }
}

/// Ends a job of which nothing comes.
pub struct GiveJobUp(pub JobId, pub RunnerId, pub String);

impl Query for GiveJobUp {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/jobs/give_up.sql");
        let Self(job, runner, why) = self;
        Ok(db.execute(sql, &[&job.0, &runner.0, &why]).await? == 1)
    }
}
