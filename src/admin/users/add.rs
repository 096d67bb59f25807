//! `/admin/users/add/`.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{LIST, TITLE, form};
use crate::{
    admin::{form::Form, layout::Layout, message::Message, panel::Panel, posted::Posted},
    db::users::InsertUser,
    domain::user::UserFields,
    error::ApiError,
};

#[derive(Template)]
#[template(path = "admin/users/add.html")]
struct AddPage {
    layout: Layout,
    form: Form,
}

/// `GET /admin/users/add/`.
pub async fn page(panel: Panel) -> Result<HttpResponse, ApiError> {
    let form = form::form(&panel, None).await?;
    show(&panel, StatusCode::OK, form)
}

/// `POST /admin/users/add/`.
pub async fn save(panel: Panel, posted: Posted) -> Result<HttpResponse, ApiError> {
    let mut form = form::form(&panel, None).await?.filled(&posted);
    let agree = form::passwords_agree(&mut form);
    let (user, password) = match UserFields::parse(&form.to_fields()) {
        Ok(read) if agree => read,
        Ok(_) => return show(&panel, StatusCode::BAD_REQUEST, form),
        Err(errors) => {
            form.refuse(errors);
            return show(&panel, StatusCode::BAD_REQUEST, form);
        }
    };
    let insert = InsertUser {
        by: panel.by.clone(),
        user,
        password_hash: panel.service.auth.hash(password).await?,
    };
    match panel.make(insert).await? {
        Ok(made) => {
            let after = posted.after();
            let name = &made.user.username;
            let text = format!("The user “{name}” was added.{}", after.invitation());
            panel.see(&after.path(LIST, made.user.id.0), &Message::success(text))
        }
        Err(refusal) => {
            form.refuse_change(refusal)?;
            show(&panel, StatusCode::BAD_REQUEST, form)
        }
    }
}

fn show(panel: &Panel, status: StatusCode, form: Form) -> Result<HttpResponse, ApiError> {
    let layout = panel.layout("Add a user").below(TITLE, LIST);
    let layout = layout.failed(form.is_refused());
    panel.page_with(status, &AddPage { layout, form })
}
