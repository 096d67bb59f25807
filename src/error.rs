//! The one error that a client sees.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use actix_web::http::{
    StatusCode,
    header::{self, HeaderName, HeaderValue},
};

mod answer;
mod causes;

pub use answer::{Cause, Kind};

/// A refusal or a failure: a status, a body in the shape of Django REST Framework, and a cause for the log.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    body: Body,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
}

#[derive(Debug, Clone)]
enum Body {
    /// Anything but a field: a sentence and a stable code.
    Detail {
        detail: Cow<'static, str>,
        code: &'static str,
    },
    /// What is wrong with each field; of the request as a whole under `non_field_errors`.
    Fields(BTreeMap<&'static str, Vec<String>>),
    /// A link that no longer opens anything, or never did.
    LinkExpired,
}

/// The name under which an error of the request as a whole stands among the fields.
pub const NON_FIELD: &str = "non_field_errors";

impl ApiError {
    fn detail(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        let detail = detail.into();
        Self {
            status,
            body: Body::Detail { detail, code },
            headers: Vec::new(),
            cause: None,
        }
    }

    /// 400: what is wrong with each field.
    pub fn fields(fields: BTreeMap<&'static str, Vec<String>>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            body: Body::Fields(fields),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// 400: what is wrong with one field.
    pub fn field(field: &'static str, sentence: impl Into<String>) -> Self {
        Self::fields(BTreeMap::from([(field, vec![sentence.into()])]))
    }

    /// What is wrong with the fields of both, where both are about fields; else this one alone.
    pub fn and(mut self, other: Self) -> Self {
        if let (Body::Fields(fields), Body::Fields(others)) = (&mut self.body, other.body) {
            for (field, sentences) in others {
                fields.entry(field).or_default().extend(sentences);
            }
        }
        self
    }

    /// 400 `parse_error`: the body is not in its own format.
    pub fn parse_error(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::detail(StatusCode::BAD_REQUEST, "parse_error", detail)
    }

    fn unauthorized(code: &'static str, detail: &'static str) -> Self {
        Self::detail(StatusCode::UNAUTHORIZED, code, detail).with_header(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"api\""),
        )
    }

    /// 401 `not_authenticated`: no credentials.
    pub fn not_authenticated() -> Self {
        Self::unauthorized(
            "not_authenticated",
            "Authentication credentials were not provided.",
        )
    }

    /// 401 `authentication_failed`: wrong credentials, with one of a few fixed sentences.
    pub fn authentication_failed(detail: &'static str) -> Self {
        Self::unauthorized("authentication_failed", detail)
    }

    /// 403 with a code of its own.
    pub fn forbidden(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::detail(StatusCode::FORBIDDEN, code, detail)
    }

    /// 403 `csrf_failed`: another site made a browser send this.
    pub fn csrf_failed() -> Self {
        Self::forbidden(
            "csrf_failed",
            "CSRF Failed: the request was made by another site.",
        )
    }

    /// 403 `cors_failed`: a page of another origin may not send this.
    pub fn cors_failed(why: String) -> Self {
        Self::forbidden(
            "cors_failed",
            "CORS Failed: pages of this origin may not send this request.",
        )
        .caused_by(why)
    }

    /// 403 `no_account_tier`.
    pub fn no_account_tier() -> Self {
        Self::forbidden(
            "no_account_tier",
            "Your account has no tier, so it cannot keep images.",
        )
    }

    /// 404 `not_found`.
    pub fn not_found() -> Self {
        Self::detail(StatusCode::NOT_FOUND, "not_found", "Not found.")
    }

    /// 404 of a link, one and the same whatever the reason.
    pub fn link_expired(cause: &'static str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            body: Body::LinkExpired,
            headers: Vec::new(),
            cause: Some(cause.to_owned()),
        }
    }

    /// 403 `permission_denied`.
    pub fn permission_denied() -> Self {
        Self::forbidden(
            "permission_denied",
            "You do not have permission to perform this action.",
        )
    }

    /// 409 with a code of its own: what there is does not allow the change.
    pub fn conflict(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::detail(StatusCode::CONFLICT, code, detail)
    }

    /// 409 `idempotency_in_progress`: the first upload with this key still runs.
    pub fn idempotency_in_progress() -> Self {
        let detail = "An upload with this Idempotency-Key is still in progress.";
        Self::detail(StatusCode::CONFLICT, "idempotency_in_progress", detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("2"))
    }

    /// 422 `idempotency_conflict`: the key was used for something else.
    pub fn idempotency_conflict() -> Self {
        let detail = "This Idempotency-Key was used for another upload.";
        Self::detail(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_conflict",
            detail,
        )
    }

    /// 405 `method_not_allowed`, with the methods that are.
    pub fn method_not_allowed(method: &str, allowed: HeaderValue) -> Self {
        let detail = format!("Method \"{method}\" not allowed.");
        Self::detail(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
            .with_header(header::ALLOW, allowed)
    }

    /// 408 `request_timeout`: the client stopped sending.
    pub fn request_timeout() -> Self {
        Self::detail(
            StatusCode::REQUEST_TIMEOUT,
            "request_timeout",
            "The request took too long to arrive.",
        )
    }

    /// 412 `precondition_failed`.
    pub fn precondition_failed() -> Self {
        let detail = "The representation is not the one that the request is for.";
        Self::detail(
            StatusCode::PRECONDITION_FAILED,
            "precondition_failed",
            detail,
        )
    }

    /// 413 `payload_too_large`, with the limit.
    pub fn payload_too_large(limit: u64) -> Self {
        Self::detail(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload_too_large",
            format!("The file is too large: the limit is {limit} bytes."),
        )
    }

    /// 414 `uri_too_long`.
    pub fn uri_too_long() -> Self {
        Self::detail(
            StatusCode::URI_TOO_LONG,
            "uri_too_long",
            "The URL is too long.",
        )
    }

    /// 415 `unsupported_media_type`.
    pub fn unsupported_media_type(content_type: &str) -> Self {
        Self::detail(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            format!("Unsupported media type \"{content_type}\" in request."),
        )
    }

    /// 415 `unsupported_media_type` of a body that is compressed, with what is taken instead (RFC 9110, section 12.5.3).
    pub fn compressed(coding: &str) -> Self {
        Self::detail(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            format!("Unsupported content coding \"{coding}\" in request. Send the body as it is."),
        )
        .with_header(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        )
    }

    /// 416 `range_not_satisfiable`, with the length that there is.
    pub fn range_not_satisfiable(length: u64) -> Self {
        let error = Self::detail(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "range_not_satisfiable",
            format!("The range lies outside of the {length} bytes that there are."),
        );
        // Digits and punctuation are always a header's value.
        match HeaderValue::try_from(format!("bytes */{length}")) {
            Ok(value) => error.with_header(header::CONTENT_RANGE, value),
            Err(_) => error,
        }
    }

    /// 429 `throttled`, with the seconds to wait.
    pub fn throttled(seconds: u64) -> Self {
        Self::detail(
            StatusCode::TOO_MANY_REQUESTS,
            "throttled",
            format!("Request was throttled. Expected available in {seconds} seconds."),
        )
        .with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// 431 `header_fields_too_large`.
    pub fn header_fields_too_large() -> Self {
        Self::detail(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "header_fields_too_large",
            "The request's header fields are too large or too many.",
        )
    }

    /// 503 with `Retry-After`: `overloaded` if it is our own load, `unavailable` if something is gone.
    fn try_later(code: &'static str, detail: &'static str) -> Self {
        Self::detail(StatusCode::SERVICE_UNAVAILABLE, code, detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("2"))
    }

    /// 503 `overloaded`.
    pub fn overloaded() -> Self {
        Self::try_later("overloaded", "The service is busy. Try again in a moment.")
    }

    /// 503 `unavailable`.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self::try_later(
            "unavailable",
            "The service is not available. Try again in a moment.",
        )
        .caused_by(cause)
    }

    /// 507 `storage_full`.
    pub fn storage_full(cause: impl fmt::Display) -> Self {
        Self::detail(
            StatusCode::INSUFFICIENT_STORAGE,
            "storage_full",
            "The service has no room left to store this.",
        )
        .caused_by(cause)
    }

    /// 500 `error`.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::detail(
            StatusCode::INTERNAL_SERVER_ERROR,
            "error",
            "A server error occurred.",
        )
        .caused_by(cause)
    }

    fn caused_by(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The names of the headers that come with it.
    pub fn header_names(&self) -> impl Iterator<Item = &HeaderName> {
        self.headers.iter().map(|(name, _)| name)
    }

    /// The sentence for a person.
    pub fn sentence(&self) -> String {
        match &self.body {
            Body::Detail { detail, .. } => detail.to_string(),
            Body::Fields(fields) => fields
                .values()
                .flatten()
                .cloned()
                .collect::<Vec<_>>()
                .join(" "),
            Body::LinkExpired => "Link has expired.".to_owned(),
        }
    }

    /// What is wrong with each field, if it is about fields.
    pub fn field_errors(&self) -> Option<&BTreeMap<&'static str, Vec<String>>> {
        match &self.body {
            Body::Fields(fields) => Some(fields),
            Body::Detail { .. } | Body::LinkExpired => None,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.sentence())
    }
}
