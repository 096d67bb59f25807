//! `/admin/tiers/add/`.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{LIST, TITLE, form};
use crate::{
    admin::{form::Form, layout::Layout, message::Message, panel::Panel, posted::Posted},
    db::tiers::InsertTier,
    domain::tier::TierFields,
    error::ApiError,
};

#[derive(Template)]
#[template(path = "admin/tiers/add.html")]
struct AddPage {
    layout: Layout,
    form: Form,
}

/// `GET /admin/tiers/add/`.
pub async fn page(panel: Panel) -> Result<HttpResponse, ApiError> {
    let form = form::form(None, &panel.service.uploads);
    show(&panel, StatusCode::OK, form)
}

/// `POST /admin/tiers/add/`.
pub async fn save(panel: Panel, posted: Posted) -> Result<HttpResponse, ApiError> {
    let mut form = form::form(None, &panel.service.uploads).filled(&posted);
    let tier = match TierFields::parse(&form::fields(&form)) {
        Ok(tier) => tier,
        Err(errors) => {
            form.refuse(errors);
            return show(&panel, StatusCode::BAD_REQUEST, form);
        }
    };
    let by = panel.by.clone();
    match panel.make(InsertTier { by, tier }).await? {
        Ok(made) => {
            let after = posted.after();
            let text = format!(
                "The tier “{}” was added.{}",
                made.tier.name,
                after.invitation()
            );
            panel.see(&after.path(LIST, made.tier.id.0), &Message::success(text))
        }
        Err(refusal) => {
            form.refuse_change(refusal)?;
            show(&panel, StatusCode::BAD_REQUEST, form)
        }
    }
}

fn show(panel: &Panel, status: StatusCode, form: Form) -> Result<HttpResponse, ApiError> {
    let layout = panel.layout("Add a tier").below(TITLE, LIST);
    let layout = layout.failed(form.is_refused());
    panel.page_with(status, &AddPage { layout, form })
}
