//! `/media/…`: pictures for whoever has the URL.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};

use super::deliver::deliver;
use crate::{domain::media::ObjectName, error::ApiError, service::Service, thumbnails};

/// `GET` and `HEAD`.
pub async fn get(
    request: HttpRequest,
    name: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let name = ObjectName::parse(&name).ok_or_else(ApiError::not_found)?;
    let image = service
        .caches
        .image(name.image)
        .await?
        .ok_or_else(ApiError::not_found)?;
    if name.format != image.format || !name.belongs_to(&image.media_key) {
        return Err(ApiError::not_found());
    }
    let found = thumbnails::open(&service, &image, name.size).await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    let max_age = service.http.media_max_age;
    let cache_control = format!("public, max-age={max_age}, immutable");
    deliver(&request, &image, name.size, found, &cache_control)
}
