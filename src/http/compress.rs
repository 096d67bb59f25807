//! Compresses JSON and pages for the clients that take it.

use std::io::{self, Write};

use actix_web::{
    Error, HttpRequest,
    body::{BodySize, BoxBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{
        self, AcceptEncoding, ContentEncoding, Encoding, Header, HeaderMap, HeaderValue,
    },
    middleware::Next,
};
use bytes::Bytes;
use flate2::write::GzEncoder;

use crate::error::ApiError;

/// Bytes from which on a body is worth it: a smaller one fits into one packet anyway.
const WORTH_IT: u64 = 1024;

/// Brotli's quality, of 0 to 11: from here on each step costs much and gains little.
const BROTLI_QUALITY: u32 = 4;
/// Brotli's window: 256 KiB, more than most bodies have.
const BROTLI_WINDOW: u32 = 18;

/// What is compressed. Pictures are already.
const TYPES: [&str; 4] = [
    "application/json",
    "text/css",
    "text/html",
    "text/javascript",
];

/// Middleware: the same answer in fewer bytes, where the client takes that and it is worth it.
pub async fn compress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    if !may_be_compressed(response.headers(), response.response().body().size()) {
        return Ok(response);
    }
    let vary = HeaderValue::from_static("Accept-Encoding");
    response.headers_mut().append(header::VARY, vary);
    let Some(coding) = accepted(response.request()) else {
        return Ok(response);
    };
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    let body = to_bytes(body)
        .await
        .map_err(|error| ApiError::internal(error.to_string()))?;
    let compressed = compressed(coding, &body).map_err(ApiError::internal)?;
    let coding = HeaderValue::from_static(coding.as_str());
    response
        .headers_mut()
        .insert(header::CONTENT_ENCODING, coding);
    let response = response.set_body(compressed).map_into_boxed_body();
    Ok(ServiceResponse::new(request, response))
}

fn may_be_compressed(headers: &HeaderMap, size: BodySize) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|text| text.split(';').next());
    essence.is_some_and(|essence| TYPES.contains(&essence))
        && matches!(size, BodySize::Sized(WORTH_IT..))
        // It names the bytes as they are (RFC 9110, section 8.8.3).
        && !headers.contains_key(header::ETAG)
}

/// The coding that the client likes best of those that we have; `None` if it would rather have none.
fn accepted(request: &HttpRequest) -> Option<ContentEncoding> {
    let ours = [Encoding::brotli(), Encoding::gzip(), Encoding::identity()];
    match AcceptEncoding::parse(request)
        .ok()?
        .negotiate(ours.iter())?
    {
        Encoding::Known(ContentEncoding::Identity) | Encoding::Unknown(_) => None,
        Encoding::Known(coding) => Some(coding),
    }
}

fn compressed(coding: ContentEncoding, body: &[u8]) -> io::Result<Bytes> {
    let mut compressed = Vec::with_capacity(body.len() / 4);
    match coding {
        ContentEncoding::Brotli => {
            let buffer = 4096;
            let mut encoder = brotli::CompressorWriter::new(
                &mut compressed,
                buffer,
                BROTLI_QUALITY,
                BROTLI_WINDOW,
            );
            encoder.write_all(body)?;
            // It writes the end when it is dropped.
            drop(encoder);
        }
        _ => {
            let mut encoder = GzEncoder::new(&mut compressed, flate2::Compression::default());
            encoder.write_all(body)?;
            encoder.finish()?;
        }
    }
    Ok(compressed.into())
}
