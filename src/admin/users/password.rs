//! `/admin/users/<id>/password/`.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;

use super::{below, form, page as page_of, user_to_change};
use crate::{
    admin::{form::Form, layout::Layout, message::Message, panel::Panel, posted::Posted},
    db::users::{ListedUser, UpdateUser},
    domain::user::UserChange,
    error::ApiError,
};

#[derive(Template)]
#[template(path = "admin/users/password.html")]
struct PasswordPage<'a> {
    layout: Layout,
    form: Form,
    user: &'a ListedUser,
}

/// `GET /admin/users/<id>/password/`.
pub async fn page(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let user = user_to_change(&panel, &id).await?;
    show(&panel, StatusCode::OK, empty(), &user)
}

/// `POST /admin/users/<id>/password/`.
pub async fn save(
    panel: Panel,
    id: Path<String>,
    posted: Posted,
) -> Result<HttpResponse, ApiError> {
    let user = user_to_change(&panel, &id).await?;
    let mut form = empty().filled(&posted);
    let agree = form::passwords_agree(&mut form);
    let password = match UserChange::parse(&form.to_fields()) {
        Ok((_, Some(password))) if agree => password,
        Ok(_) => return show(&panel, StatusCode::BAD_REQUEST, form, &user),
        Err(errors) => {
            form.refuse(errors);
            return show(&panel, StatusCode::BAD_REQUEST, form, &user);
        }
    };
    let hash = panel.service.auth.hash(password).await?;
    let update = UpdateUser::password(panel.by.clone(), user.user.id, hash);
    panel.make(update).await??;
    let name = &user.user.username;
    let text = format!("“{name}” has a new password; all sessions were ended.");
    panel.see(&page_of(user.user.id), &Message::success(text))
}

fn empty() -> Form {
    Form::new(None, form::passwords().into())
}

fn show(
    panel: &Panel,
    status: StatusCode,
    form: Form,
    user: &ListedUser,
) -> Result<HttpResponse, ApiError> {
    let layout = below(panel, "Set password", user).failed(form.is_refused());
    panel.page_with(status, &PasswordPage { layout, form, user })
}
