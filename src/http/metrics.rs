//! `/metrics`, for Prometheus.

use actix_web::{HttpResponse, http::header, web::Data};
use prometheus_client::registry::Registry;

use super::openapi::{errors, tags};
use crate::{config::MetricsPlace, error::ApiError, metrics, service::Service};

/// The figures.
///
/// In the text format of OpenMetrics. docs/OPERATIONS.md says what each means.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "metrics",
    tag = tags::SERVICE,
    responses(
        (status = 200, description = "All of them.", content_type = "application/openmetrics-text", body = String),
        (status = 404, description = "They are elsewhere, or nowhere.", body = errors::Error),
    ),
)]
pub async fn show(service: Data<Service>) -> Result<HttpResponse, ApiError> {
    if service.http.metrics_bind != MetricsPlace::Here {
        return Err(ApiError::not_found());
    }
    answer(&service.registry)
}

/// The same on an address of their own.
pub async fn alone(service: Data<Service>) -> Result<HttpResponse, ApiError> {
    answer(&service.registry)
}

fn answer(registry: &Registry) -> Result<HttpResponse, ApiError> {
    let text = metrics::encode(registry).map_err(ApiError::internal)?;
    let media_type = (header::CONTENT_TYPE, metrics::MEDIA_TYPE);
    Ok(HttpResponse::Ok().insert_header(media_type).body(text))
}
