//! `/api/v1/admin/users/…`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use serde::Serialize;
use time::OffsetDateTime;

use super::created;
use crate::{
    auth::Staff,
    db::users::{
        DeleteUser, EndSessions, FindUsers, GetListedUser, InsertUser, ListedUser, RevokeLinks,
        RevokeTokens, UpdateUser, UserPlace,
    },
    domain::{
        fields::FieldErrors,
        user::{UserChange, UserFields, UserFilter, UserId},
    },
    error::ApiError,
    http::{body, conditional, paging},
    service::Service,
};

#[derive(Serialize)]
struct UserBody {
    id: UserId,
    #[serde(flatten)]
    fields: UserFields,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    last_login_at: Option<OffsetDateTime>,
    usage: UsageBody,
}

#[derive(Serialize)]
struct UsageBody {
    images: i64,
    stored_bytes: i64,
}

impl UserBody {
    fn new(listed: &ListedUser) -> Self {
        Self {
            id: listed.user.id,
            fields: listed.fields(),
            created_at: listed.created_at,
            last_login_at: listed.last_login_at,
            usage: UsageBody {
                images: listed.images,
                stored_bytes: listed.stored_bytes,
            },
        }
    }
}

/// `GET /api/v1/admin/users/`: pages of those that the parameters let through.
pub async fn list(request: HttpRequest, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let fields = paging::query(&request)?;
    let filter = UserFilter::parse(&fields);
    let order = filter
        .as_ref()
        .map_or_else(|_| None, |filter| Some(filter.order));
    let wanted = paging::wanted(&fields, |place: &UserPlace| {
        order.is_none_or(|order| place.is_in(order))
    });
    let (filter, wanted) = FieldErrors::both(filter, wanted)?;
    let order = filter.order;
    let find = FindUsers {
        filter,
        position: wanted.position.clone(),
        size: wanted.size,
    };
    let page = service.db.run(find).await?;
    let results: Vec<_> = page.rows.iter().map(UserBody::new).collect();
    let place = |user: &ListedUser| UserPlace::of(user, order);
    paging::answer(&request, &service, &wanted.position, &page, place, &results)
}

/// `POST /api/v1/admin/users/`.
pub async fn create(
    request: HttpRequest,
    Staff(by): Staff,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let (user, password) = UserFields::parse(&body::fields(&request, body).await?)?;
    let insert = InsertUser {
        by,
        user,
        password_hash: service.auth.hash(password).await?,
    };
    let made = service.db.run(insert).await??;
    let body = UserBody::new(&made);
    created(&request, &service, made.user.id.0, made.version, &body)
}

/// `GET /api/v1/admin/users/<id>/`.
pub async fn get(
    request: HttpRequest,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let user = service.db.run(GetListedUser(user_id(&id)?)).await?;
    let user = user.ok_or_else(ApiError::not_found)?;
    conditional::versioned(&request, user.version, &UserBody::new(&user))
}

/// `PATCH /api/v1/admin/users/<id>/`. A new password and a deactivation end all sessions.
pub async fn change(
    request: HttpRequest,
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    let (change, password) = UserChange::parse(&body::fields(&request, body).await?)?;
    let update = UpdateUser {
        by,
        id,
        version: conditional::for_version(&request),
        change,
        password_hash: match password {
            Some(password) => Some(service.auth.hash(password).await?),
            None => None,
        },
    };
    let user = service.db.run(update).await??;
    service.caches.forget_user(id).await;
    conditional::changed(StatusCode::OK, user.version, &UserBody::new(&user))
}

/// `DELETE /api/v1/admin/users/<id>/`: the rows at once, with all images and links; then the files.
pub async fn delete(
    request: HttpRequest,
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    let delete = DeleteUser {
        by,
        id,
        version: conditional::for_version(&request),
    };
    let images = service.db.run(delete).await??;
    service.caches.forget_user(id).await;
    service.remove_images(images).await;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /api/v1/admin/users/<id>/end-sessions/`.
pub async fn end_sessions(
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    service.db.run(EndSessions { by, id }).await??;
    service.caches.forget_user(id).await;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /api/v1/admin/users/<id>/revoke-tokens/`.
pub async fn revoke_tokens(
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    for digest in service.db.run(RevokeTokens { by, id }).await?? {
        service.caches.forget_token(&digest).await;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /api/v1/admin/users/<id>/revoke-links/`.
pub async fn revoke_links(
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    for link in service.db.run(RevokeLinks { by, id }).await?? {
        service.caches.forget_link(link).await;
    }
    Ok(HttpResponse::NoContent().finish())
}

fn user_id(text: &str) -> Result<UserId, ApiError> {
    text.parse().map(UserId).map_err(|_| ApiError::not_found())
}
