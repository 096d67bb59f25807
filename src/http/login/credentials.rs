//! The name and the password that a login sends.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, web::Payload};
use serde_json::Value;

use crate::{domain::fields::Fields, error::ApiError, http::body};

/// What a login sends.
pub struct Credentials {
    pub username: String,
    pub password: String,
    pub next: Option<String>,
}

/// Reads the body, and tells what is wrong with both fields at once.
pub async fn read(request: &HttpRequest, body: Payload) -> Result<Credentials, ApiError> {
    credentials(body::fields(request, body).await?)
}

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
