//! `/admin/jobs/…`: work in the background.

pub mod backfill;
pub mod list;
pub mod show;

use actix_web::web::Path;

use super::{panel::Panel, table::grouped};
use crate::{
    db::jobs::{GetJob, Job, Work},
    domain::job::{JobId, JobState},
    error::ApiError,
};

/// Where the list is.
pub const LIST: &str = "/admin/jobs/";
/// What the list is called.
const TITLE: &str = "Jobs";

/// A job's page.
pub fn page(id: JobId) -> String {
    format!("{LIST}{}/", id.0)
}

/// The job that a path names.
async fn job(panel: &Panel, id: &Path<String>) -> Result<Job, ApiError> {
    let id = id.parse().map(JobId).map_err(|_| ApiError::not_found())?;
    let job = panel.run(GetJob(id)).await?;
    job.ok_or_else(ApiError::not_found)
}

/// What a job does.
fn name(job: &Job) -> String {
    match &job.work {
        Work::Backfill(backfill) => backfill.name(),
        Work::Sweep => "Files that are nobody’s".to_owned(),
        Work::Expiry => "Rows whose time is over".to_owned(),
    }
}

/// How far a job has come, in words.
fn state(job: &Job) -> &'static str {
    match job.state {
        JobState::Waiting if job.repeats => "waits for its next time",
        state => state.as_str(),
    }
}

/// How much of it was done, and of how much.
fn done(job: &Job) -> String {
    match job.plan {
        Some(plan) => format!("{} of {}", grouped(job.done), grouped(plan.images)),
        None => grouped(job.done),
    }
}

/// Whether somebody can stop it.
fn can_be_cancelled(job: &Job) -> bool {
    matches!(job.work, Work::Backfill(_)) && !job.state.has_ended()
}
