//! `/api/v1/admin/tiers/…`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use serde::Serialize;
use serde_json::json;

use super::created;
use crate::{
    auth::Staff,
    db::tiers::{DeleteTier, GetListedTier, InsertTier, ListTiers, ListedTier, UpdateTier},
    domain::tier::{TierChange, TierFields, TierId},
    error::ApiError,
    http::{body, conditional},
    service::Service,
};

#[derive(Serialize)]
struct TierBody {
    id: TierId,
    #[serde(flatten)]
    fields: TierFields,
    users: i64,
}

impl TierBody {
    fn new(listed: &ListedTier) -> Self {
        Self {
            id: listed.tier.id,
            fields: listed.tier.fields(),
            users: listed.users,
        }
    }
}

/// `GET /api/v1/admin/tiers/`: all of them, oldest first.
pub async fn list(service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let tiers = service.db.run(ListTiers).await?;
    let results: Vec<_> = tiers.iter().map(TierBody::new).collect();
    Ok(HttpResponse::Ok().json(json!({ "results": results })))
}

/// `POST /api/v1/admin/tiers/`.
pub async fn create(
    request: HttpRequest,
    Staff(by): Staff,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let tier = TierFields::parse(&body::fields(&request, body).await?)?;
    let made = service.db.run(InsertTier { by, tier }).await??;
    let body = TierBody::new(&made);
    created(&request, &service, made.tier.id.0, made.version, &body)
}

/// `GET /api/v1/admin/tiers/<id>/`.
pub async fn get(
    request: HttpRequest,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let tier = service.db.run(GetListedTier(tier_id(&id)?)).await?;
    let tier = tier.ok_or_else(ApiError::not_found)?;
    conditional::versioned(&request, tier.version, &TierBody::new(&tier))
}

/// `PATCH /api/v1/admin/tiers/<id>/`: it counts for the next request, on every node.
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
        change: TierChange::parse(&body::fields(&request, body).await?)?,
    };
    let tier = service.db.run(update).await??;
    service.caches.forget_tier(tier.tier.id).await;
    conditional::changed(StatusCode::OK, tier.version, &TierBody::new(&tier))
}

/// `DELETE /api/v1/admin/tiers/<id>/`, unless a user has it.
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
    let id = delete.id;
    service.db.run(delete).await??;
    service.caches.forget_tier(id).await;
    Ok(HttpResponse::NoContent().finish())
}

fn tier_id(text: &str) -> Result<TierId, ApiError> {
    text.parse().map(TierId).map_err(|_| ApiError::not_found())
}
