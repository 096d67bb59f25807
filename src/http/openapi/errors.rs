//! The errors that answers are described with: the very ones that the service answers.
//!
//! A type stands for one error. Several of a status are one answer with several examples: see
//! [`complete`](super::complete).

use std::collections::BTreeMap;

use actix_web::ResponseError;
use serde_json::Value;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Header, Ref, RefOr, Response, ResponseBuilder},
};

use crate::{domain::tier::LimitReached, error::ApiError};

/// Answers by status, errors by status, code and name.
pub type Responses = BTreeMap<String, RefOr<Response>>;

/// Anything that is wrong but a field.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the form of what ApiError writes")]
pub struct Error {
    /// A sentence for people. It may change.
    detail: String,
    /// Which error it is, for programs. It does not change.
    code: String,
}

/// What is wrong with each field; of the request as a whole under `non_field_errors`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the form of what ApiError writes")]
pub struct FieldErrors(BTreeMap<String, Vec<String>>);

/// A link that opens nothing.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the form of what ApiError writes")]
pub struct LinkExpired {
    /// Always the same sentence.
    message: String,
}

macro_rules! errors {
    ($(#[doc = $when:literal] $name:ident => $error:expr;)+) => {$(
        #[doc = $when]
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> Responses {
                described(stringify!($name), $when.trim(), &$error)
            }
        }
    )+};
}

errors! {
    /// The body is not in its own format.
    BodyParseError => ApiError::parse_error("JSON parse error - expected value at line 1 column 1");
    /// The form is not in its own format.
    MultipartParseError => ApiError::parse_error(
        "Multipart form parse error - could not find valid boundary string in the Content-Type header"
    );
    /// The `Idempotency-Key` is not one.
    BadIdempotencyKey => ApiError::parse_error("An Idempotency-Key has 1 to 255 visible ASCII characters.");
    /// There are no credentials, or the session is unknown or over.
    NotAuthenticated => ApiError::not_authenticated();
    /// The credentials are wrong or malformed.
    AuthenticationFailed => ApiError::authentication_failed("Invalid username/password.");
    /// Another site made a browser send this with the session's cookie.
    CsrfFailed => ApiError::csrf_failed();
    /// The token lacks the scope, or the account may not.
    PermissionDenied => ApiError::permission_denied();
    /// The account has no tier.
    NoAccountTier => ApiError::no_account_tier();
    /// The tier's storage is full.
    QuotaExceeded => LimitReached::Quota { used: 104_857_000, allowed: 104_857_600 }.into();
    /// There is no such thing, or it is another account's.
    NotFound => ApiError::not_found();
    /// Nothing of the body arrived for 30 seconds.
    RequestTimeout => ApiError::request_timeout();
    /// The first upload with this key still runs.
    IdempotencyInProgress => ApiError::idempotency_in_progress();
    /// Users have the tier; the sentence counts them.
    TierInUse => ApiError::conflict("tier_in_use", "17 users have the tier Gold: give them another one first.");
    /// Without this user nobody could do everything.
    LastSuperuser => ApiError::conflict(
        "last_superuser",
        "root is the last active superuser: make another one first."
    );
    /// A condition of the request does not hold.
    PreconditionFailed => ApiError::precondition_failed();
    /// The body is over the limit.
    PayloadTooLarge => ApiError::payload_too_large(52_428_800);
    /// The body's type is none that is taken here.
    UnsupportedMediaType => ApiError::unsupported_media_type("text/plain");
    /// Nothing of the range is there.
    RangeNotSatisfiable => ApiError::range_not_satisfiable(48_213);
    /// The key was used for another upload.
    IdempotencyConflict => ApiError::idempotency_conflict();
    /// Too many logins failed, or the tier's uploads of the last 60 minutes are used up.
    Throttled => ApiError::throttled(240);
    /// A bug; the log tells more under the request's id.
    Internal => ApiError::internal("");
    /// No capacity now.
    Overloaded => ApiError::overloaded();
    /// The database or the storage is gone.
    Unavailable => ApiError::unavailable("");
    /// There is no room on the disk.
    StorageFull => ApiError::storage_full("");
}

/// What may go wrong wherever the database is asked: a 500 and a 503.
pub struct Failures;

impl IntoResponses for Failures {
    fn responses() -> Responses {
        [("500", FAILED), ("503", UNAVAILABLE)]
            .map(|(status, name)| (status.to_owned(), RefOr::Ref(Ref::from_response_name(name))))
            .into()
    }
}

/// The names of the answers that many paths share.
pub const UNAUTHENTICATED: &str = "Unauthenticated";
const FAILED: &str = "Failed";
const UNAVAILABLE: &str = "Unavailable";

/// The answers that many paths share, by name.
pub fn shared() -> [(&'static str, Vec<Responses>); 3] {
    [
        (
            UNAUTHENTICATED,
            vec![
                NotAuthenticated::responses(),
                AuthenticationFailed::responses(),
            ],
        ),
        (FAILED, vec![Internal::responses()]),
        (
            UNAVAILABLE,
            vec![Overloaded::responses(), Unavailable::responses()],
        ),
    ]
}

/// An error under its status, its code and its name, with its body as the example and the headers that come with it.
fn described(name: &str, when: &str, error: &ApiError) -> Responses {
    let body = error.to_json();
    let code = body.get("code").and_then(Value::as_str).unwrap_or_default();
    let key = format!("{} {code} {name}", error.status_code().as_u16());
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Error")))
        .example(Some(body))
        .build();
    let mut response = ResponseBuilder::new()
        .description(when)
        .content("application/json", content);
    for name in error.header_names() {
        response = response.header(name.as_str(), Header::default());
    }
    BTreeMap::from([(key, response.build().into())])
}
