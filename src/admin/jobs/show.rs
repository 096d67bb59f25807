//! `/admin/jobs/<id>/`: how far a job has come; `…/cancel/` stops it.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::{LIST, TITLE, can_be_cancelled, done, job, name, page as page_of, state};
use crate::{
    admin::{
        confirm::Confirm,
        form::sentence,
        layout::Layout,
        message::Message,
        panel::Panel,
        table::{Cell, Meter, grouped},
    },
    db::jobs::{CancelJob, Job},
    domain::{
        job::about,
        staff::{Power, Refusal},
    },
    error::ApiError,
};

#[derive(Template)]
#[template(path = "admin/jobs/show.html")]
struct JobPage {
    layout: Layout,
    id: i64,
    facts: Vec<(&'static str, Cell)>,
    /// Whether more will come of it: then the page is asked for again.
    is_under_way: bool,
    may_cancel: bool,
}

/// `GET /admin/jobs/<id>/`.
pub async fn page(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let job = job(&panel, &id).await?;
    let is_under_way = !job.state.has_ended() && !job.repeats;
    let mut layout = panel.layout(name(&job)).below(TITLE, LIST);
    layout.refreshes = is_under_way;
    panel.page(&JobPage {
        layout,
        id: job.id.0,
        facts: facts(&job),
        is_under_way,
        may_cancel: can_be_cancelled(&job) && panel.may(Power::ManageUsers),
    })
}

fn facts(job: &Job) -> Vec<(&'static str, Cell)> {
    let progress = match job.plan {
        Some(plan) => {
            let tried = job.done + job.failed;
            Cell::Meter(Meter::new(tried, plan.images, done(job)).of_parts())
        }
        None => Cell::text(done(job)),
    };
    vec![
        ("State", Cell::text(state(job))),
        ("Done", progress),
        ("Failed", Cell::text(grouped(job.failed))),
        ("Left", Cell::optional(job.time_left().map(about))),
        ("Last error", Cell::optional(job.last_error.as_ref())),
        ("Asked for by", Cell::optional(job.asked_by.as_ref())),
        ("Asked for", Cell::Time(Some(job.created_at))),
        ("Begun", Cell::Time(job.started_at)),
        ("Ended", Cell::Time(job.finished_at)),
    ]
}

/// `GET /admin/jobs/<id>/cancel/`.
pub async fn ask_to_cancel(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let job = job(&panel, &id).await?;
    let name = name(&job);
    let layout = panel
        .layout("Stop")
        .below(TITLE, LIST)
        .below(&name, page_of(job.id));
    let question = format!("Shall “{name}” be stopped for good? What was made stays.");
    let mut page = Confirm::deletion(layout, question, page_of(job.id));
    page.button = "Yes, stop it";
    if !can_be_cancelled(&job) {
        page.refusal = Some("There is nothing to stop.".to_owned());
    }
    panel.page(&page)
}

/// `POST /admin/jobs/<id>/cancel/`.
pub async fn cancel(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let id = job(&panel, &id).await?.id;
    let by = panel.by.clone();
    let message = match panel.make(CancelJob { by, id }).await? {
        Ok(job) => Message::success(format!("“{}” was stopped.", name(&job))),
        Err(refusal @ (Refusal::JobEnded | Refusal::Upkeep)) => {
            Message::warning(sentence(&refusal))
        }
        Err(refusal) => return Err(refusal.into()),
    };
    panel.see(&page_of(id), &message)
}
