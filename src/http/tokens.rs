//! `/api/v1/tokens/`: an account's API tokens. Only a password or a session manages them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path, Payload},
};
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::body;
use crate::{
    auth::{CurrentUser, token::TokenKey},
    db::api_tokens::{ApiToken, DeleteToken, InsertToken, ListTokens},
    domain::{
        fields::{self, FieldErrors, Fields},
        token::{Scopes, TokenId, TokenName},
    },
    error::ApiError,
    service::Service,
};

#[derive(Serialize)]
struct TokenBody {
    id: TokenId,
    name: TokenName,
    scopes: Scopes,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    last_used_at: Option<OffsetDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl TokenBody {
    fn new(token: ApiToken, key: Option<TokenKey>) -> Self {
        Self {
            id: token.id,
            name: token.name,
            scopes: token.scopes,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            key: key.map(|key| key.as_str().to_owned()),
        }
    }
}

/// `GET /api/v1/tokens/`.
pub async fn list(who: CurrentUser, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let tokens = service.db.run(ListTokens(who.user.id)).await?;
    let results: Vec<_> = tokens
        .into_iter()
        .map(|token| TokenBody::new(token, None))
        .collect();
    Ok(HttpResponse::Ok().json(json!({ "results": results })))
}

/// `POST /api/v1/tokens/`: the one answer that holds the key.
pub async fn create(
    request: HttpRequest,
    who: CurrentUser,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let New {
        name,
        scopes,
        expires_at,
    } = parse(&body::fields(&request, body).await?)?;
    let key = TokenKey::random();
    let insert = InsertToken {
        user: who.user.id,
        name,
        scopes,
        digest: key.digest(),
        expires_at,
    };
    let token = service.db.run(insert).await?;
    Ok(HttpResponse::Created()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(TokenBody::new(token, Some(key))))
}

/// `DELETE /api/v1/tokens/<id>/`.
pub async fn delete(
    who: CurrentUser,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = Uuid::try_parse(&id)
        .map(TokenId)
        .map_err(|_| ApiError::not_found())?;
    let digest = service.db.run(DeleteToken(who.user.id, id)).await?;
    service
        .caches
        .forget_token(&digest.ok_or_else(ApiError::not_found)?)
        .await;
    Ok(HttpResponse::NoContent().finish())
}

struct New {
    name: TokenName,
    scopes: Scopes,
    expires_at: Option<OffsetDateTime>,
}

fn parse(fields: &Fields) -> Result<New, FieldErrors> {
    let mut errors = FieldErrors::default();
    let name = fields::required(fields, "name", |value| {
        fields::text(value, TokenName::MAX_CHARS)
    });
    let scopes = fields::required(fields, "scopes", scopes);
    let expires_at = fields::optional(fields, "expires_at", expiry);
    let name = errors.collect("name", name);
    let scopes = errors.collect("scopes", scopes);
    let expires_at = errors.collect("expires_at", expires_at);
    match (name, scopes, expires_at) {
        (Some(name), Some(scopes), Some(expires_at)) => Ok(New {
            name,
            scopes,
            expires_at,
        }),
        _ => Err(errors),
    }
}

/// A list of names; in a form, one text with commas between them.
fn scopes(value: &Value) -> Result<Scopes, String> {
    let names: Vec<&str> = match value {
        Value::String(text) => text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect(),
        Value::Array(names) => names
            .iter()
            .map(|name| {
                name.as_str()
                    .ok_or_else(|| format!("\"{name}\" is not a valid choice."))
            })
            .collect::<Result<_, _>>()?,
        _ => return Err("Expected a list of items.".to_owned()),
    };
    Scopes::parse(names).map_err(|invalid| invalid.to_string())
}

fn expiry(value: &Value) -> Result<OffsetDateTime, String> {
    let time = fields::time(value)?;
    if time <= OffsetDateTime::now_utc() {
        return Err("This time has passed already.".to_owned());
    }
    Ok(time)
}
