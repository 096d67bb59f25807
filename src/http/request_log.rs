//! One line a request in the log and one count in the metrics, and the id that ties an answer to its line.

use std::time::{Duration, Instant};

use actix_web::{
    Error, HttpMessage,
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use tracing::{Instrument, Span};
use uuid::{Builder, Uuid};

use crate::{
    auth::CurrentUser,
    error::{Cause, Kind},
    service::Service,
    telemetry::spans,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What machines ask every few seconds: worth a line where it fails.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Middleware.
pub async fn log(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let start = Instant::now();
    let id = request_id(request.headers());
    let span = spans::request(request.method(), request.headers(), &id);
    let mut response = next.call(request).instrument(span.clone()).await?;
    let value = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("invalid"));
    response.headers_mut().insert(REQUEST_ID, value);
    write(&response, &id, start.elapsed(), &span);
    Ok(response)
}

fn write(response: &ServiceResponse<impl MessageBody>, id: &str, took: Duration, span: &Span) {
    let request = response.request();
    let user = request
        .extensions()
        .get::<CurrentUser>()
        .map(|who| who.user.id.0);
    let cause = response
        .response()
        .extensions()
        .get::<Cause>()
        .map(|cause| cause.0.clone());
    let bytes = match response.response().body().size() {
        BodySize::Sized(bytes) => Some(bytes),
        BodySize::None | BodySize::Stream => None,
    };
    // The pattern, not the path: a path can hold a secret.
    let route = request.match_pattern();
    let route = route.as_deref().unwrap_or("unknown");
    spans::answered(span, request.method(), route, response.status());
    if let Some(service) = request.app_data::<Data<Service>>() {
        let (requests, status) = (&service.requests, response.status());
        requests.count(request.method(), route, status, took, bytes);
        if let Some(Kind(kind)) = response.response().extensions().get() {
            service.counts.error(*kind);
        }
    }
    let status = response.status().as_u16();
    let milliseconds = took.as_micros() as f64 / 1000.0;
    let method = request.method().as_str();
    if response.status().is_server_error() {
        tracing::error!(
            id,
            method,
            route,
            status,
            milliseconds,
            bytes,
            user,
            cause,
            "request"
        );
    } else if PROBES.contains(&route) {
        tracing::debug!(
            id,
            method,
            route,
            status,
            milliseconds,
            bytes,
            cause,
            "request"
        );
    } else {
        tracing::info!(
            id,
            method,
            route,
            status,
            milliseconds,
            bytes,
            user,
            cause,
            "request"
        );
    }
}

/// The client's own id, if it is one that can be logged and sent back, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let sane = |id: &&str| {
        (1..=128).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte))
    };
    let own = headers
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .filter(sane);
    own.map_or_else(|| new_id().to_string(), str::to_owned)
}

/// Tells requests apart and opens nothing, so that a generator will do that asks the system for no more than its seed.
fn new_id() -> Uuid {
    Builder::from_random_bytes(rand::random()).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(id: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_static(id));
        request_id(&headers) == id
    }

    #[test]
    fn a_sane_id_of_the_clients_own_is_kept() {
        assert!(kept("8f14e45f-ceea-4672"));
        assert!(kept("Root=1-67891233-abcdef012345678912345678"));
        assert!(!kept(""));
        assert!(!kept("a b"));
        assert!(!kept("<script>"));
    }

    #[test]
    fn an_overlong_id_is_replaced() {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_str(&"x".repeat(129)).unwrap());
        assert_eq!(request_id(&headers).len(), 36);
    }
}
