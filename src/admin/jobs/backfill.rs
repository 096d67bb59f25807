//! `/admin/tiers/<id>/backfill/`: makes the thumbnails that a tier's images lack.

use actix_web::{HttpResponse, web::Path};

use super::page as page_of;
use crate::{
    admin::{confirm::Confirm, message::Message, panel::Panel, tiers},
    db::jobs::StartBackfill,
    domain::{staff::Refusal, tier::TierId},
    error::ApiError,
};

/// `GET /admin/tiers/<id>/backfill/`.
pub async fn ask(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let tier = tiers::tier(&panel, &id).await?;
    let name = tier.tier.name.to_string();
    let layout = panel
        .layout("Make missing thumbnails")
        .below("Tiers", tiers::LIST)
        .below(&name, tiers::page(&tier));
    let question = format!(
        "Shall the thumbnails that images of “{name}” lack be made now? It is done in the background; uploads come first."
    );
    panel.page(&Confirm {
        button: "Yes, make them",
        dangerous: false,
        ..Confirm::deletion(layout, question, tiers::page(&tier))
    })
}

/// `POST /admin/tiers/<id>/backfill/`.
pub async fn begin(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let tier = tiers::tier(&panel, &id).await?;
    start(&panel, tier.tier.id, "").await
}

/// Starts it and shows how it goes on; so too if somebody else was faster. `said` stands before what there is to say.
pub async fn start(panel: &Panel, tier: TierId, said: &str) -> Result<HttpResponse, ApiError> {
    let start = StartBackfill {
        by: panel.by.clone(),
        tier: Some(tier),
        remake: false,
    };
    let (job, text) = match panel.make(start).await? {
        Ok(job) => (job.id, "The missing thumbnails are being made."),
        Err(Refusal::BackfillUnderWay(job)) => {
            (job, "The missing thumbnails are being made already.")
        }
        Err(refusal) => return Err(refusal.into()),
    };
    panel.see(&page_of(job), &Message::success(format!("{said}{text}")))
}
