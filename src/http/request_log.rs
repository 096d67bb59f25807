//! One line a request in the log and one count in the metrics, and the id that ties an answer to its line.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BodySize, MessageBody},
    dev::{RequestHead, ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use tracing::{Instrument, Span};
use uuid::{Builder, Uuid};

use crate::{
    auth::CurrentUser,
    error::{Cause, Kind},
    service::Service,
    telemetry::{log::REQUESTS, spans},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What machines ask every few seconds: worth a line where it fails.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Middleware.
pub async fn log(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let pending = Pending::of(request.head());
    let mut response = next.call(request).instrument(pending.span()).await?;
    let request = response.request().clone();
    let route = request.match_pattern();
    let user = request
        .extensions()
        .get::<CurrentUser>()
        .map(|who| who.user.id.0);
    pending.end(
        response.response_mut(),
        Asked {
            method: request.method(),
            // The pattern, not the path: a path can hold a secret.
            route: route.as_deref().unwrap_or("unknown"),
            user,
        },
        request
            .app_data::<Data<Service>>()
            .map(|service| &***service),
    );
    Ok(response)
}

/// A request that is being answered.
pub(super) struct Pending {
    start: Instant,
    id: String,
    span: Span,
}

/// What is told of a request.
pub(super) struct Asked<'a> {
    pub method: &'a Method,
    pub route: &'a str,
    pub user: Option<i64>,
}

impl Pending {
    /// Of this head.
    pub(super) fn of(request: &RequestHead) -> Self {
        let id = request_id(&request.headers);
        Self {
            start: Instant::now(),
            span: spans::request(&request.method, &request.headers, &id),
            id,
        }
    }

    /// The span that it is answered in.
    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Gives an answer the request's id, counts it and logs it.
    pub(super) fn end(
        self,
        answer: &mut HttpResponse<impl MessageBody>,
        asked: Asked<'_>,
        service: Option<&Service>,
    ) {
        let Self { start, id, span } = self;
        let took = start.elapsed();
        let value = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("invalid"));
        answer.headers_mut().insert(REQUEST_ID, value);
        let Asked {
            method,
            route,
            user,
        } = asked;
        let (status, bytes) = (answer.status(), length(answer));
        spans::answered(&span, method, route, status);
        if let Some(service) = service {
            service.requests.count(method, route, status, took, bytes);
            if let Some(Kind(kind)) = answer.extensions().get() {
                service.counts.error(*kind);
            }
        }
        let cause = answer
            .extensions()
            .get()
            .map(|cause: &Cause| cause.0.clone());
        let milliseconds = took.as_micros() as f64 / 1000.0;
        let (method, is_failure) = (method.as_str(), status.is_server_error());
        let status = status.as_u16();
        if is_failure {
            tracing::error!(
                target: REQUESTS,
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
                target: REQUESTS,
                id,
                method,
                route,
                status,
                milliseconds,
                bytes,
                "request"
            );
        } else {
            tracing::info!(
                target: REQUESTS,
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
}

/// The bytes of the body, as far as they are known before. The head tells it where the body does not: see `sendfile`.
fn length(response: &HttpResponse<impl MessageBody>) -> Option<u64> {
    match response.body().size() {
        BodySize::Sized(bytes) => Some(bytes),
        BodySize::None => None,
        BodySize::Stream => {
            let length = response.headers().get(CONTENT_LENGTH)?;
            length.to_str().ok()?.parse().ok()
        }
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
