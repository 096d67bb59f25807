//! `/admin/users/<id>/`.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;

use super::{LIST, TITLE, form};
use crate::{
    admin::{
        form::Form,
        layout::Layout,
        message::Message,
        panel::Panel,
        posted::Posted,
        table::{Cell, Meter, bytes, count, grouped},
    },
    db::users::{GetBelongings, GetUsage, ListedUser, UpdateUser},
    domain::{
        staff::{ForVersion, Power, Refusal},
        tier::{PositiveCount, TierLimits},
        user::UserChange,
    },
    error::ApiError,
};

#[derive(Template)]
#[template(path = "admin/users/change.html")]
struct ChangePage<'a> {
    layout: Layout,
    form: Form,
    user: &'a ListedUser,
    facts: Vec<(&'static str, Cell)>,
    may_change: bool,
    may_upload: bool,
}

/// `GET /admin/users/<id>/`.
pub async fn page(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let user = super::user(&panel, &id).await?;
    let form = form::form(&panel, Some(&user)).await?;
    show(&panel, StatusCode::OK, form, &user).await
}

/// `POST /admin/users/<id>/`.
pub async fn save(
    panel: Panel,
    id: Path<String>,
    posted: Posted,
) -> Result<HttpResponse, ApiError> {
    let user = super::user_to_change(&panel, &id).await?;
    let mut form = form::form(&panel, Some(&user)).await?.filled(&posted);
    let change = match UserChange::parse(&form.to_fields()) {
        Ok((change, _)) => change,
        Err(errors) => {
            form.refuse(errors);
            return show(&panel, StatusCode::BAD_REQUEST, form, &user).await;
        }
    };
    let update = UpdateUser {
        version: ForVersion::OneOf(form.version.into_iter().collect()),
        ..UpdateUser::fields(panel.by.clone(), user.user.id, change)
    };
    match panel.make(update).await? {
        Ok(changed) => {
            let name = &changed.user.username;
            let text = if changed.version == user.version {
                format!("Nothing was changed in the user “{name}”.")
            } else {
                let invitation = posted.after().invitation();
                format!("The user “{name}” was changed.{invitation}")
            };
            let path = posted.after().path(LIST, changed.user.id.0);
            panel.see(&path, &Message::success(text))
        }
        Err(Refusal::OtherVersion) => {
            let now = super::user(&panel, &id).await?;
            form.overtake(&form::form(&panel, Some(&now)).await?);
            show(&panel, StatusCode::CONFLICT, form, &now).await
        }
        Err(refusal) => {
            form.refuse_change(refusal)?;
            show(&panel, StatusCode::BAD_REQUEST, form, &user).await
        }
    }
}

async fn show(
    panel: &Panel,
    status: StatusCode,
    form: Form,
    user: &ListedUser,
) -> Result<HttpResponse, ApiError> {
    let may_change = panel.by.may_manage(user.user.role);
    let layout = panel.layout(user.user.username.to_string());
    let page = ChangePage {
        layout: layout
            .below(TITLE, LIST)
            .failed(form.is_refused() || form.overtaken),
        form: form.read_only(!may_change),
        user,
        facts: facts(panel, user).await?,
        may_change,
        may_upload: panel.may(Power::ManageService),
    };
    panel.page_with(status, &page)
}

/// What there is to know of a user besides what can be changed.
async fn facts(panel: &Panel, user: &ListedUser) -> Result<Vec<(&'static str, Cell)>, ApiError> {
    let tier = match user.user.tier {
        Some(id) => panel.service.caches.tier(id).await?,
        None => None,
    };
    let limits = tier.map_or_else(TierLimits::default, |tier| tier.limits);
    let usage = panel.run(GetUsage(user.user.id, limits)).await?;
    let uploads = usage.map_or(0, |usage| usage.uploads_last_hour);
    let belongings = GetBelongings {
        user: user.user.id,
        named: 0,
    };
    let belongings = panel
        .run(belongings)
        .await?
        .ok_or_else(ApiError::not_found)?;
    Ok(vec![
        ("Images", Cell::text(grouped(user.images))),
        (
            "In store",
            used(user.stored_bytes, limits.storage_quota_bytes, bytes),
        ),
        (
            "Uploads in the last hour",
            used(uploads, limits.uploads_per_hour, grouped),
        ),
        (
            "Links that can be opened",
            Cell::text(grouped(belongings.live_links)),
        ),
        ("API tokens", Cell::text(grouped(belongings.tokens))),
        (
            "Logged in",
            Cell::text(count(belongings.sessions, "session")),
        ),
        ("Added", Cell::Time(Some(user.created_at))),
        ("Last login", Cell::Time(user.last_login_at)),
    ])
}

/// So much of what is allowed, or just so much.
fn used(used: i64, allowed: Option<PositiveCount>, text: fn(i64) -> String) -> Cell {
    match allowed {
        None => Cell::text(text(used)),
        Some(allowed) => {
            let words = format!("{} of {}", text(used), text(allowed.get()));
            Cell::Meter(Meter::new(used, allowed.get(), words))
        }
    }
}
