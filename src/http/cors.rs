//! Lets pages of other origins use the API (Fetch, section 3.3), where the operator names them.

use actix_cors::Cors;
use actix_web::{
    http::{Method, header::HeaderValue},
    middleware::Condition,
};

use crate::{config::AllowedOrigins, domain::origin::Origin};

/// What pages may read of an answer besides its body and the few headers that all may read.
const EXPOSED: [&str; 11] = [
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
];

/// What pages may send besides what all may send.
const ALLOWED: [&str; 8] = [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "If-Range",
    "Range",
    "X-Request-Id",
];

/// Seconds for which a browser need not ask again whether it may.
const MAX_AGE: usize = 3600;

/// Middleware; it does nothing unless there are origins. Who asks whether it may is answered before anything is asked
/// of it.
pub fn allow(origins: Option<&AllowedOrigins>) -> Condition<Cors> {
    let cors = Cors::default()
        .allowed_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PATCH,
            Method::DELETE,
        ])
        .allowed_headers(ALLOWED)
        .expose_headers(EXPOSED)
        .max_age(MAX_AGE);
    let cors = match origins {
        // Any page at all gets nothing that a cookie opens.
        Some(AllowedOrigins::Any) => cors.allow_any_origin().send_wildcard(),
        Some(AllowedOrigins::These(origins)) => {
            let origins = origins.clone();
            cors.supports_credentials()
                .allowed_origin_fn(move |origin, _| is_one_of(&origins, origin))
        }
        None => cors,
    };
    Condition::new(origins.is_some(), cors)
}

fn is_one_of(origins: &[Origin], origin: &HeaderValue) -> bool {
    let origin = origin.to_str().ok().and_then(|text| text.parse().ok());
    origin.is_some_and(|origin| origins.contains(&origin))
}
