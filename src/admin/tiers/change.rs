//! `/admin/tiers/<id>/`.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;

use super::{
    LIST, TITLE, form,
    impact::{self, Impact},
};
use crate::{
    admin::{
        confirm::{Confirm, is_confirmed},
        form::Form,
        jobs::backfill,
        layout::Layout,
        message::Message,
        panel::Panel,
        posted::Posted,
    },
    db::tiers::{ListedTier, UpdateTier},
    domain::{
        staff::{ForVersion, Power, Refusal},
        tier::TierChange,
    },
    error::ApiError,
};

#[derive(Template)]
#[template(path = "admin/tiers/change.html")]
struct ChangePage<'a> {
    layout: Layout,
    form: Form,
    tier: &'a ListedTier,
    may_change: bool,
    may_backfill: bool,
}

/// `GET /admin/tiers/<id>/`.
pub async fn page(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let tier = super::tier(&panel, &id).await?;
    let form = form::form(Some(&tier), &panel.service.uploads);
    show(&panel, StatusCode::OK, form, &tier)
}

/// `POST /admin/tiers/<id>/`. What the change means for the tier's users is shown first.
pub async fn save(
    panel: Panel,
    id: Path<String>,
    posted: Posted,
) -> Result<HttpResponse, ApiError> {
    let tier = super::tier(&panel, &id).await?;
    let mut form = form::form(Some(&tier), &panel.service.uploads).filled(&posted);
    if posted.has(impact::EDIT) {
        return show(&panel, StatusCode::OK, form, &tier);
    }
    let change = match TierChange::parse(&form::fields(&form)) {
        Ok(change) => change,
        Err(errors) => {
            form.refuse(errors);
            return show(&panel, StatusCode::BAD_REQUEST, form, &tier);
        }
    };
    if form.version != Some(tier.version) {
        return overtaken(&panel, form, &tier);
    }
    if !is_confirmed(&posted) {
        let after = change.apply(tier.tier.fields());
        let impact = impact::of(&panel, &tier, &after).await?;
        if !impact.consequences.is_empty() {
            return preview(&panel, &form, &posted, &tier, impact);
        }
    }
    let update = UpdateTier {
        by: panel.by.clone(),
        id: tier.tier.id,
        version: ForVersion::OneOf(form.version.into_iter().collect()),
        change,
    };
    match panel.make(update).await? {
        Ok(changed) => {
            let name = &changed.tier.name;
            let text = if changed.version == tier.version {
                format!("Nothing was changed in the tier “{name}”.")
            } else {
                let invitation = posted.after().invitation();
                format!("The tier “{name}” was changed.{invitation}")
            };
            if posted.has(impact::BACKFILL) {
                let said = format!("The tier “{name}” was changed. ");
                return backfill::start(&panel, changed.tier.id, &said).await;
            }
            let path = posted.after().path(LIST, changed.tier.id.0);
            panel.see(&path, &Message::success(text))
        }
        Err(Refusal::OtherVersion) => {
            let tier = super::tier(&panel, &id).await?;
            overtaken(&panel, form, &tier)
        }
        Err(refusal) => {
            form.refuse_change(refusal)?;
            show(&panel, StatusCode::BAD_REQUEST, form, &tier)
        }
    }
}

/// The page between the form and the change.
fn preview(
    panel: &Panel,
    form: &Form,
    posted: &Posted,
    tier: &ListedTier,
    impact: Impact,
) -> Result<HttpResponse, ApiError> {
    let name = &tier.tier.name;
    let mut hidden = form.hidden();
    hidden.push((posted.after().button().to_owned(), String::new()));
    panel.page(&Confirm {
        layout: panel
            .layout("What the change means")
            .below(TITLE, LIST)
            .below(name.to_string(), super::page(tier)),
        question: format!("Shall the tier “{name}” be changed?"),
        consequences: impact.consequences,
        refusal: None,
        hidden,
        button: "Yes, save",
        more: impact
            .lacks_thumbnails
            .then_some((impact::BACKFILL, "Yes, save and make the thumbnails")),
        back: Some(impact::EDIT),
        dangerous: false,
        cancel: super::page(tier),
    })
}

/// The form again, with what somebody else made of the tier meanwhile.
fn overtaken(panel: &Panel, mut form: Form, now: &ListedTier) -> Result<HttpResponse, ApiError> {
    form.overtake(&form::form(Some(now), &panel.service.uploads));
    show(panel, StatusCode::CONFLICT, form, now)
}

fn show(
    panel: &Panel,
    status: StatusCode,
    form: Form,
    tier: &ListedTier,
) -> Result<HttpResponse, ApiError> {
    let may_change = panel.may(Power::ManageService);
    let layout = panel.layout(tier.tier.name.to_string()).below(TITLE, LIST);
    let layout = layout.failed(form.is_refused() || form.overtaken);
    let page = ChangePage {
        layout,
        form: form.read_only(!may_change),
        tier,
        may_change,
        may_backfill: panel.may(Power::ManageUsers),
    };
    panel.page_with(status, &page)
}
