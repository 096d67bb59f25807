//! `/api/v1/admin/…`: what staff see and change.
//!
//! No API token is good for it. What a role may do is asked twice: in front of the handler, so that nothing is read of
//! who may not, and by the change itself (see [`crate::db::Change`]), so that nothing goes by it.

pub mod audit;
pub mod images;
pub mod tiers;
pub mod users;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use serde::Serialize;

use super::{client::Client, conditional};
use crate::{error::ApiError, service::Service};

/// 201: what was made, and where it is to be found, under the path that it was posted to.
fn created(
    request: &HttpRequest,
    service: &Service,
    id: i64,
    version: i64,
    body: &impl Serialize,
) -> Result<HttpResponse, ApiError> {
    let mut answer = conditional::changed(StatusCode::CREATED, version, body)?;
    let base_url = Client::of(request.head(), &service.http).base_url(&service.http);
    let list = request.path().trim_end_matches('/');
    let location = format!("{base_url}{list}/{id}/");
    let location = location.try_into().map_err(ApiError::internal)?;
    answer.headers_mut().insert(header::LOCATION, location);
    Ok(answer)
}
