//! Errors as pages.

use actix_web::{
    Error, HttpMessage, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    middleware::Next,
};
use askama::Template;

use super::layout::Layout;
use crate::{auth::CurrentUser, error::ApiError};

#[derive(Template)]
#[template(path = "admin/error.html")]
struct ErrorPage {
    layout: Layout,
    sentence: String,
    /// Of somebody who is logged in, but not of the staff.
    outsider: Option<String>,
}

/// Middleware: an error becomes a page of the panel.
pub async fn show(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let error = response.response().error();
    let Some(error) = error.and_then(Error::as_error::<ApiError>).cloned() else {
        return Ok(response);
    };
    let (request, _) = response.into_parts();
    let user = request
        .extensions()
        .get::<CurrentUser>()
        .map(|who| who.user.clone());
    let outsider = user.as_ref().filter(|user| user.role.is_none());
    let title = title(error.status_code());
    let page = ErrorPage {
        outsider: outsider.map(|user| user.username.to_string()),
        sentence: error.sentence(),
        layout: Layout::new(title, request.path(), user.as_deref()),
    };
    let page = page.render().map_err(ApiError::internal)?;
    let mut answer = error.response();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, html);
    Ok(ServiceResponse::new(
        request,
        answer.set_body(page).map_into_boxed_body(),
    ))
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::NOT_FOUND => "Page not found",
        StatusCode::CONFLICT => "Not possible now",
        status if status.is_server_error() => "Something went wrong",
        _ => "The request could not be understood",
    }
}
