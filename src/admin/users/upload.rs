//! `/admin/users/<id>/upload/`: an upload for somebody else, as by the API.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::StatusCode,
    web::{Path, Payload},
};
use askama::Template;

use super::{below, page as user_page};
use crate::{
    admin::{
        form::{Field, Form},
        images,
        layout::Layout,
        message::Message,
        panel::Panel,
    },
    db::{images::Image, users::ListedUser},
    error::ApiError,
    http::{
        images::tier,
        upload::{accept, form::UploadForm, store::store},
    },
};

/// The parameter of the button that leads to another upload.
const ANOTHER: &str = "another";

#[derive(Template)]
#[template(path = "admin/users/upload.html")]
struct UploadPage<'a> {
    layout: Layout,
    form: Form,
    user: &'a ListedUser,
}

/// Where to upload for a user.
pub fn page_of(user: crate::domain::user::UserId) -> String {
    format!("{}upload/", user_page(user))
}

/// `GET /admin/users/<id>/upload/`.
pub async fn page(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let user = super::user(&panel, &id).await?;
    show(&panel, StatusCode::OK, form(""), &user)
}

/// `POST /admin/users/<id>/upload/`.
pub async fn upload(
    panel: Panel,
    id: Path<String>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let user = super::user(&panel, &id).await?;
    let mut seconds = String::new();
    match keep(&panel, &user, &request, body, &mut seconds).await {
        Ok(image) => {
            let name = image.file_name.as_str();
            let text = format!(
                "The image “{name}” was uploaded for {}.",
                user.user.username
            );
            let another = !panel.params.get(ANOTHER).is_empty();
            let (path, invitation) = if another {
                (page_of(user.user.id), " You may upload another one below.")
            } else {
                (images::page(image.id), "")
            };
            panel.see(&path, &Message::success(text + invitation))
        }
        Err(error) if error.status_code().is_server_error() => Err(error),
        Err(error) => {
            let mut form = form(&seconds);
            if error.status_code() == StatusCode::PAYLOAD_TOO_LARGE {
                form.refuse_field("image", error.sentence());
            } else {
                form.refuse_error(&error);
            }
            show(&panel, error.status_code(), form, &user)
        }
    }
}

/// The steps of an upload by the API, for this user. What was typed is read into `seconds`.
async fn keep(
    panel: &Panel,
    user: &ListedUser,
    request: &HttpRequest,
    body: Payload,
    seconds: &mut String,
) -> Result<Image, ApiError> {
    let service = &panel.service;
    let owner = user.user.id;
    let tier = tier(service, user.user.tier)
        .await?
        .ok_or_else(ApiError::no_account_tier)?;
    let turn = service.turns.begin()?;
    accept::refuse_over_limits(service, owner, &tier, 1).await?;
    let form: UploadForm = accept::read(request, body, service, &tier).await?;
    if let Some(typed) = &form.expiring_time_seconds {
        typed.clone_into(seconds);
    }
    let submission = accept::validate(service, &tier, form).await?;
    let upload = accept::prepare(service, owner, &tier, submission, turn).await?;
    let image = upload.image.clone();
    let by = Some(panel.by.clone());
    store(service.clone(), upload, tier.limits, by, None).await?;
    Ok(image)
}

fn form(seconds: &str) -> Form {
    let fields = vec![
        Field::file("image", "Image", "image/png,image/jpeg")
            .required()
            .help("A PNG or JPEG."),
        Field::digits(
            "expiring_time_seconds",
            "Link that expires after so many seconds",
            seconds,
        )
        .help("From 300 to 300000, if the tier has such links. Empty: no link."),
    ];
    Form::new(None, fields)
}

fn show(
    panel: &Panel,
    status: StatusCode,
    form: Form,
    user: &ListedUser,
) -> Result<HttpResponse, ApiError> {
    let layout = below(panel, "Upload an image", user).failed(form.is_refused());
    panel.page_with(status, &UploadPage { layout, form, user })
}
