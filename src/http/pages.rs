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

/// `/static/tierpix.css`.
pub async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(include_str!("../../templates/tierpix.css"))
}
