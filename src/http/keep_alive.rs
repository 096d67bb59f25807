//! Tells clients for how long a connection is kept that nothing is asked on.

use actix_http::ConnectionType;
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};

use crate::service::Service;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// Middleware: with the hint that Node, Java and others heed, they close before the service does, and send nothing into a
/// connection that is being closed.
pub async fn tell(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_kept = request.head().connection_type() == ConnectionType::KeepAlive;
    let mut response = next.call(request).await?;
    if is_kept && let Some(service) = response.request().app_data::<Data<Service>>() {
        let hint = format!("timeout={}", service.http.keep_alive);
        if let Ok(hint) = HeaderValue::try_from(hint) {
            response.headers_mut().insert(KEEP_ALIVE, hint);
        }
    }
    Ok(response)
}
