//! Every path of the service.
//!
//! Paths are written without their last `/`; `NormalizePath` takes it off what comes in, for every method.

use actix_web::{
    HttpRequest, HttpResponse, Resource, Route,
    dev::HttpServiceFactory,
    http::{
        Method,
        header::{self, HeaderValue},
    },
    middleware::from_fn,
    web::{self, QueryConfig, ServiceConfig},
};

use super::{health, home, images, links, login, media, pages, upload};
use crate::{auth::identify::require_user, error::ApiError};

/// Adds the paths to the application.
pub fn configure(app: &mut ServiceConfig) {
    app.app_data(QueryConfig::default().error_handler(|error, _| {
        ApiError::parse_error(format!("Query parse error - {error}")).into()
    }))
    .service(open(
        "/api-auth/login",
        vec![get(login::form), post(login::log_in)],
    ))
    .service(open("/api-auth/logout", vec![post(login::log_out)]))
    .service(private("/api/v1/images_upload", vec![post(upload::upload)]))
    .service(private("/api/v1/images/{id}", vec![get(images::get)]))
    .service(open("/api/v1/image", vec![get(links::open)]))
    .service(open("/media/{name}", vec![get(media::get)]))
    .service(open("/healthz", vec![get(health::alive)]))
    .service(open("/readyz", vec![get(health::ready)]))
    .service(open("/static/tierpix.css", vec![get(pages::stylesheet)]))
    .service(open("", vec![get(home::page)]))
    .default_service(web::to(not_found));
}

/// A handler and the methods that it answers.
type Methods = (&'static [Method], Route);

fn get<F, Args>(handler: F) -> Methods
where
    F: actix_web::Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: actix_web::Responder + 'static,
{
    (&[Method::GET, Method::HEAD], web::route().to(handler))
}

fn post<F, Args>(handler: F) -> Methods
where
    F: actix_web::Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: actix_web::Responder + 'static,
{
    (&[Method::POST], web::route().to(handler))
}

/// A path for everyone.
fn open(path: &str, methods: Vec<Methods>) -> Resource {
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

fn one_of(methods: &'static [Method]) -> impl actix_web::guard::Guard {
    actix_web::guard::fn_guard(move |context| methods.contains(&context.head().method))
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
