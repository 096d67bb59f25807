//! `/api/v1/admin/users/…`.

mod body;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};

use super::created;
use crate::{
    auth::Staff,
    db::users::{
        DeleteUser, EndSessions, FindUsers, GetListedUser, InsertUser, ListedUser, RevokeLinks,
        RevokeTokens, UnlockUser, UpdateUser, UserPlace,
    },
    domain::{
        fields::FieldErrors,
        user::{UserChange, UserFields, UserFilter, UserId},
    },
    error::ApiError,
    http::{
        body::fields,
        conditional,
        openapi::{errors, tags},
        paging, query,
    },
    service::Service,
};
use body::{NewUserBody, UserBody, UserChangeBody, UserPage, UserQuery};

/// Users.
///
/// Pages of those whom the parameters let through.
#[utoipa::path(
    get,
    path = "/api/v1/admin/users/",
    operation_id = "admin_users_list",
    tag = tags::ADMIN_USERS,
    params(UserQuery, paging::PageQuery),
    responses(
        (status = 200, description = "A page.", body = UserPage),
        (
            status = 400,
            description = "What is wrong with the parameters, all at once.",
            body = errors::FieldErrors,
            example = json!({ "role": ["\"root\" is not a valid choice."] })
        ),
    ),
)]
pub async fn list(request: HttpRequest, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let fields = query::read(&request);
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

/// Make a user.
///
/// Only superusers make staff.
#[utoipa::path(
    post,
    path = "/api/v1/admin/users/",
    operation_id = "admin_users_create",
    tag = tags::ADMIN_USERS,
    request_body = NewUserBody,
    responses(
        (status = 201, description = "The user.", body = UserBody, headers(("Location"), ("ETag"), ("Cache-Control"))),
        (
            status = 400,
            description = "What is wrong with the fields, all at once.",
            body = errors::FieldErrors,
            example = json!({
                "username": ["A user with that username already exists."],
                "password": ["A password has at least 8 characters."]
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
    Staff(by): Staff,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let (user, password) = UserFields::parse(&fields(&request, body).await?)?;
    let insert = InsertUser {
        by,
        user,
        password_hash: service.auth.hash(password).await?,
    };
    let made = service.ops.make(insert).await??;
    let body = UserBody::new(&made);
    created(&request, &service, made.user.id.0, made.version, &body)
}

/// One user.
#[utoipa::path(
    get,
    path = "/api/v1/admin/users/{id}/",
    operation_id = "admin_users_get",
    tag = tags::ADMIN_USERS,
    params(("id" = i64, Path, description = "The user."), conditional::IfNoneMatchHeader, conditional::IfMatchHeader),
    responses(
        (status = 200, description = "The user.", body = UserBody, headers(("ETag"), ("Cache-Control"))),
        (status = 304, description = "The client has it as it is.", headers(("ETag"), ("Cache-Control"))),
        errors::NotFound,
        errors::PreconditionFailed,
    ),
)]
pub async fn get(
    request: HttpRequest,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let user = service.db.run(GetListedUser(user_id(&id)?)).await?;
    let user = user.ok_or_else(ApiError::not_found)?;
    conditional::versioned(&request, user.version, &UserBody::new(&user))
}

/// Change a user.
///
/// A new password and a deactivation end all sessions, at once, on every node. Only superusers change staff.
#[utoipa::path(
    patch,
    path = "/api/v1/admin/users/{id}/",
    operation_id = "admin_users_change",
    tag = tags::ADMIN_USERS,
    params(("id" = i64, Path, description = "The user."), conditional::IfMatchHeader),
    request_body = UserChangeBody,
    responses(
        (status = 200, description = "The user as it is now.", body = UserBody, headers(("ETag"), ("Cache-Control"))),
        (
            status = 400,
            description = "What is wrong with the fields, all at once.",
            body = errors::FieldErrors,
            example = json!({ "tier": ["Object with name=Gold does not exist."] })
        ),
        errors::BodyParseError,
        errors::NotFound,
        errors::LastSuperuser,
        errors::PreconditionFailed,
        errors::RequestTimeout,
        errors::PayloadTooLarge,
        errors::UnsupportedMediaType,
    ),
)]
pub async fn change(
    request: HttpRequest,
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    let (change, password) = UserChange::parse(&fields(&request, body).await?)?;
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
    let user = service.ops.make(update).await??;
    conditional::changed(StatusCode::OK, user.version, &UserBody::new(&user))
}

/// Delete a user.
///
/// With all images, files, URLs and links.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/users/{id}/",
    operation_id = "admin_users_delete",
    tag = tags::ADMIN_USERS,
    params(("id" = i64, Path, description = "The user."), conditional::IfMatchHeader),
    responses(
        (status = 204, description = "The user is gone."),
        errors::NotFound,
        errors::LastSuperuser,
        errors::PreconditionFailed,
    ),
)]
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
    // The rows at once, the files after.
    service.ops.make(delete).await??;
    Ok(HttpResponse::NoContent().finish())
}

/// End a user's sessions.
///
/// The password and the tokens stay good.
#[utoipa::path(
    post,
    path = "/api/v1/admin/users/{id}/end-sessions/",
    operation_id = "admin_users_end_sessions",
    tag = tags::ADMIN_USERS,
    params(("id" = i64, Path, description = "The user.")),
    responses((status = 204, description = "They are ended, on every node."), errors::NotFound),
)]
pub async fn end_sessions(
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    service.ops.make(EndSessions { by, id }).await??;
    Ok(HttpResponse::NoContent().finish())
}

/// Let a user log in again who is shut out.
///
/// After ten failed logins an account is closed for up to five minutes to the network that they came from. A new password opens it
/// as well.
#[utoipa::path(
    post,
    path = "/api/v1/admin/users/{id}/unlock/",
    operation_id = "admin_users_unlock",
    tag = tags::ADMIN_USERS,
    params(("id" = i64, Path, description = "The user.")),
    responses((status = 204, description = "The user may try again, on every node."), errors::NotFound),
)]
pub async fn unlock(
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    service.ops.make(UnlockUser { by, id }).await??;
    Ok(HttpResponse::NoContent().finish())
}

/// Revoke a user's tokens.
///
/// Sessions go on.
#[utoipa::path(
    post,
    path = "/api/v1/admin/users/{id}/revoke-tokens/",
    operation_id = "admin_users_revoke_tokens",
    tag = tags::ADMIN_USERS,
    params(("id" = i64, Path, description = "The user.")),
    responses((status = 204, description = "None is good for anything any more."), errors::NotFound),
)]
pub async fn revoke_tokens(
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    service.ops.make(RevokeTokens { by, id }).await??;
    Ok(HttpResponse::NoContent().finish())
}

/// Revoke the links to a user's images.
#[utoipa::path(
    post,
    path = "/api/v1/admin/users/{id}/revoke-links/",
    operation_id = "admin_users_revoke_links",
    tag = tags::ADMIN_USERS,
    params(("id" = i64, Path, description = "The user.")),
    responses((status = 204, description = "None opens any more."), errors::NotFound),
)]
pub async fn revoke_links(
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    service.ops.make(RevokeLinks { by, id }).await??;
    Ok(HttpResponse::NoContent().finish())
}

fn user_id(text: &str) -> Result<UserId, ApiError> {
    text.parse().map(UserId).map_err(|_| ApiError::not_found())
}
