//! Reads a name and a password from a form or from JSON.

use std::collections::BTreeMap;

use actix_multipart::Multipart;
use actix_web::{HttpMessage, HttpRequest, web::Payload};
use futures_util::StreamExt;
use serde_json::Value;

use crate::error::{ApiError, NON_FIELD};

/// No name and password take more.
const MAX_BODY: usize = 64 * 1024;

/// What a login sends.
pub struct Credentials {
    pub username: String,
    pub password: String,
    pub next: Option<String>,
}

/// Reads the body in whichever of the three forms it comes.
pub async fn read(request: &HttpRequest, body: Payload) -> Result<Credentials, ApiError> {
    let fields = match request.content_type().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => form(&whole(body).await?)?,
        "application/json" => json(&whole(body).await?)?,
        "multipart/form-data" => multipart(Multipart::new(request.headers(), body)).await?,
        other => return Err(ApiError::unsupported_media_type(other)),
    };
    credentials(fields)
}

type Fields = BTreeMap<String, Value>;

/// Tells what is wrong with both fields at once.
fn credentials(mut fields: Fields) -> Result<Credentials, ApiError> {
    let mut errors = BTreeMap::new();
    let mut take = |name: &'static str| {
        let sentence = match fields.remove(name) {
            Some(Value::String(text)) if !text.is_empty() => return text,
            Some(Value::String(_)) => "This field may not be blank.",
            Some(Value::Null) => "This field may not be null.",
            Some(_) => "Not a valid string.",
            None => "This field is required.",
        };
        errors.insert(name, vec![sentence.to_owned()]);
        String::new()
    };
    let (username, password) = (take("username"), take("password"));
    if !errors.is_empty() {
        return Err(ApiError::fields(errors));
    }
    let next = match fields.remove("next") {
        Some(Value::String(next)) => Some(next),
        _ => None,
    };
    Ok(Credentials {
        username,
        password,
        next,
    })
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
