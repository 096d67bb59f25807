//! `/admin/images/add/`: for whom to upload.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{LIST, TITLE};
use crate::{
    admin::{
        form::{Field, Form},
        layout::Layout,
        panel::Panel,
        users,
    },
    db::users::FindUser,
    domain::user::{OwnerFilter, UserId},
    error::ApiError,
    http::pages,
};

#[derive(Template)]
#[template(path = "admin/images/add.html")]
struct ChooseUserPage {
    layout: Layout,
    form: Form,
}

/// `GET /admin/images/add/`: leads on to the upload's page once the user is known.
pub async fn page(panel: Panel) -> Result<HttpResponse, ApiError> {
    let user = panel.params.get("user");
    let field = Field::text("user", "For which user", user)
        .required()
        .help("The whole username.");
    let mut form = Form::new(None, vec![field]);
    if !user.is_empty() {
        match OwnerFilter::parse(&form.to_fields()) {
            Ok(filter) => match find(&panel, filter).await? {
                Some(id) => return Ok(pages::see_other(&users::upload::page_of(id))),
                None => form.refuse_field("user", "There is no user of this name."),
            },
            Err(errors) => form.refuse(errors),
        }
    }
    let status = match form.is_refused() {
        true => StatusCode::BAD_REQUEST,
        false => StatusCode::OK,
    };
    let layout = panel.layout("Upload an image").below(TITLE, LIST);
    let layout = layout.failed(form.is_refused());
    panel.page_with(status, &ChooseUserPage { layout, form })
}

async fn find(panel: &Panel, filter: OwnerFilter) -> Result<Option<UserId>, ApiError> {
    match filter.user {
        Some(name) => Ok(panel.run(FindUser(name)).await?),
        None => Ok(None),
    }
}
