//! `/api/v1/image/?…`: the links that expire.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use time::OffsetDateTime;

use super::deliver::deliver;
use crate::{
    db::{images::Image, links::Link},
    domain::link::{LinkClaims, Purpose},
    error::ApiError,
    service::Service,
    thumbnails,
};

/// `GET` and `HEAD`, without logging in. Whatever is wrong with a link, the answer is the same.
pub async fn open(request: HttpRequest, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    // The signature first: a forged link costs no query.
    let claims = service
        .signer
        .verify(request.query_string(), Purpose::OpenImage)
        .await;
    let claims = claims.ok_or_else(ApiError::link_expired)?;
    let link = service
        .caches
        .link(claims.id)
        .await?
        .ok_or_else(ApiError::link_expired)?;
    let image = service
        .caches
        .image(link.image)
        .await?
        .ok_or_else(ApiError::link_expired)?;
    if link.revoked_at.is_some() || !tier_has_links(&service, &image).await? {
        return Err(ApiError::link_expired());
    }
    let found = thumbnails::open(&service, &image, link.size).await?;
    let found = found.ok_or_else(ApiError::link_expired)?;
    Ok(deliver(
        &request,
        &image,
        link.size,
        found,
        &cache_control(&claims, &link),
    ))
}

/// Live links end when the tier no longer has them.
async fn tier_has_links(service: &Service, image: &Image) -> Result<bool, ApiError> {
    let Some(user) = service.caches.user(image.user).await? else {
        return Ok(false);
    };
    let Some(tier) = user.tier else {
        return Ok(false);
    };
    let tier = service.caches.tier(tier).await?;
    Ok(tier.is_some_and(|tier| tier.expiring_links))
}

/// No cache keeps the picture longer than the link lives.
fn cache_control(claims: &LinkClaims, link: &Link) -> String {
    let end = claims.expires_at.min(link.expires_at);
    let left = (end - OffsetDateTime::now_utc()).whole_seconds().max(0);
    format!("private, max-age={left}")
}
