//! `/healthz` and `/readyz`, for whoever watches over the service.

use std::{sync::atomic::Ordering, time::Duration};

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use super::openapi::{errors, tags};
use crate::{db::users::AnyUser, error::ApiError, service::Service};

/// How long an idle thumbnail thread may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// How the service is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `alive` or `ready`.
    #[schema(value_type = String, examples("ready"))]
    status: &'static str,
}

/// Is the process alive?
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "alive",
    tag = tags::SERVICE,
    responses((status = 200, description = "It is.", body = Health)),
)]
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "alive" })
}

/// Can requests be served?
///
/// The database answers, the storage can be written to, the thumbnail pool works, and the service is not being taken
/// down.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "ready",
    tag = tags::SERVICE,
    responses(
        (status = 200, description = "They can.", body = Health),
        errors::StorageFull,
        errors::Failures,
    ),
)]
pub async fn ready(service: Data<Service>) -> Result<HttpResponse, ApiError> {
    if service.draining.load(Ordering::Relaxed) {
        return Err(ApiError::unavailable("the service is being taken down"));
    }
    service.db.run(AnyUser).await?;
    service.storage.check().await?;
    // A pool with work for every thread has no time to answer, and is alive.
    if !service.admission.is_busy() && !service.thumbnailer.is_alive(PATIENCE).await {
        return Err(ApiError::unavailable("the thumbnail pool does not answer"));
    }
    Ok(HttpResponse::Ok().json(Health { status: "ready" }))
}
