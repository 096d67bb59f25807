//! `/admin/sweep/<files>/`: staff allow a sweep to remove an unusual number of orphaned files.

use actix_web::{HttpResponse, web::Path};

use super::{
    confirm::{Confirm, Consequence},
    message::Message,
    panel::Panel,
    table::{count, grouped},
};
use crate::{
    db::site::{AllowRemoval, GetSite, HeldCause, HeldSweep},
    domain::staff::{Power, Refusal},
    error::ApiError,
};

/// The front page, which tells of a sweep that waits.
const HOME: &str = "/admin/";

/// What the front page says of a sweep that waits.
pub struct Notice {
    /// What happened.
    pub sentence: String,
    /// Where staff may allow it, if this user may.
    pub allow: Option<String>,
}

/// What there is to say of the sweep.
pub async fn notice(panel: &Panel) -> Result<Option<Notice>, ApiError> {
    let site = panel.run(GetSite).await?;
    let allowed = site.allowed_files;
    Ok(site.held.map(|held| Notice {
        sentence: sentence(&held, allowed),
        allow: (held.cause == HeldCause::Many
            && allowed != Some(held.files)
            && panel.may(Power::ManageService))
        .then(|| format!("/admin/sweep/{}/", held.files)),
    }))
}

fn sentence(held: &HeldSweep, allowed: Option<i64>) -> String {
    match held.cause {
        HeldCause::Many if allowed == Some(held.files) => format!(
            "The next sweep removes {}.",
            count(held.files, "orphaned file")
        ),
        HeldCause::Many => format!(
            "{} of {} stored files have no row in the database. That is an unusual number, so no sweep removes them: was an \
             older copy of the database restored?",
            grouped(held.files),
            grouped(held.objects)
        ),
        HeldCause::Diverged => "Another copy of this database has used the storage, or this one is older than the storage. \
             No sweep removes any file until “tierpix storage claim” was run on the right one."
            .to_owned(),
    }
}

/// `GET /admin/sweep/<files>/`.
pub async fn ask(panel: Panel, files: Path<i64>) -> Result<HttpResponse, ApiError> {
    let held = panel.run(GetSite).await?.held;
    let held = held.filter(|held| held.cause == HeldCause::Many && held.files == *files);
    let held = held.ok_or_else(ApiError::not_found)?;
    let layout = panel.layout("Remove orphaned files");
    let question = format!(
        "Remove {} of {} stored files?",
        grouped(held.files),
        grouped(held.objects)
    );
    let mut page = Confirm::deletion(layout, question, HOME);
    page.button = "Yes, remove them";
    page.consequences = vec![
        Consequence::plain("The next sweep removes them. They cannot be brought back."),
        Consequence::plain(
            "If an older copy of the database was restored, they belong to images that a newer copy knows.",
        ),
    ];
    panel.page(&page)
}

/// `POST /admin/sweep/<files>/`.
pub async fn allow(panel: Panel, files: Path<i64>) -> Result<HttpResponse, ApiError> {
    let by = panel.by.clone();
    let allow = AllowRemoval { by, files: *files };
    let message = match panel.make(allow).await? {
        Ok(()) => Message::success(format!(
            "The next sweep removes {}.",
            count(*files, "orphaned file")
        )),
        Err(Refusal::OtherVersion) => {
            Message::warning("The number has changed: look at it again.".to_owned())
        }
        Err(refusal) => return Err(refusal.into()),
    };
    panel.see(HOME, &message)
}
