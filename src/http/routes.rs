//! Every path of the service.
//!
//! Paths are written without their last `/`; `NormalizePath` takes it off what comes in, for every method.

use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route,
    dev::HttpServiceFactory,
    guard::{Guard, fn_guard},
    http::{
        Method,
        header::{self, HeaderValue},
    },
    middleware::from_fn,
    web::{self, QueryConfig, ServiceConfig},
};

use super::{
    account, admin, health, home, image_links, images, links, login, media, pages, tokens, upload,
};
use crate::{
    auth::identify::{Need, require, require_user},
    domain::{staff::Power, token::Scope},
    error::ApiError,
};

const UPLOAD: Need = Need::Scope(Scope::Upload);
const READ: Need = Need::Scope(Scope::Read);
const DELETE: Need = Need::Scope(Scope::Delete);
const LINKS: Need = Need::Scope(Scope::Links);
const LOOK: Need = Need::Staff(Power::Look);
const MANAGE_USERS: Need = Need::Staff(Power::ManageUsers);
const MANAGE_SERVICE: Need = Need::Staff(Power::ManageService);

/// Adds the paths to the application.
pub fn configure(app: &mut ServiceConfig) {
    app.app_data(QueryConfig::default().error_handler(|error, _| {
        ApiError::parse_error(format!("Query parse error - {error}")).into()
    }));
    app.service(open(
        "/api-auth/login",
        vec![get(login::form), post(login::log_in)],
    ))
    .service(open("/api-auth/logout", vec![post(login::log_out)]))
    .service(open("/api/v1/image", vec![get(links::open)]))
    .service(open("/media/{name}", vec![get(media::get)]))
    .service(open("/healthz", vec![get(health::alive)]))
    .service(open("/readyz", vec![get(health::ready)]))
    .service(open("/static/tierpix.css", vec![get(pages::stylesheet)]))
    .service(open(
        "/static/admin.css",
        vec![get(pages::admin_stylesheet)],
    ))
    .service(open("/static/admin.js", vec![get(pages::admin_script)]))
    .service(open("/", vec![get(home::page)]));
    app.service(private(
        "/api/v1/images_upload",
        vec![needs(UPLOAD, post(upload::upload))],
    ))
    .service(private(
        "/api/v1/images",
        vec![needs(READ, get(images::list))],
    ))
    .service(private(
        "/api/v1/images/{id}",
        vec![
            needs(READ, get(images::get)),
            needs(DELETE, delete(images::delete)),
        ],
    ))
    .service(private(
        "/api/v1/images/{id}/links",
        vec![
            needs(READ, get(image_links::list)),
            needs(LINKS, post(image_links::create)),
        ],
    ))
    .service(private(
        "/api/v1/images/{id}/links/{link}",
        vec![needs(LINKS, delete(image_links::revoke))],
    ))
    .service(private("/api/v1/me", vec![needs(READ, get(account::me))]))
    .service(private(
        "/api/v1/tokens",
        vec![
            needs(Need::NoToken, get(tokens::list)),
            needs(Need::NoToken, post(tokens::create)),
        ],
    ))
    .service(private(
        "/api/v1/tokens/{id}",
        vec![needs(Need::NoToken, delete(tokens::delete))],
    ))
    .configure(configure_admin)
    .configure(crate::admin::routes::configure)
    .default_service(web::to(not_found));
}

fn configure_admin(app: &mut ServiceConfig) {
    app.service(private(
        "/api/v1/admin/tiers",
        vec![
            needs(LOOK, get(admin::tiers::list)),
            needs(MANAGE_SERVICE, post(admin::tiers::create)),
        ],
    ))
    .service(private(
        "/api/v1/admin/tiers/{id}",
        vec![
            needs(LOOK, get(admin::tiers::get)),
            needs(MANAGE_SERVICE, patch(admin::tiers::change)),
            needs(MANAGE_SERVICE, delete(admin::tiers::delete)),
        ],
    ))
    .service(private(
        "/api/v1/admin/users",
        vec![
            needs(LOOK, get(admin::users::list)),
            needs(MANAGE_USERS, post(admin::users::create)),
        ],
    ))
    .service(private(
        "/api/v1/admin/users/{id}",
        vec![
            needs(LOOK, get(admin::users::get)),
            needs(MANAGE_USERS, patch(admin::users::change)),
            needs(MANAGE_USERS, delete(admin::users::delete)),
        ],
    ))
    .service(private(
        "/api/v1/admin/users/{id}/end-sessions",
        vec![needs(MANAGE_USERS, post(admin::users::end_sessions))],
    ))
    .service(private(
        "/api/v1/admin/users/{id}/revoke-tokens",
        vec![needs(MANAGE_USERS, post(admin::users::revoke_tokens))],
    ))
    .service(private(
        "/api/v1/admin/users/{id}/revoke-links",
        vec![needs(MANAGE_USERS, post(admin::users::revoke_links))],
    ))
    .service(private(
        "/api/v1/admin/images",
        vec![needs(LOOK, get(admin::images::list))],
    ))
    .service(private(
        "/api/v1/admin/images/{id}",
        vec![
            needs(LOOK, get(admin::images::get)),
            needs(MANAGE_USERS, delete(admin::images::delete)),
        ],
    ))
    .service(private(
        "/api/v1/admin/audit",
        vec![needs(LOOK, get(admin::audit::list))],
    ));
}

/// A handler and the methods that it answers.
pub(crate) type Methods = (&'static [Method], Route);

pub(crate) fn get<F, Args>(handler: F) -> Methods
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    (&[Method::GET, Method::HEAD], web::route().to(handler))
}

pub(crate) fn post<F, Args>(handler: F) -> Methods
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    (&[Method::POST], web::route().to(handler))
}

fn patch<F, Args>(handler: F) -> Methods
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    (&[Method::PATCH], web::route().to(handler))
}

fn delete<F, Args>(handler: F) -> Methods
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    (&[Method::DELETE], web::route().to(handler))
}

/// A handler that not every token may use.
pub(crate) fn needs(need: Need, (methods, route): Methods) -> Methods {
    let route = route.wrap(from_fn(move |request, next| require(need, request, next)));
    (methods, route)
}

/// A path for everyone.
pub(crate) fn open(path: &str, methods: Vec<Methods>) -> Resource {
    let allowed: Vec<&str> = methods
        .iter()
        .flat_map(|(methods, _)| methods.iter().map(Method::as_str))
        .chain([Method::OPTIONS.as_str()])
        .collect();
    let allowed = allowed.join(", ");
    let resource = methods
        .into_iter()
        .fold(web::resource(path), |resource, (methods, route)| {
            resource.route(route.guard(one_of(methods)))
        });
    resource.default_service(web::to(move |request: HttpRequest| {
        let allowed = allowed.clone();
        async move { other_method(&request, &allowed) }
    }))
}

/// A path for those who have said who they are: that is settled before the method.
fn private(path: &str, methods: Vec<Methods>) -> impl HttpServiceFactory + 'static {
    open(path, methods).wrap(from_fn(require_user))
}

fn one_of(methods: &'static [Method]) -> impl Guard {
    fn_guard(move |context| methods.contains(&context.head().method))
}

/// `OPTIONS` is told the methods (RFC 9110, section 9.3.7), any other gets 405.
fn other_method(request: &HttpRequest, allowed: &str) -> Result<HttpResponse, ApiError> {
    let value = HeaderValue::from_str(allowed).map_err(ApiError::internal)?;
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent()
            .insert_header((header::ALLOW, value))
            .finish());
    }
    Err(ApiError::method_not_allowed(
        request.method().as_str(),
        value,
    ))
}

async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::not_found())
}
