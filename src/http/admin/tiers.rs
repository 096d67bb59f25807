//! `/api/v1/admin/tiers/…`.

mod body;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};

use super::created;
use crate::{
    auth::Staff,
    db::tiers::{DeleteTier, GetListedTier, InsertTier, ListTiers, UpdateTier},
    domain::tier::{TierChange, TierFields, TierId},
    error::ApiError,
    http::{
        body::fields,
        conditional,
        openapi::{errors, tags},
    },
    service::Service,
};
use body::{NewTierBody, TierBody, TierChangeBody, Tiers};

/// All tiers.
///
/// Oldest first, each with the number of users who have it.
#[utoipa::path(
    get,
    path = "/api/v1/admin/tiers/",
    operation_id = "admin_tiers_list",
    tag = tags::ADMIN_TIERS,
    responses((status = 200, description = "The tiers.", body = Tiers)),
)]
pub async fn list(service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let tiers = service.db.run(ListTiers).await?;
    let results = tiers.iter().map(TierBody::new).collect();
    Ok(HttpResponse::Ok().json(Tiers { results }))
}

/// Make a tier.
#[utoipa::path(
    post,
    path = "/api/v1/admin/tiers/",
    operation_id = "admin_tiers_create",
    tag = tags::ADMIN_TIERS,
    request_body = NewTierBody,
    responses(
        (status = 201, description = "The tier.", body = TierBody, headers(("Location"), ("ETag"), ("Cache-Control"))),
        (
            status = 400,
            description = "What is wrong with the fields, all at once.",
            body = errors::FieldErrors,
            example = json!({
                "name": ["tier with this name already exists."],
                "thumbnail_heights": ["1001 is not a thumbnail height: heights go from 1 to 1000 pixels."]
            })
        ),
        errors::BodyParseError,
        errors::RequestTimeout,
        errors::PayloadTooLarge,
        errors::UnsupportedMediaType,
    ),
)]
pub async fn create(
    request: HttpRequest,
    Staff(by): Staff,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let tier = TierFields::parse(&fields(&request, body).await?)?;
    let made = service.ops.make(InsertTier { by, tier }).await??;
    let body = TierBody::new(&made);
    created(&request, &service, made.tier.id.0, made.version, &body)
}

/// One tier.
#[utoipa::path(
    get,
    path = "/api/v1/admin/tiers/{id}/",
    operation_id = "admin_tiers_get",
    tag = tags::ADMIN_TIERS,
    params(("id" = i64, Path, description = "The tier."), conditional::IfNoneMatchHeader, conditional::IfMatchHeader),
    responses(
        (status = 200, description = "The tier.", body = TierBody, headers(("ETag"), ("Cache-Control"))),
        (status = 304, description = "The client has it as it is.", headers(("ETag"), ("Cache-Control"))),
        errors::NotFound,
        errors::PreconditionFailed,
    ),
)]
pub async fn get(
    request: HttpRequest,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let tier = service.db.run(GetListedTier(tier_id(&id)?)).await?;
    let tier = tier.ok_or_else(ApiError::not_found)?;
    conditional::versioned(&request, tier.version, &TierBody::new(&tier))
}

/// Change a tier.
///
/// It counts for the next request, on every node. Live links end where the tier no longer has them.
#[utoipa::path(
    patch,
    path = "/api/v1/admin/tiers/{id}/",
    operation_id = "admin_tiers_change",
    tag = tags::ADMIN_TIERS,
    params(("id" = i64, Path, description = "The tier."), conditional::IfMatchHeader),
    request_body = TierChangeBody,
    responses(
        (status = 200, description = "The tier as it is now.", body = TierBody, headers(("ETag"), ("Cache-Control"))),
        (
            status = 400,
            description = "What is wrong with the fields, all at once.",
            body = errors::FieldErrors,
            example = json!({ "uploads_per_hour": ["Enter a whole number from 1 up."] })
        ),
        errors::BodyParseError,
        errors::NotFound,
        errors::PreconditionFailed,
        errors::RequestTimeout,
        errors::PayloadTooLarge,
        errors::UnsupportedMediaType,
    ),
)]
pub async fn change(
    request: HttpRequest,
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let update = UpdateTier {
        by,
        id: tier_id(&id)?,
        version: conditional::for_version(&request),
        change: TierChange::parse(&fields(&request, body).await?)?,
    };
    let tier = service.ops.make(update).await??;
    conditional::changed(StatusCode::OK, tier.version, &TierBody::new(&tier))
}

/// Delete a tier.
///
/// Unless a user has it.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/tiers/{id}/",
    operation_id = "admin_tiers_delete",
    tag = tags::ADMIN_TIERS,
    params(("id" = i64, Path, description = "The tier."), conditional::IfMatchHeader),
    responses(
        (status = 204, description = "It is gone."),
        errors::NotFound,
        errors::TierInUse,
        errors::PreconditionFailed,
    ),
)]
pub async fn delete(
    request: HttpRequest,
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let delete = DeleteTier {
        by,
        id: tier_id(&id)?,
        version: conditional::for_version(&request),
    };
    service.ops.make(delete).await??;
    Ok(HttpResponse::NoContent().finish())
}

fn tier_id(text: &str) -> Result<TierId, ApiError> {
    text.parse().map(TierId).map_err(|_| ApiError::not_found())
}
