//! `/api/v1/image/?…`: the links that expire.

mod preview;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web::Data,
};
use time::OffsetDateTime;

use super::{
    client::Client,
    deliver::deliver,
    images::tier_of,
    openapi::{errors, pictures, tags},
    picture_request::PictureRequest,
    redirect,
};
use crate::{
    db::{images::Image, links::Link},
    domain::link::{LinkClaims, Purpose},
    error::ApiError,
    link_uses::ClientDigest,
    metrics::Opening,
    service::Service,
    thumbnails,
};

/// The path, without its last `/`.
pub const PATTERN: &str = "/api/v1/image";

/// Open a link.
///
/// The exact bytes, for everyone who has the link. Whatever is wrong with it, the answer is the same: it is expired,
/// revoked, used up, forged or unknown, its image is gone, or the tier has no links any more. The order of the
/// parameters and others among them do not matter; anything else that was changed does.
///
/// Of a link whose uses are counted, an answer without a byte of the picture uses nothing: `HEAD`, 304, 412, 416. Chats that
/// make a preview and browsers that prefetch get a page in the place of the picture, which uses nothing either.
#[utoipa::path(
    method(get, head),
    path = "/api/v1/image/",
    operation_id = "link_open",
    tag = tags::PICTURES,
    params(
        ("id" = String, Query, description = "The link.", example = "5b0a4b5e6d0c4b5b9c3e0e6f2a1d7c44"),
        ("purpose" = String, Query, description = "What it is good for.", example = "image"),
        ("expires" = i64, Query, description = "When it expires, in seconds since 1970.", example = 1795435200),
        ("key" = i32, Query, description = "The key that signed it.", example = 1),
        (
            "signature" = String,
            Query,
            description = "Covers all of the others.",
            example = "Xb0nJ1l0W2vA8g5fYw7TnXb0nJ1l0W2vA8g5fYw7Tn8"
        ),
        pictures::Conditions
    ),
    responses(
        pictures::PictureOrPreview,
        (
            status = 404,
            description = "The link opens nothing.",
            body = errors::LinkExpired,
            example = json!({ "message": "Link has expired." })
        ),
        errors::PreconditionFailed,
        errors::RangeNotSatisfiable,
        errors::Failures,
    ),
)]
pub async fn open(request: HttpRequest, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let opened = try_to_open(&PictureRequest::of(&request), &service).await;
    let (outcome, answer) = match opened {
        Ok((outcome, answer)) => (outcome, Ok(answer)),
        Err(NotOpened::Failed(error)) => (Opening::Failed, Err(error)),
        Err(NotOpened::Refused(why)) => (why, Err(ApiError::link_expired(why.as_str()))),
    };
    service.link_openings.count(outcome);
    answer
}

/// Why a link was not opened. Whoever asks is not told.
pub(super) enum NotOpened {
    Refused(Opening),
    Failed(ApiError),
}

impl<E: Into<ApiError>> From<E> for NotOpened {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Opens the link that a request's query is. What came of it is for the caller to count.
pub(super) async fn try_to_open(
    request: &PictureRequest<'_>,
    service: &Service,
) -> Result<(Opening, HttpResponse), NotOpened> {
    let gone = || NotOpened::Refused(Opening::Gone);
    // The signature first: a forged link costs no query.
    let claims = service
        .signer
        .verify(request.query(), Purpose::OpenImage)
        .await;
    let claims = claims.ok_or(NotOpened::Refused(Opening::Forged))?;
    if claims.expires_at <= OffsetDateTime::now_utc() {
        return Err(NotOpened::Refused(Opening::Expired));
    }
    let link = service.caches.link(claims.id).await?.ok_or_else(gone)?;
    let image = service.caches.image(link.image).await?.ok_or_else(gone)?;
    if link.revoked_at.is_some() {
        return Err(NotOpened::Refused(Opening::Revoked));
    }
    if !tier_has_links(service, &image).await? {
        return Err(NotOpened::Refused(Opening::NotInTier));
    }
    if let Some(answer) = redirect::link(request, service, &image, &claims, &link).await? {
        // Nothing refuses a link without a limit, which alone is redirected.
        take_use(request, service, &link).await?;
        return Ok((Opening::Opened, answer));
    }
    if link.max_uses.is_some() && preview::is_wanted(request) {
        refuse_used_up(request, service, &link).await?;
        return Ok((Opening::Previewed, preview::page()?));
    }
    let found = thumbnails::open(service, &image, link.size).await?;
    let found = found.ok_or_else(gone)?;
    let cache_control = cache_control(&claims, &link);
    let answer = deliver(request, service, &image, link.size, found, &cache_control);
    let sends_some = answer
        .as_ref()
        .is_ok_and(|answer| answer.status().is_success());
    if sends_some && request.method() != Method::HEAD {
        take_use(request, service, &link).await?;
    } else {
        refuse_used_up(request, service, &link).await?;
    }
    let mut answer = answer?;
    redirect::tell_caches(service, &mut answer);
    Ok((Opening::Opened, answer))
}

/// Live links end when the tier no longer has them.
async fn tier_has_links(service: &Service, image: &Image) -> Result<bool, ApiError> {
    let Some(user) = service.caches.user(image.user).await? else {
        return Ok(false);
    };
    let tier = tier_of(service, &user).await?;
    Ok(tier.is_some_and(|tier| tier.expiring_links))
}

async fn take_use(
    request: &PictureRequest<'_>,
    service: &Service,
    link: &Link,
) -> Result<(), NotOpened> {
    let client = client(request, service);
    match service.link_uses.take(link, client).await? {
        true => Ok(()),
        false => Err(NotOpened::Refused(Opening::UsedUp)),
    }
}

/// Without using it. Costs nothing but for a link whose uses are counted.
async fn refuse_used_up(
    request: &PictureRequest<'_>,
    service: &Service,
    link: &Link,
) -> Result<(), NotOpened> {
    let client = client(request, service);
    match service.link_uses.are_left(link, client).await? {
        true => Ok(()),
        false => Err(NotOpened::Refused(Opening::UsedUp)),
    }
}

/// Who opens it, as far as uses are concerned.
fn client(request: &PictureRequest<'_>, service: &Service) -> ClientDigest {
    let user_agent = request.headers().get(header::USER_AGENT);
    let user_agent = user_agent.map_or(&b""[..], header::HeaderValue::as_bytes);
    let address = Client::of(request.head(), &service.http).address();
    service.link_uses.client(address, user_agent)
}

/// No cache keeps the picture longer than the link lives, and none keeps one whose uses are counted.
fn cache_control(claims: &LinkClaims, link: &Link) -> String {
    if link.max_uses.is_some() {
        return "no-store".to_owned();
    }
    let left = (claims.expires_at - OffsetDateTime::now_utc())
        .whole_seconds()
        .max(0);
    format!("private, max-age={left}")
}
