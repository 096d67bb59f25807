//! Tells clients for how long a connection is kept that nothing is asked on.

use actix_http::ConnectionType;
use actix_web::{
    Error,
    body::MessageBody,
    dev::{RequestHead, ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};

use crate::{config::HttpSettings, service::Service};

pub(super) const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// Middleware: with the hint that Node, Java and others heed, they close before the service does, and send nothing into a
/// connection that is being closed.
pub async fn tell(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let hint = request.app_data::<Data<Service>>();
    let hint = hint.and_then(|service| hint_for(request.head(), &service.http));
    let mut response = next.call(request).await?;
    if let Some(hint) = hint {
        response.headers_mut().insert(KEEP_ALIVE, hint);
    }
    Ok(response)
}

/// The hint for a connection that is kept behind this request.
pub(super) fn hint_for(request: &RequestHead, settings: &HttpSettings) -> Option<HeaderValue> {
    let is_kept = request.connection_type() == ConnectionType::KeepAlive;
    let hint = is_kept.then(|| format!("timeout={}", settings.keep_alive));
    HeaderValue::try_from(hint?).ok()
}
