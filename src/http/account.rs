//! `GET /api/v1/me/`: who you are, what your tier allows, what you have used.

use actix_web::{HttpResponse, web::Data};
use serde_json::json;

use super::images::tier_of;
use crate::{
    auth::CurrentUser, db::users::GetUsage, domain::tier::PositiveCount, error::ApiError,
    service::Service,
};

/// The account.
pub async fn me(who: CurrentUser, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let tier = tier_of(&service, &who.user).await?;
    let limits = tier.as_ref().map(|tier| tier.limits).unwrap_or_default();
    let usage = service.db.run(GetUsage(who.user.id, limits)).await?;
    let usage = usage.ok_or_else(ApiError::not_authenticated)?;
    let limit = |limit: Option<PositiveCount>| limit.map(PositiveCount::get);
    Ok(HttpResponse::Ok().json(json!({
        "username": who.user.username,
        "account_tier": tier.as_ref().map(|tier| &tier.name),
        "tier": tier.as_ref().map(|tier| json!({
            "name": tier.name,
            "thumbnail_heights": tier.thumbnail_heights,
            "original_link": tier.original_link,
            "expiring_links": tier.expiring_links,
            "max_upload_bytes": limit(tier.limits.max_upload_bytes),
            "storage_quota_bytes": limit(tier.limits.storage_quota_bytes),
            "uploads_per_hour": limit(tier.limits.uploads_per_hour),
        })),
        "usage": {
            "images": usage.images,
            "stored_bytes": usage.stored_bytes,
            "uploads_last_hour": usage.uploads_last_hour,
        },
    })))
}
