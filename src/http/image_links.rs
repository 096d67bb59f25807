//! `/api/v1/images/<id>/links/`: an image's links.

use std::str::FromStr;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body,
    client::Client,
    images::{own_image, tier_of},
    openapi::{errors, tags},
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

/// A link to one size of an image that expires.
#[derive(Serialize, ToSchema)]
#[schema(as = Link, examples(json!({
    "id": "5b0a4b5e-6d0c-4b5b-9c3e-0e6f2a1d7c44",
    "expiring_link": "https://host/api/v1/image/?id=5b0a4b5e6d0c4b5b9c3e0e6f2a1d7c44&purpose=image&expires=1795435200&key=1&signature=Xb0nJ1l0W2vA8g5fYw7TnXb0nJ1l0W2vA8g5fYw7Tn8",
    "expires_at": "2026-11-23T12:00:00.000Z",
    "size": "original",
    "max_uses": 5,
    "uses": 0,
    "last_used_at": null,
    "revoked_at": null
})))]
struct LinkBody {
    /// Its id. It opens nothing.
    id: Uuid,
    /// The URL that opens it. Null if the key that signed it was withdrawn: it opens nothing any more.
    #[schema(required = true, format = "uri")]
    expiring_link: Option<String>,
    /// When it expires.
    #[serde(serialize_with = "crate::domain::timestamp::serialize")]
    expires_at: OffsetDateTime,
    /// What it opens: a thumbnail's height as `200px`, or `original`.
    #[schema(pattern = "^([1-9][0-9]*px|original)$")]
    size: String,
    /// How often it can be opened; null: as often as one likes.
    #[schema(required = true, minimum = 1)]
    max_uses: Option<i32>,
    /// How often it was opened. The same client within 60 seconds counts once, `HEAD` never.
    #[schema(minimum = 0)]
    uses: i32,
    /// When it was last opened.
    #[serde(serialize_with = "crate::domain::timestamp::serialize_option")]
    #[schema(required = true)]
    last_used_at: Option<OffsetDateTime>,
    /// When it was revoked.
    #[serde(serialize_with = "crate::domain::timestamp::serialize_option")]
    #[schema(required = true)]
    revoked_at: Option<OffsetDateTime>,
}

/// An image's links.
#[derive(Serialize, ToSchema)]
struct Links {
    /// Every one that was made, the ended ones too.
    results: Vec<LinkBody>,
}

/// What makes a link.
#[derive(ToSchema)]
#[schema(as = NewLink, examples(json!({ "expiring_time_seconds": 3600, "size": "original", "max_uses": 5 })))]
#[expect(
    dead_code,
    reason = "describes the body, of which every fault is told at once"
)]
struct NewLinkBody {
    /// How long it lives.
    #[schema(minimum = 300, maximum = 300_000)]
    expiring_time_seconds: u32,
    /// What it opens: one of the tier's heights as `200px`, or `original`, whether or not the tier has a link to that.
    #[schema(format = "image-size", default = "original")]
    size: Option<String>,
    /// How often it can be opened.
    #[schema(minimum = 1)]
    max_uses: Option<i32>,
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

/// An image's links.
///
/// Every link that was made, the ended ones too.
#[utoipa::path(
    get,
    path = "/api/v1/images/{id}/links/",
    operation_id = "links_list",
    tag = tags::LINKS,
    params(("id" = Uuid, Path, description = "The image.")),
    responses((status = 200, description = "The links.", body = Links), errors::NotFound),
)]
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
    let base_url = Client::of(request.head(), &service.http).base_url(&service.http);
    let results = links
        .iter()
        .zip(queries)
        .map(|(link, query)| LinkBody::new(link, query, &base_url))
        .collect();
    Ok(HttpResponse::Ok().json(Links { results }))
}

/// Make a link.
///
/// To the original, or to a thumbnail that the tier has. It can be asked for in JSON or as a form. Only tiers with
/// links that expire have them; the links of a tier that no longer does open nothing.
#[utoipa::path(
    post,
    path = "/api/v1/images/{id}/links/",
    operation_id = "links_create",
    tag = tags::LINKS,
    params(("id" = Uuid, Path, description = "The image.")),
    request_body = NewLinkBody,
    responses(
        (status = 201, description = "The link.", body = LinkBody),
        (
            status = 400,
            description = "What is wrong with the fields, all at once.",
            body = errors::FieldErrors,
            example = json!({
                "expiring_time_seconds": ["You can only specify time between 300 and 300000 seconds"],
                "size": ["\"333px\" is not a valid choice."]
            })
        ),
        errors::BodyParseError,
        errors::NotFound,
        errors::RequestTimeout,
        errors::PayloadTooLarge,
        errors::UnsupportedMediaType,
    ),
)]
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
    let base_url = Client::of(request.head(), &service.http).base_url(&service.http);
    let link = Link::unused(image.id, &link);
    Ok(HttpResponse::Created().json(LinkBody::new(&link, Some(signed.query), &base_url)))
}

/// Revoke a link.
///
/// It opens nothing any more, at once, on every node. It stays in the list.
#[utoipa::path(
    delete,
    path = "/api/v1/images/{id}/links/{link}/",
    operation_id = "links_revoke",
    tag = tags::LINKS,
    params(
        ("id" = Uuid, Path, description = "The image."),
        ("link" = Uuid, Path, description = "The link.")
    ),
    responses((status = 204, description = "It is revoked."), errors::NotFound),
)]
pub async fn revoke(
    who: CurrentUser,
    ids: Path<(String, String)>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let image = own_image(&service, &who, &ids.0).await?;
    let link = Uuid::try_parse(&ids.1)
        .map(LinkId)
        .map_err(|_| ApiError::not_found())?;
    if !service.ops.run(RevokeLink(image.id, link)).await? {
        return Err(ApiError::not_found());
    }
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
    let size = match fields.get("size") {
        Some(Value::Null) => Ok(None),
        _ => fields::given(fields, "size", |value| size(value, tier)),
    };
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
