//! `/admin/`: the front page, which shows how the service is doing.

mod figures;

use actix_web::HttpResponse;
use askama::Template;

use super::{
    chart::Chart,
    history, images,
    layout::Layout,
    panel::Panel,
    sweep,
    table::{Cell, Meter, Picture, Row, bytes, count, grouped},
    users,
};
use crate::{
    actors::Load,
    db::{audit_log::FindChanges, images::FindImages, pages::Position, tiers::CountUsersByTier},
    domain::{audit::AuditFilter, image::ImageFilter, tier::TierName},
    error::ApiError,
    telemetry::counts::ErrorKind,
};

/// How many of the newest images are shown.
const NEWEST: u32 = 12;
/// How many of the last changes are shown.
const LAST_CHANGES: u32 = 10;

#[derive(Template)]
#[template(path = "admin/home.html")]
struct HomePage<'a> {
    layout: Layout,
    sweep: Option<sweep::Notice>,
    proxy_faults: Vec<&'a str>,
    charts: [Chart; 3],
    newest: Vec<(String, Picture)>,
    tiers: Vec<(Cell, Meter)>,
    pool: Vec<(&'static str, Meter)>,
    waiting: String,
    since: Cell,
    errors: Vec<(ErrorKind, String)>,
    changes: Vec<Row>,
}

/// `GET /admin/`.
pub async fn page(panel: Panel) -> Result<HttpResponse, ApiError> {
    let counts = &panel.service.counts;
    let mut errors = counts.errors();
    // The most frequent first.
    errors.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let errors = errors.into_iter().map(|(kind, count)| {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        (kind, grouped(count))
    });
    let load = panel.service.admission.load();
    panel.page(&HomePage {
        layout: panel.layout("Administration"),
        sweep: sweep::notice(&panel).await?,
        proxy_faults: panel.service.proxy_faults.seen(),
        charts: figures::charts(&panel).await?,
        newest: newest(&panel).await?,
        tiers: tiers(&panel).await?,
        pool: pool(&load),
        waiting: count(load.waiting as i64, "render"),
        since: Cell::Time(Some(counts.since())),
        errors: errors.collect(),
        changes: changes(&panel).await?,
    })
}

async fn newest(panel: &Panel) -> Result<Vec<(String, Picture)>, ApiError> {
    let find = FindImages {
        filter: ImageFilter::default(),
        position: Position::Start,
        size: NEWEST,
    };
    let mut newest = Vec::new();
    for listed in panel.run(find).await?.rows {
        let name = format!("{} of {}", listed.image.file_name.as_str(), listed.username);
        let picture = images::thumbnail_of(panel, &listed.image, listed.tier).await?;
        newest.push((name, picture));
    }
    Ok(newest)
}

async fn tiers(panel: &Panel) -> Result<Vec<(Cell, Meter)>, ApiError> {
    let tiers = panel.run(CountUsersByTier).await?;
    let all: i64 = tiers.iter().map(|(_, users)| users).sum();
    let row = |(tier, count): (Option<TierName>, i64)| {
        let name = match tier {
            Some(tier) => Cell::link(users::of_tier(&tier), tier),
            None => Cell::text("No tier"),
        };
        (name, Meter::new(count, all, grouped(count)).of_parts())
    };
    Ok(tiers.into_iter().map(row).collect())
}

/// What the thumbnail pool of this node does now.
fn pool(load: &Load) -> Vec<(&'static str, Meter)> {
    let [threads, busy] = [load.threads, load.busy].map(|number| number as i64);
    let [memory, taken] =
        [load.memory, load.memory_taken].map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    vec![
        (
            "Threads that render",
            Meter::new(busy, threads, format!("{busy} of {threads}")),
        ),
        (
            "Memory",
            Meter::new(
                taken,
                memory,
                format!("{} of {}", bytes(taken), bytes(memory)),
            ),
        ),
    ]
}

async fn changes(panel: &Panel) -> Result<Vec<Row>, ApiError> {
    let find = FindChanges {
        filter: AuditFilter::default(),
        position: Position::Start,
        size: LAST_CHANGES,
    };
    let changes = panel.run(find).await?.rows;
    Ok(changes.iter().map(history::row).collect())
}
