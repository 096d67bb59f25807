//! Takes jobs and works on them.

use std::time::Duration;

use tokio::{sync::watch, time::sleep};
use uuid::Uuid;

use super::{
    Tools, backfill, expiry,
    progress::{Interrupted, Progress},
    sweep,
};
use crate::{
    db::{
        DbError,
        jobs::{
            AdvanceJob, FinishJob, GiveJobUp, Job, NextJobDue, PutJobBack, RunnerId, TakeJob, Work,
        },
    },
    domain::job::{JobId, JobKind},
};

/// How long an idle runner waits at most before it looks for work. It is told of new jobs, and knows when others are due.
const LONGEST_REST: Duration = Duration::from_secs(300);

/// How long it waits at least.
const SHORTEST_REST: Duration = Duration::from_millis(250);

/// How long it waits where the database cannot be asked.
const RETRY: Duration = Duration::from_secs(1);

/// How often a runner gives a sign of life.
const BEAT: Duration = Duration::from_secs(1);

/// How long work that is stopped may take to end what it is at.
const GRACE: Duration = Duration::from_secs(5);

/// How often a job is taken without getting on before it is given up.
const MAX_ATTEMPTS: i32 = 10;

/// The longest wait before a job that was interrupted is taken again.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// Works on one job at a time.
pub struct Runner {
    id: RunnerId,
    tools: Tools,
    stop: watch::Receiver<bool>,
}

/// What became of a job that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It ended.
    Ended,
    /// It was put back, for later or for others.
    PutBack,
    /// It was cancelled, or somebody else has it.
    Lost,
}

impl Runner {
    /// A runner that ends when `stop` becomes true.
    pub fn new(tools: Tools, stop: watch::Receiver<bool>) -> Self {
        Self {
            id: RunnerId(Uuid::new_v4()),
            tools,
            stop,
        }
    }

    /// Takes jobs of these kinds, one after another, until it is stopped. `new_jobs` changes when there may be a new one.
    pub async fn work_on(&self, kinds: &[JobKind], mut new_jobs: watch::Receiver<()>) {
        let mut stop = self.stop.clone();
        while !*self.stop.borrow() {
            new_jobs.mark_unchanged();
            let take = TakeJob {
                runner: self.id,
                kinds: kinds.to_vec(),
                only: None,
                after: Duration::ZERO,
            };
            match self.tools.db.run(take).await {
                Ok(Some(job)) => {
                    self.work(job).await;
                    continue;
                }
                Ok(None) => {}
                // Whoever waits for an answer is told; here the next look may have more luck.
                Err(error) => tracing::debug!(%error, "cannot look for work"),
            }
            let rest = self.rest(kinds).await;
            tokio::select! {
                () = sleep(rest) => {}
                Ok(()) = new_jobs.changed() => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        }
    }

    /// How long there is nothing to take, unless a job is added.
    async fn rest(&self, kinds: &[JobKind]) -> Duration {
        match self.tools.db.run(NextJobDue(kinds.to_vec())).await {
            Ok(due) => due
                .unwrap_or(LONGEST_REST)
                .clamp(SHORTEST_REST, LONGEST_REST),
            Err(_) => RETRY,
        }
    }

    /// Takes this job and works on it, if nobody else has taken it up for so long.
    pub async fn take_up(&self, job: JobId, after: Duration) -> Result<Option<Taken>, DbError> {
        let take = TakeJob {
            runner: self.id,
            kinds: JobKind::ALL.into(),
            only: Some(job),
            after,
        };
        Ok(match self.tools.db.run(take).await? {
            Some(job) => Some(self.work(job).await),
            None => None,
        })
    }

    async fn work(&self, job: Job) -> Taken {
        let id = job.id;
        if job.attempts > MAX_ATTEMPTS && !job.repeats {
            let why = job.last_error.as_deref().unwrap_or("its runners ended");
            let why = format!("given up after {MAX_ATTEMPTS} attempts: {why}");
            tracing::error!(job = id.0, why, "gave a job up");
            return self.write(GiveJobUp(id, self.id, why), Taken::Ended).await;
        }
        tracing::debug!(job = id.0, kind = ?job.work, "works on a job");
        let progress = Progress::new(self.stop.clone());
        let mut stop = self.stop.clone();
        let outcome = tokio::select! {
            outcome = self.do_work(&job, &progress) => outcome,
            () = self.beat(id, &progress) => {
                tracing::info!(job = id.0, "a job was cancelled or taken over");
                return Taken::Lost;
            }
            () = async { let _ = stop.wait_for(|stop| *stop).await; sleep(GRACE).await } => Ok(()),
        };
        if !self.advance(id, &progress).await {
            return Taken::Lost;
        }
        match outcome {
            Ok(()) if progress.is_stopped() => self.put_back(id, Duration::ZERO, None).await,
            Ok(()) => self.write(FinishJob(id, self.id), Taken::Ended).await,
            Err(Interrupted(why)) => {
                let exponent = job.attempts.clamp(0, 16).unsigned_abs();
                let wait = Duration::from_secs(1 << exponent).min(LONGEST_WAIT);
                tracing::warn!(job = id.0, why, "a job was interrupted");
                self.put_back(id, wait, Some(why)).await
            }
        }
    }

    async fn do_work(&self, job: &Job, progress: &Progress) -> Result<(), Interrupted> {
        match &job.work {
            Work::Backfill(what) => backfill::run(&self.tools, self.id, job, what, progress).await,
            Work::Sweep => sweep::run(&self.tools, job, progress).await,
            Work::Expiry => expiry::run(&self.tools, progress).await,
        }
    }

    /// Gives signs of life until the job is no longer ours.
    async fn beat(&self, job: JobId, progress: &Progress) {
        loop {
            sleep(BEAT).await;
            if !self.advance(job, progress).await {
                return;
            }
        }
    }

    /// Writes down what was done; `false` if the job is no longer ours.
    async fn advance(&self, job: JobId, progress: &Progress) -> bool {
        let step = progress.take();
        match self
            .tools
            .db
            .run(AdvanceJob(job, self.id, step.clone()))
            .await
        {
            Ok(ours) => ours,
            Err(error) => {
                tracing::debug!(%error, "cannot write down what was done");
                progress.give_back(step);
                true
            }
        }
    }

    async fn put_back(&self, job: JobId, after: Duration, error: Option<String>) -> Taken {
        let put_back = PutJobBack {
            job,
            runner: self.id,
            after,
            error,
        };
        self.write(put_back, Taken::PutBack).await
    }

    /// Writes down how it ended. If that fails the job is taken for one whose runner has gone.
    async fn write(&self, what: impl crate::db::Query<Output = bool>, taken: Taken) -> Taken {
        match self.tools.db.run(what).await {
            Ok(true) => taken,
            Ok(false) => Taken::Lost,
            Err(error) => {
                tracing::debug!(%error, "cannot write down how a job ended");
                Taken::PutBack
            }
        }
    }
}
