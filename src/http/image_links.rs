//! `/api/v1/images/<id>/links/`: an image's links.

use std::str::FromStr;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    body,
    client::Client,
    images::{own_image, tier_of},
};
use crate::{
    actors::SignedLink,
    auth::CurrentUser,
    db::links::{IMAGE_GONE, InsertLink, Link, ListLinks, NewLink, RevokeLink},
    domain::{
        Invalid,
        fields::{self, FieldErrors, Fields},
        image::Size,
        link::{LinkId, LinkLifetime, MaxUses, Purpose},
        tier::Tier,
    },
    error::ApiError,
    service::Service,
};

#[derive(Serialize)]
struct LinkBody {
    id: Uuid,
    /// Null for a link whose key was withdrawn: it opens nothing any more.
    expiring_link: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    size: String,
    max_uses: Option<i32>,
    uses: i32,
    #[serde(with = "time::serde::rfc3339::option")]
    last_used_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    revoked_at: Option<OffsetDateTime>,
}

impl LinkBody {
    fn new(link: &Link, query: Option<String>, base_url: &str) -> Self {
        let claims = link.claims;
        Self {
            id: claims.id.0,
            expiring_link: query.map(|query| SignedLink { claims, query }.url(base_url)),
            expires_at: claims.expires_at,
            size: link.size.to_string(),
            max_uses: link.max_uses.map(MaxUses::get),
            uses: link.uses,
            last_used_at: link.last_used_at,
            revoked_at: link.revoked_at,
        }
    }
}

/// `GET`: every link that was made, the ended ones too.
pub async fn list(
    request: HttpRequest,
    who: CurrentUser,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let image = own_image(&service, &who, &id).await?;
    let links = service.db.run(ListLinks(image.id)).await?;
    let queries = service
        .signer
        .sign(links.iter().map(|link| link.claims).collect())
        .await?;
    let base_url = Client::of(&request, &service.http).base_url(&service.http);
    let results: Vec<_> = links
        .iter()
        .zip(queries)
        .map(|(link, query)| LinkBody::new(link, query, &base_url))
        .collect();
    Ok(HttpResponse::Ok().json(json!({ "results": results })))
}

/// `POST`: makes a link to the original, or to a thumbnail that the tier has.
pub async fn create(
    request: HttpRequest,
    who: CurrentUser,
    id: Path<String>,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let image = own_image(&service, &who, &id).await?;
    let tier = tier_of(&service, &who.user).await?;
    let tier = tier
        .filter(|tier| tier.expiring_links)
        .ok_or_else(ApiError::permission_denied)?;
    let New {
        lifetime,
        size,
        max_uses,
    } = parse(&body::fields(&request, body).await?, &tier)?;
    let signed = service.signer.issue(Purpose::OpenImage, lifetime).await?;
    let link = NewLink {
        claims: signed.claims,
        size,
        max_uses,
    };
    match service.db.run(InsertLink(image.id, link.clone())).await {
        Err(error) if error.is_constraint(IMAGE_GONE) => return Err(ApiError::not_found()),
        other => other?,
    }
    let base_url = Client::of(&request, &service.http).base_url(&service.http);
    let link = Link::unused(image.id, &link);
    Ok(HttpResponse::Created().json(LinkBody::new(&link, Some(signed.query), &base_url)))
}

/// `DELETE /api/v1/images/<id>/links/<link>/`: revokes it, at once, on every node.
pub async fn revoke(
    who: CurrentUser,
    ids: Path<(String, String)>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let image = own_image(&service, &who, &ids.0).await?;
    let link = Uuid::try_parse(&ids.1)
        .map(LinkId)
        .map_err(|_| ApiError::not_found())?;
    if !service.db.run(RevokeLink(image.id, link)).await? {
        return Err(ApiError::not_found());
    }
    service.caches.forget_link(link).await;
    Ok(HttpResponse::NoContent().finish())
}

struct New {
    lifetime: LinkLifetime,
    size: Size,
    max_uses: Option<MaxUses>,
}

fn parse(fields: &Fields, tier: &Tier) -> Result<New, FieldErrors> {
    let mut errors = FieldErrors::default();
    let lifetime = fields::required(fields, "expiring_time_seconds", integer);
    let size = fields::optional(fields, "size", |value| size(value, tier));
    let max_uses = fields::optional(fields, "max_uses", integer);
    let lifetime = errors.collect("expiring_time_seconds", lifetime);
    let size = errors.collect("size", size);
    let max_uses = errors.collect("max_uses", max_uses);
    match (lifetime, size, max_uses) {
        (Some(lifetime), Some(size), Some(max_uses)) => Ok(New {
            lifetime,
            size: size.unwrap_or(Size::Original),
            max_uses,
        }),
        _ => Err(errors),
    }
}

/// The original, or one of the tier's heights: `200px`, also `200`.
fn size(value: &Value, tier: &Tier) -> Result<Size, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text == "original" {
        return Ok(Size::Original);
    }
    let height = text.strip_suffix("px").unwrap_or(&text);
    let heights = tier.thumbnail_heights.as_slice().iter();
    heights
        .copied()
        .find(|one| one.to_string() == height)
        .map(Size::Thumbnail)
        .ok_or_else(|| format!("\"{text}\" is not a valid choice."))
}

fn integer<T: FromStr<Err = Invalid>>(value: &Value) -> Result<T, String> {
    fields::parse(&fields::number(value)?)
}
