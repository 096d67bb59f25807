//! Reads the named fields of a body, in whichever of the three forms it comes.

use std::time::Duration;

use actix_web::{
    HttpMessage, HttpRequest,
    http::header::{self, HeaderValue},
    web::Payload,
};
use futures_util::StreamExt;
use serde_json::Value;

use super::multipart::{CONTENT_TYPE_OF_FORMS, Parts};
use crate::{
    domain::fields::Fields,
    error::{ApiError, NON_FIELD},
};

/// No body that is read whole takes more.
const MAX_BODY: usize = 64 * 1024;

/// How long a body without a file may take to arrive.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a form, multipart or JSON: of a form each value is a text, of JSON anything. Without a body there are no fields.
pub async fn fields(request: &HttpRequest, body: Payload) -> Result<Fields, ApiError> {
    refuse_compressed(request)?;
    let fields = async {
        match request.content_type().to_ascii_lowercase().as_str() {
            _ if !is_sent(request) => Ok(Fields::default()),
            "application/x-www-form-urlencoded" => form(&whole(body).await?),
            "application/json" => json(&whole(body).await?),
            CONTENT_TYPE_OF_FORMS => multipart(Parts::of(request, body)?).await,
            other => Err(ApiError::unsupported_media_type(other)),
        }
    };
    tokio::time::timeout(PATIENCE, fields)
        .await
        .unwrap_or_else(|_| Err(ApiError::request_timeout()))
}

/// Whether a request has a body, as far as its head tells: one in chunks may still turn out to be empty.
pub fn is_sent(request: &HttpRequest) -> bool {
    let length = request.headers().get(header::CONTENT_LENGTH);
    length.is_some_and(|length| length.as_bytes().iter().any(|digit| *digit != b'0'))
        || request.headers().contains_key(header::TRANSFER_ENCODING)
}

/// 415 for a body that is compressed: what it takes when it is unpacked nobody knows.
pub fn refuse_compressed(request: &HttpRequest) -> Result<(), ApiError> {
    let coding = request.headers().get(header::CONTENT_ENCODING);
    let coding = coding.map(HeaderValue::as_bytes).unwrap_or_default();
    if coding.is_empty() || coding.eq_ignore_ascii_case(b"identity") {
        return Ok(());
    }
    Err(ApiError::compressed(&String::from_utf8_lossy(coding)))
}

fn form(body: &[u8]) -> Result<Fields, ApiError> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body)
        .map_err(|error| ApiError::parse_error(format!("Form parse error - {error}")))?;
    Ok(pairs
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)))
        .collect())
}

fn json(body: &[u8]) -> Result<Fields, ApiError> {
    if body.is_empty() {
        return Ok(Fields::default());
    }
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| ApiError::parse_error(format!("JSON parse error - {error}")))?;
    match value {
        Value::Object(fields) => Ok(fields.into_iter().collect()),
        _ => Err(ApiError::field(
            NON_FIELD,
            "Invalid data. Expected a dictionary.",
        )),
    }
}

async fn multipart(mut form: Parts) -> Result<Fields, ApiError> {
    let mut fields = Fields::default();
    let mut room = MAX_BODY;
    while let Some(part) = form.next().await {
        let mut part = part?;
        let mut value = Vec::new();
        while let Some(bytes) = part.next().await {
            let bytes = bytes?;
            room = room.checked_sub(bytes.len()).ok_or_else(too_large)?;
            value.extend_from_slice(&bytes);
        }
        let value = String::from_utf8_lossy(&value).into_owned();
        fields.insert(part.name, value.into());
    }
    Ok(fields)
}

async fn whole(body: Payload) -> Result<actix_web::web::Bytes, ApiError> {
    match body.to_bytes_limited(MAX_BODY).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(ApiError::parse_error(format!(
            "The body could not be read - {error}"
        ))),
        Err(_) => Err(too_large()),
    }
}

fn too_large() -> ApiError {
    ApiError::payload_too_large(MAX_BODY as u64)
}
