//! Lets pages of other origins use the API (Fetch, section 3.3), where the operator names them.

use actix_cors::{Cors, CorsError};
use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header::HeaderValue},
    middleware::{Condition, Next},
};

use crate::{config::AllowedOrigins, domain::origin::Origin, error::ApiError};

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
        // Whom the API is open to may send it anything; proxies and tracing add headers of their own.
        .allow_any_header()
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

/// Middleware: tells whoever may not use the API so in our own words.
pub async fn refuse(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let error = response.response().error();
    let Some(why) = error.and_then(Error::as_error::<CorsError>) else {
        return Ok(response);
    };
    let error = ApiError::cors_failed(why.to_string());
    Ok(response.error_response(error))
}
