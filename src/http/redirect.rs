//! Sends clients to where the bytes are, if that is wanted: see `TIERPIX_MEDIA_REDIRECT`.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::{Method, header},
};
use time::OffsetDateTime;

use super::{disposition::disposition, picture_request::PictureRequest};
use crate::{
    db::{images::Image, links::Link},
    domain::{image::Size, link::LinkClaims},
    error::ApiError,
    service::Service,
    storage::{DirectAccess, Reading},
};

/// How long the URL lives that a medium is redirected to.
const MEDIA_LIFE: Duration = Duration::from_secs(3600);

/// How long the URL lives that a link is redirected to, if the link lives longer: what it was redirected to is not ended by
/// revoking it.
const LINK_LIFE: Duration = Duration::from_secs(60);

/// Redirects a medium. Caches may keep that for half as long as the URL lives.
pub async fn media(
    request: &PictureRequest<'_>,
    service: &Service,
    image: &Image,
    size: Size,
) -> Result<Option<HttpResponse>, ApiError> {
    let max_age = service.http.media_max_age;
    let redirect = Redirect {
        life: MEDIA_LIFE,
        picture_caching: format!("public, max-age={max_age}, immutable"),
        caching: format!(
            "public, max-age={}",
            MEDIA_LIFE.as_secs().min(max_age.into()) / 2
        ),
    };
    redirect.answer(request, service, image, size).await
}

/// Redirects a link, to what ends no later than the link. One whose uses are counted is not: what it would be redirected to
/// could be used by anybody who is told of it.
pub async fn link(
    request: &PictureRequest<'_>,
    service: &Service,
    image: &Image,
    claims: &LinkClaims,
    link: &Link,
) -> Result<Option<HttpResponse>, ApiError> {
    let life = link_life(claims.expires_at, OffsetDateTime::now_utc());
    if link.max_uses.is_some() || life.is_zero() {
        return Ok(None);
    }
    let redirect = Redirect {
        life,
        picture_caching: format!("private, max-age={}", life.as_secs()),
        // Whoever opens it again is to hear that it was revoked.
        caching: "no-store".to_owned(),
    };
    redirect.answer(request, service, image, link.size).await
}

/// Whole seconds, which end no later than the link.
fn link_life(expires_at: OffsetDateTime, now: OffsetDateTime) -> Duration {
    let left = (expires_at - now).whole_seconds();
    LINK_LIFE.min(Duration::from_secs(left.try_into().unwrap_or(0)))
}

/// The header by which [`is_for_our_own_page`] tells.
const VARIES_BY: &str = "Sec-Fetch-Site";

struct Redirect {
    life: Duration,
    picture_caching: String,
    caching: String,
}

impl Redirect {
    /// `None` if it is to be sent from here: redirecting is not wanted, or what is there is not what was stored.
    async fn answer(
        &self,
        request: &PictureRequest<'_>,
        service: &Service,
        image: &Image,
        size: Size,
    ) -> Result<Option<HttpResponse>, ApiError> {
        let Some(stored) = image.stored(size) else {
            return Ok(None);
        };
        if !service.http.media_redirect || is_for_our_own_page(request) {
            return Ok(None);
        }
        let name = image.object(size);
        if service.storage.length(&name).await? != Some(stored.bytes) {
            return Ok(None);
        }
        let access = DirectAccess {
            reading: match *request.method() {
                Method::HEAD => Reading::Head,
                _ => Reading::Get,
            },
            life: self.life,
            disposition: &disposition(image, size),
            cache_control: &self.picture_caching,
        };
        let url = service.storage.direct_url(&name, access).await?;
        Ok(url.map(|url| {
            HttpResponse::Found()
                .insert_header((header::LOCATION, url))
                .insert_header((header::CACHE_CONTROL, self.caching.as_str()))
                // See `is_for_our_own_page`.
                .insert_header((header::VARY, VARIES_BY))
                .finish()
        }))
    }
}

/// Tells caches that the answer from here, too, depends on who asks: see [`is_for_our_own_page`].
pub fn tell_caches(service: &Service, answer: &mut HttpResponse) {
    if service.http.media_redirect {
        let vary = header::HeaderValue::from_static(VARIES_BY);
        answer.headers_mut().append(header::VARY, vary);
    }
}

/// Our pages load pictures from nowhere else.
fn is_for_our_own_page(request: &PictureRequest<'_>) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_some_and(|site| site == "same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_link_is_redirected_to_ends_no_later_than_the_link() {
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let life = |milliseconds| link_life(now + time::Duration::milliseconds(milliseconds), now);
        assert_eq!(life(300_000), LINK_LIFE);
        assert_eq!(life(59_999), Duration::from_secs(59));
        assert_eq!(life(999), Duration::ZERO);
        assert_eq!(life(-5_000), Duration::ZERO);
    }
}
