//! Requests that are refused before anything is known of them but that they are not right.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use bytes::Bytes;

use crate::error::ApiError;

/// Why a head is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is not HTTP, or can be read in two ways.
    Malformed,
    /// It names no host, or none that could be one (RFC 9112, section 3.2).
    NoHost,
    /// Its URL is too long.
    TargetTooLong,
    /// All of it is too long.
    TooLarge,
    /// It took too long.
    TooSlow,
}

impl Refusal {
    const ALL: [Self; 5] = [
        Self::Malformed,
        Self::NoHost,
        Self::TargetTooLong,
        Self::TooLarge,
        Self::TooSlow,
    ];

    /// A path that no client can send: a quotation mark in what it sends is encoded.
    fn path(self) -> &'static str {
        match self {
            Self::Malformed => "/\"malformed\"",
            Self::NoHost => "/\"host\"",
            Self::TargetTooLong => "/\"target\"",
            Self::TooLarge => "/\"head\"",
            Self::TooSlow => "/\"slow\"",
        }
    }

    /// The request that stands for what was received, with its method where that can be told: `HEAD` is answered without a
    /// body.
    pub fn request(self, received: &[u8]) -> Bytes {
        let method = received.split(|byte| *byte == b' ').next();
        let method = method
            .filter(|word| {
                (1..=16).contains(&word.len()) && word.iter().all(u8::is_ascii_uppercase)
            })
            .and_then(|word| std::str::from_utf8(word).ok())
            // Their bodies would be awaited.
            .filter(|word| *word != "CONNECT");
        let (method, path) = (method.unwrap_or("GET"), self.path());
        format!("{method} {path} HTTP/1.1\r\nhost: invalid\r\nconnection: close\r\n\r\n").into()
    }

    fn error(self) -> ApiError {
        match self {
            Self::Malformed => ApiError::parse_error("The request is not valid HTTP."),
            Self::NoHost => ApiError::parse_error("The request names no valid host."),
            Self::TargetTooLong => ApiError::uri_too_long(),
            Self::TooLarge => ApiError::header_fields_too_large(),
            Self::TooSlow => ApiError::request_timeout(),
        }
    }
}

/// Middleware: answers what stands for a head that is refused.
pub async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let refusal = Refusal::ALL
        .into_iter()
        .find(|refusal| request.path() == refusal.path());
    match refusal {
        Some(refusal) => Ok(request.error_response(refusal.error())),
        None => Ok(next.call(request).await?.map_into_boxed_body()),
    }
}
