//! The charts of the last days.

use crate::{
    admin::{
        chart::Chart,
        panel::Panel,
        table::{bytes, count, grouped},
    },
    db::daily_figures::{DailyFigures, GetDailyFigures},
    error::ApiError,
};

/// How many days are shown.
const DAYS: i32 = 30;

/// Uploads, bytes in store and openings of links, a bar a day.
pub async fn charts(panel: &Panel) -> Result<[Chart; 3], ApiError> {
    let days = panel.run(GetDailyFigures { days: DAYS }).await?;
    let of = |figure: fn(&DailyFigures) -> i64| -> Vec<(String, i64)> {
        days.iter()
            .map(|one| (one.day.to_string(), figure(one)))
            .collect()
    };
    let uploads = of(|day| day.uploads);
    let stored = of(|day| day.stored_bytes);
    let opened = of(|day| day.links_opened);
    let summary = |values: &[(String, i64)], one: &str| {
        let all: i64 = values.iter().map(|(_, value)| value).sum();
        let today = values.last().map_or(0, |(_, value)| *value);
        format!(
            "{} in {DAYS} days, {} today.",
            count(all, one),
            grouped(today)
        )
    };
    let uploaded = summary(&uploads, "upload");
    let now = format!(
        "{} now.",
        bytes(stored.last().map_or(0, |(_, value)| *value))
    );
    let opening = summary(&opened, "opening");
    Ok([
        Chart::new("uploads", "Uploads a day", &uploads, grouped, uploaded),
        Chart::new("stored", "Bytes in store", &stored, bytes, now),
        Chart::new("opened", "Links opened a day", &opened, grouped, opening),
    ])
}
