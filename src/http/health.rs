//! `/healthz` and `/readyz`, for whoever watches over the service.

use std::time::Duration;

use actix_web::{HttpResponse, web::Data};
use serde_json::json;

use crate::{db::users::AnyUser, error::ApiError, service::Service};

/// How long an idle thumbnail thread may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// The process is alive.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// Requests can be served: the database answers, the storage can be written to, the thumbnail pool works.
pub async fn ready(service: Data<Service>) -> Result<HttpResponse, ApiError> {
    service.db.run(AnyUser).await?;
    service.storage.check().await?;
    // A pool with work for every thread has no time to answer, and is alive.
    if !service.admission.is_busy() && !service.thumbnailer.is_alive(PATIENCE).await {
        return Err(ApiError::unavailable("the thumbnail pool does not answer"));
    }
    Ok(HttpResponse::Ok().json(json!({ "status": "ready" })))
}
