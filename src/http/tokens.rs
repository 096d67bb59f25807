//! `/api/v1/tokens/`: an account's API tokens. Only a password or a session manages them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path, Payload},
};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body,
    openapi::{errors, tags},
};
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

/// An API token.
#[derive(Serialize, ToSchema)]
#[schema(as = Token, examples(json!({
    "id": "f1c1b2de-9a4e-4c39-8a53-3a1d7f0c8f20",
    "name": "phone",
    "scopes": ["upload", "read"],
    "created_at": "2026-11-23T12:00:00.000Z",
    "expires_at": null,
    "last_used_at": null,
    "key": "tpx_q5fYw7TnXb0nJ1l0W2vA8gq5fYw7TnXb0nJ1l0W2vA8"
})))]
struct TokenBody {
    /// Its id. Knowing it gives access to nothing.
    #[schema(value_type = Uuid)]
    id: TokenId,
    /// What its owner calls it.
    #[schema(value_type = String)]
    name: TokenName,
    /// What it is good for.
    #[schema(value_type = Vec<ScopeName>)]
    scopes: Scopes,
    /// When it was made.
    #[serde(serialize_with = "crate::domain::timestamp::serialize")]
    created_at: OffsetDateTime,
    /// From when on it is good for nothing; null: it does not expire.
    #[serde(serialize_with = "crate::domain::timestamp::serialize_option")]
    #[schema(required = true)]
    expires_at: Option<OffsetDateTime>,
    /// When it was last used, to within 10 minutes.
    #[serde(serialize_with = "crate::domain::timestamp::serialize_option")]
    #[schema(required = true)]
    last_used_at: Option<OffsetDateTime>,
    /// The token itself. Only the answer that made it has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    key: Option<String>,
}

/// `upload`: uploading. `read`: lists, details, the account, the lists of links. `delete`: deleting images. `links`: making
/// and revoking links.
#[derive(ToSchema)]
#[schema(as = Scope, rename_all = "lowercase")]
#[expect(dead_code, reason = "describes how a Scope is written")]
enum ScopeName {
    Upload,
    Read,
    Delete,
    Links,
}

/// The account's tokens.
#[derive(Serialize, ToSchema)]
struct Tokens {
    /// All of them, without their keys.
    results: Vec<TokenBody>,
}

/// What makes a token.
#[derive(ToSchema)]
#[schema(as = NewToken, examples(json!({ "name": "phone", "scopes": ["upload", "read"] })))]
#[expect(
    dead_code,
    reason = "describes the body, of which every fault is told at once"
)]
struct NewTokenBody {
    /// What its owner calls it: no control characters, not only blanks.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it is good for.
    #[schema(min_items = 1)]
    scopes: Vec<ScopeName>,
    /// From when on it is good for nothing: in the future. Left out: it does not expire.
    expires_at: Option<OffsetDateTime>,
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

/// The account's tokens.
///
/// Without their keys.
#[utoipa::path(
    get,
    path = "/api/v1/tokens/",
    operation_id = "tokens_list",
    tag = tags::ACCOUNT,
    responses((status = 200, description = "The tokens.", body = Tokens)),
)]
pub async fn list(who: CurrentUser, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let tokens = service.db.run(ListTokens(who.user.id)).await?;
    let results = tokens
        .into_iter()
        .map(|token| TokenBody::new(token, None))
        .collect();
    Ok(HttpResponse::Ok().json(Tokens { results }))
}

/// Make a token.
///
/// This answer, and no other, has its `key`. It can be asked for in JSON or as a form, then with commas between the
/// scopes. Only a password or a session manages tokens.
#[utoipa::path(
    post,
    path = "/api/v1/tokens/",
    operation_id = "tokens_create",
    tag = tags::ACCOUNT,
    request_body = NewTokenBody,
    responses(
        (status = 201, description = "The token, with its key.", body = TokenBody, headers(("Cache-Control"))),
        (
            status = 400,
            description = "What is wrong with the fields, all at once.",
            body = errors::FieldErrors,
            example = json!({
                "name": ["This field is required."],
                "scopes": ["\"admin\" is not a valid choice."]
            })
        ),
        errors::BodyParseError,
        errors::RequestTimeout,
        errors::PayloadTooLarge,
        errors::UnsupportedMediaType,
    ),
)]
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

/// Delete a token.
///
/// It is good for nothing any more, at once, on every node.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}/",
    operation_id = "tokens_delete",
    tag = tags::ACCOUNT,
    params(("id" = Uuid, Path, description = "The token.")),
    responses((status = 204, description = "It is gone."), errors::NotFound),
)]
pub async fn delete(
    who: CurrentUser,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = Uuid::try_parse(&id)
        .map(TokenId)
        .map_err(|_| ApiError::not_found())?;
    if !service.ops.run(DeleteToken(who.user.id, id)).await? {
        return Err(ApiError::not_found());
    }
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
