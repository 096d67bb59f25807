//! What the pages for people have in common.

use actix_web::{HttpResponse, HttpResponseBuilder, http::header};
use askama::Template;

use crate::error::ApiError;

/// An answer that holds this page.
pub fn html(
    mut response: HttpResponseBuilder,
    page: &impl Template,
) -> Result<HttpResponse, ApiError> {
    let page = page.render().map_err(ApiError::internal)?;
    Ok(response.content_type("text/html; charset=utf-8").body(page))
}

/// 302: sends a browser on.
pub fn see(path: &str) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, path))
        .finish()
}

/// 303: after a change that was made, a page that can be loaded again without making it again.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}

/// `/static/icon.svg`.
pub async fn icon() -> HttpResponse {
    fixed("image/svg+xml", include_str!("../../templates/icon.svg"))
}

/// `/static/tierpix.css`.
pub async fn stylesheet() -> HttpResponse {
    fixed(
        "text/css; charset=utf-8",
        include_str!("../../templates/tierpix.css"),
    )
}

/// `/static/admin.css`.
pub async fn admin_stylesheet() -> HttpResponse {
    fixed(
        "text/css; charset=utf-8",
        include_str!("../../templates/admin/admin.css"),
    )
}

/// `/static/admin.js`.
pub async fn admin_script() -> HttpResponse {
    fixed(
        "text/javascript; charset=utf-8",
        include_str!("../../templates/admin/admin.js"),
    )
}

/// An asset of the program itself.
pub fn fixed(content_type: &str, content: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(content)
}
