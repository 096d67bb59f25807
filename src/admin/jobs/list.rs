//! `/admin/jobs/`.

use actix_web::{HttpResponse, http::StatusCode};

use super::{LIST, TITLE, done, name, page, state};
use crate::{
    admin::{
        cursor,
        list::{List, ListPage},
        panel::Panel,
        table::{Cell, Column, Row, grouped},
    },
    db::jobs::{Job, ListJobs},
    error::ApiError,
};

/// How many jobs a page holds.
const PAGE_SIZE: u32 = 50;

/// `GET /admin/jobs/`.
pub async fn page_of_jobs(panel: Panel) -> Result<HttpResponse, ApiError> {
    let position = cursor::position(&panel, |_: &i64| true);
    let find = ListJobs {
        position: position.clone(),
        size: PAGE_SIZE,
    };
    let found = panel.run(find).await?;
    let rows: Vec<_> = found.rows.iter().map(row).collect();
    let caption = format!("Jobs, {} on this page", rows.len());
    let list = List::new(caption, LIST, &panel.params, columns(), rows);
    let list = list.paged(&position, &found, |job| job.id.0)?;
    ListPage::show(&panel, StatusCode::OK, TITLE, list)
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Work"),
        Column::text("State"),
        Column::number("Done"),
        Column::number("Failed"),
        Column::text("Asked for by"),
        Column::text("Asked for"),
        Column::text("Ended"),
    ]
}

fn row(job: &Job) -> Row {
    let name = name(job);
    let cells = vec![
        Cell::link(page(job.id), &name),
        Cell::text(state(job)),
        Cell::text(done(job)),
        Cell::text(grouped(job.failed)),
        Cell::optional(job.asked_by.as_ref()),
        Cell::Time(Some(job.created_at)),
        Cell::Time(job.finished_at),
    ];
    Row::new(job.id.0, name, cells)
}
