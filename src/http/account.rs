//! `GET /api/v1/me/`: who you are, what your tier allows, what you have used.

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use super::{images::tier_of, openapi::tags};
use crate::{
    auth::CurrentUser,
    db::users::{GetUsage, Usage},
    domain::{
        tier::{TierFields, TierName},
        user::Username,
    },
    error::ApiError,
    service::Service,
};

/// Who is asking, what the tier allows, what was used.
#[derive(Serialize, ToSchema)]
#[schema(as = Account, examples(json!({
    "username": "anna",
    "account_tier": "Premium",
    "tier": {
        "name": "Premium",
        "thumbnail_heights": [200, 400],
        "original_link": true,
        "expiring_links": false,
        "max_upload_bytes": null,
        "storage_quota_bytes": 1_073_741_824,
        "uploads_per_hour": 100
    },
    "usage": { "images": 12, "stored_bytes": 48_213_004, "uploads_last_hour": 3 }
})))]
struct AccountBody<'a> {
    #[schema(value_type = String)]
    username: &'a Username,
    /// The tier's name; null without one.
    #[schema(required = true, value_type = Option<String>)]
    account_tier: Option<&'a TierName>,
    #[schema(required = true)]
    tier: Option<TierFields>,
    usage: UsageBody,
}

/// What was used.
#[derive(Serialize, ToSchema)]
#[schema(as = Usage)]
struct UsageBody {
    /// Images in store.
    images: i64,
    /// Bytes of all originals in store.
    stored_bytes: i64,
    /// Uploads stored in the last 60 minutes, also of images that are deleted by now.
    uploads_last_hour: i64,
}

impl From<Usage> for UsageBody {
    fn from(usage: Usage) -> Self {
        Self {
            images: usage.images,
            stored_bytes: usage.stored_bytes,
            uploads_last_hour: usage.uploads_last_hour,
        }
    }
}

/// The account.
///
/// Who is asking, what the tier allows, what was used.
#[utoipa::path(
    get,
    path = "/api/v1/me/",
    operation_id = "me",
    tag = tags::ACCOUNT,
    responses((status = 200, description = "The account.", body = AccountBody)),
)]
pub async fn me(who: CurrentUser, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let tier = tier_of(&service, &who.user).await?;
    let limits = tier.as_ref().map(|tier| tier.limits).unwrap_or_default();
    let usage = service.db.run(GetUsage(who.user.id, limits)).await?;
    let usage = usage.ok_or_else(ApiError::not_authenticated)?;
    Ok(HttpResponse::Ok().json(AccountBody {
        username: &who.user.username,
        account_tier: tier.as_ref().map(|tier| &tier.name),
        tier: tier.as_ref().map(|tier| tier.fields()),
        usage: usage.into(),
    }))
}
