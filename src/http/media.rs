//! `/media/…`: pictures for whoever has the URL.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};

use super::{
    deliver::deliver,
    openapi::{errors, pictures, tags},
    picture_request::PictureRequest,
    redirect,
};
use crate::{domain::media::ObjectName, error::ApiError, service::Service, thumbnails};

/// What the paths begin with.
pub const PREFIX: &str = "/media/";

/// The path.
pub const PATTERN: &str = "/media/{name}";

/// Open a picture.
///
/// One size of an image, for everyone who has the URL. It ends with the image, and stays good when the tier changes. A
/// thumbnail that is missing is made again.
#[utoipa::path(
    method(get, head),
    path = "/media/{name}",
    operation_id = "media_get",
    tag = tags::PICTURES,
    params(
        ("name" = String, Path, description = "Cannot be guessed: take the URL from an image."),
        pictures::Conditions
    ),
    responses(
        pictures::Picture,
        errors::NotFound,
        errors::PreconditionFailed,
        errors::RangeNotSatisfiable,
        errors::Failures,
    ),
)]
pub async fn get(
    request: HttpRequest,
    name: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let name = ObjectName::parse(&name).ok_or_else(ApiError::not_found)?;
    answer(&PictureRequest::of(&request), &service, &name).await
}

/// Answers with the picture of this name.
pub(super) async fn answer(
    request: &PictureRequest<'_>,
    service: &Service,
    name: &ObjectName,
) -> Result<HttpResponse, ApiError> {
    let image = service
        .caches
        .image(name.image)
        .await?
        .ok_or_else(ApiError::not_found)?;
    if name.format != image.format || !name.belongs_to(&image.media_key) {
        return Err(ApiError::not_found());
    }
    if let Some(answer) = redirect::media(request, service, &image, name.size).await? {
        return Ok(answer);
    }
    let found = thumbnails::open(service, &image, name.size).await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    let max_age = service.http.media_max_age;
    let cache_control = format!("public, max-age={max_age}, immutable");
    let mut answer = deliver(request, service, &image, name.size, found, &cache_control)?;
    redirect::tell_caches(service, &mut answer);
    Ok(answer)
}
