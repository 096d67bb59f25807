//! The description of the API (OpenAPI 3.1), made from what stands at the handlers.

mod complete;
pub mod errors;
mod headers;
pub mod pictures;
pub mod tags;

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde_json::{Value, json};
use utoipa::{
    OpenApi,
    openapi::{AllOfBuilder, ObjectBuilder, Ref, RefOr, Schema},
};

use super::{
    account, admin, client::Client, docs, health, image_links, images, links, login, media,
    metrics, tokens, upload,
};
use crate::{error::ApiError, service::Service};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "tierpix",
        description = include_str!("openapi/introduction.md"),
        license(name = "MIT", identifier = "MIT")
    ),
    paths(
        login::form,
        login::log_in,
        login::log_out,
        upload::upload,
        images::pages::list,
        images::get,
        images::delete,
        image_links::create,
        image_links::list,
        image_links::revoke,
        links::open,
        media::get,
        account::me,
        tokens::create,
        tokens::list,
        tokens::delete,
        admin::tiers::list,
        admin::tiers::create,
        admin::tiers::get,
        admin::tiers::change,
        admin::tiers::delete,
        admin::users::list,
        admin::users::create,
        admin::users::get,
        admin::users::change,
        admin::users::delete,
        admin::users::end_sessions,
        admin::users::unlock,
        admin::users::revoke_tokens,
        admin::users::revoke_links,
        admin::images::list,
        admin::images::get,
        admin::images::delete,
        admin::audit::list,
        schema,
        docs::show,
        health::alive,
        health::ready,
        metrics::show,
    ),
    components(schemas(errors::Error, errors::FieldErrors)),
    tags(
        (name = tags::LOGIN, description = "One plain POST with a username and a password. Scripts need no session: \
            they send HTTP Basic or a token with each request."),
        (name = tags::UPLOAD, description = "From a picture to its thumbnails."),
        (name = tags::IMAGES, description = "The account's images; another account's are 404."),
        (name = tags::LINKS, description = "Links to one size of an image that expire, are counted, and can be revoked."),
        (name = tags::PICTURES, description = "What the URLs open, for everyone who has them."),
        (name = tags::ACCOUNT, description = "What the account may do and has used, and its API tokens."),
        (name = tags::ADMIN_TIERS, description = "What accounts may do. For staff, by a password or a session; no token \
            is good for it. A change can be bound by `If-Match` to the state that was looked at."),
        (name = tags::ADMIN_USERS, description = "Accounts, for staff. Only superusers change staff."),
        (name = tags::ADMIN_IMAGES, description = "Everybody's images, for staff."),
        (name = tags::ADMIN_AUDIT, description = "Who changed what, from what to what, for staff."),
        (name = tags::SERVICE, description = "This description, and what whoever watches over the service asks."),
    )
)]
struct Operations;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = json!(Operations::openapi());
    complete::complete(&mut document);
    document
});

/// A body as another one of this name, in which some fields cannot be left out.
pub fn with_required<const N: usize>(name: &str, required: [&str; N]) -> RefOr<Schema> {
    let required = required
        .into_iter()
        .fold(ObjectBuilder::new(), ObjectBuilder::required);
    AllOfBuilder::new()
        .item(Ref::from_schema_name(name))
        .item(required)
        .into()
}

/// The description, without the address of a server.
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// This description
///
/// OpenAPI 3.1, in JSON.
#[utoipa::path(
    get,
    path = "/api/schema/",
    operation_id = "schema",
    tag = tags::SERVICE,
    responses((status = 200, description = "The document.", body = Object), errors::NotFound),
)]
pub async fn schema(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    refuse_if_closed(&service)?;
    let base_url = Client::of(request.head(), &service.http).base_url(&service.http);
    let mut document = document().clone();
    document["servers"] = json!([{ "url": base_url }]);
    Ok(HttpResponse::Ok().json(document))
}

/// 404 where the operator shows the description to nobody.
pub fn refuse_if_closed(service: &Service) -> Result<(), ApiError> {
    if service.http.docs {
        Ok(())
    } else {
        Err(ApiError::not_found())
    }
}
