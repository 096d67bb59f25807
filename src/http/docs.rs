//! `/api/docs/`: the description of the API as a page to read and to try.
//!
//! Everything comes from the program itself, and the page's policy allows nothing else.

mod page;
mod text;

use std::sync::LazyLock;

use actix_web::{HttpResponse, web::Data};

use super::{
    openapi::{self, errors, tags},
    pages,
};
use crate::{error::ApiError, service::Service};
use page::DocsPage;

static PAGE: LazyLock<DocsPage> = LazyLock::new(|| DocsPage::of(openapi::document()));

/// This description as a page.
///
/// To read, and to try each call from the browser.
#[utoipa::path(
    get,
    path = "/api/docs/",
    operation_id = "docs",
    tag = tags::SERVICE,
    responses(
        (status = 200, description = "The page.", body = String, content_type = "text/html; charset=utf-8"),
        errors::NotFound,
    ),
)]
pub async fn show(service: Data<Service>) -> Result<HttpResponse, ApiError> {
    openapi::refuse_if_closed(&service)?;
    pages::html(HttpResponse::Ok(), &*PAGE)
}

/// `/static/docs.js`.
pub async fn script() -> HttpResponse {
    pages::fixed(
        "text/javascript; charset=utf-8",
        include_str!("../../templates/docs.js"),
    )
}

/// `/static/docs.css`.
pub async fn stylesheet() -> HttpResponse {
    pages::fixed(
        "text/css; charset=utf-8",
        include_str!("../../templates/docs.css"),
    )
}
