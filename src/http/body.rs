//! Reads the named fields of a body, in whichever of the three forms it comes.

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::{HttpMessage, HttpRequest, web::Payload};
use futures_util::StreamExt;
use serde_json::Value;

use crate::{
    domain::fields::Fields,
    error::{ApiError, NON_FIELD},
};

/// No body that is read whole takes more.
const MAX_BODY: usize = 64 * 1024;

/// How long a body without a file may take to arrive.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a form, multipart or JSON: of a form each value is a text, of JSON anything.
pub async fn fields(request: &HttpRequest, body: Payload) -> Result<Fields, ApiError> {
    let fields = async {
        match request.content_type().to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => form(&whole(body).await?),
            "application/json" => json(&whole(body).await?),
            "multipart/form-data" => multipart(Multipart::new(request.headers(), body)).await,
            other => Err(ApiError::unsupported_media_type(other)),
        }
    };
    tokio::time::timeout(PATIENCE, fields)
        .await
        .unwrap_or_else(|_| Err(ApiError::request_timeout()))
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

async fn multipart(mut form: Multipart) -> Result<Fields, ApiError> {
    let broken = |error| ApiError::parse_error(format!("Multipart form parse error - {error}"));
    let mut fields = Fields::new();
    let mut room = MAX_BODY;
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        let name = field.name().unwrap_or_default().to_owned();
        let mut value = Vec::new();
        while let Some(bytes) = field.next().await {
            let bytes = bytes.map_err(broken)?;
            room = room.checked_sub(bytes.len()).ok_or_else(too_large)?;
            value.extend_from_slice(&bytes);
        }
        fields.insert(
            name,
            Value::String(String::from_utf8_lossy(&value).into_owned()),
        );
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
