//! `/api-auth/…`: logging in and out.

mod credentials;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::header,
    web::{Data, Payload},
};
use askama::Template;
use serde::Serialize;
use time::Duration;
use utoipa::{IntoParams, ToSchema};

use super::{
    client::Client,
    negotiate::wants_html,
    openapi::{errors, tags},
    pages, query,
};
use crate::{
    auth::session::SessionId,
    domain::{
        fields,
        user::{User, Username},
    },
    error::ApiError,
    service::Service,
};
use credentials::Credentials;

/// Where a browser lands that did not say where it wanted to go.
const LANDING: &str = "/";

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    next: &'a str,
    username: &'a str,
    error: Option<String>,
}

/// Where to go after the login.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a parameter, which is read by hand")]
pub struct Next {
    /// The path of this site that a browser is sent on to.
    #[param(value_type = String, required = false)]
    next: (),
}

fn next_of(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let next = fields::optional(&query::read(request), "next", fields::string);
    next.map_err(|sentence| ApiError::field("next", sentence))
}

/// What a login sends.
#[derive(ToSchema)]
#[schema(as = Credentials, examples(json!({ "username": "anna", "password": "correct horse battery staple" })))]
#[expect(
    dead_code,
    reason = "describes the body, of which every fault is told at once"
)]
struct CredentialsBody {
    #[schema(min_length = 1)]
    username: String,
    #[schema(min_length = 1)]
    password: String,
    /// The path of this site that a browser is sent on to.
    #[schema(nullable = false)]
    next: Option<String>,
}

/// Who is logged in.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "username": "anna", "account_tier": "Premium" })))]
struct LoggedIn {
    #[schema(value_type = String)]
    username: Username,
    /// The tier's name; null without one.
    #[schema(required = true)]
    account_tier: Option<String>,
}

/// The login page.
///
/// A form, for browsers.
#[utoipa::path(
    get,
    path = "/api-auth/login/",
    operation_id = "login_page",
    tag = tags::LOGIN,
    params(Next),
    responses(
        (status = 200, description = "The page.", body = String, content_type = "text/html; charset=utf-8"),
        (
            status = 400,
            description = "What is wrong with the parameter.",
            body = errors::FieldErrors,
            example = json!({ "next": ["This parameter was given more than once."] })
        ),
    ),
)]
pub async fn form(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let next = next_of(&request)?.unwrap_or_default();
    pages::html(
        HttpResponse::Ok(),
        &LoginPage {
            next: &next,
            username: "",
            error: None,
        },
    )
}

/// Log in.
///
/// Begins a session and sets its cookie. One plain POST is enough: there is no token to fetch first. Programs that do
/// not keep cookies need no login: they send HTTP Basic or an API token with each request.
///
/// After 10 failures in 5 minutes for one account from one network, or 100 from one network, the answer is 429 from
/// there, also for the right password.
#[utoipa::path(
    post,
    path = "/api-auth/login/",
    operation_id = "login",
    tag = tags::LOGIN,
    params(Next),
    request_body(content(
        (CredentialsBody = "application/json"),
        (CredentialsBody = "application/x-www-form-urlencoded"),
        (CredentialsBody = "multipart/form-data")
    )),
    responses(
        (status = 200, description = "Logged in.", body = LoggedIn, headers(("Set-Cookie"))),
        (
            status = 302,
            description = "A browser (`Accept: text/html`) is sent on to `next`, if that is a path of this site, else to `/`.",
            headers(("Set-Cookie"), ("Location"))
        ),
        (
            status = 400,
            description = "What is wrong with the fields, both at once.",
            body = errors::FieldErrors,
            example = json!({ "username": ["This field is required."], "password": ["This field may not be blank."] })
        ),
        errors::BodyParseError,
        errors::AuthenticationFailed,
        errors::CsrfFailed,
        errors::RequestTimeout,
        errors::PayloadTooLarge,
        errors::UnsupportedMediaType,
        errors::Throttled,
        errors::Failures,
    ),
)]
pub async fn log_in(
    request: HttpRequest,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let client = Client::identified(&request, &service.http, &service.proxy_faults);
    client.refuse_forged(&request, &service)?;
    let asked = next_of(&request)?;
    let Credentials {
        username,
        password,
        next,
    } = credentials::read(&request, body).await?;
    let next = next.or(asked).unwrap_or_default();
    let user = match service
        .auth
        .log_in(&username, &password, client.network())
        .await
    {
        Ok(user) => user,
        Err(error) => return refuse(&request, &username, &next, error.into()),
    };
    let answer = if wants_html(&request) {
        pages::see(own_path(&next).unwrap_or(LANDING))
    } else {
        let tier = tier_name(&service, &user).await?;
        HttpResponse::Ok().json(LoggedIn {
            username: user.username.clone(),
            account_tier: tier,
        })
    };
    begin_session(&user, &service, &client, answer).await
}

/// Begins a session, whose cookie this answer brings.
pub(crate) async fn begin_session(
    user: &User,
    service: &Service,
    client: &Client,
    mut answer: HttpResponse,
) -> Result<HttpResponse, ApiError> {
    let id = service.auth.begin_session(user).await?;
    let cookie = id.cookie(Duration::ZERO, client.cookies());
    answer.add_cookie(&cookie).map_err(ApiError::internal)?;
    Ok(answer)
}

/// Log out.
///
/// Ends the session, if there is one, at once, on every node.
#[utoipa::path(
    post,
    path = "/api-auth/logout/",
    operation_id = "logout",
    tag = tags::LOGIN,
    responses(
        (status = 204, description = "Logged out.", headers(("Set-Cookie"))),
        (
            status = 302,
            description = "A browser (`Accept: text/html`) is sent on to `/`.",
            headers(("Set-Cookie"), ("Location"))
        ),
        errors::CsrfFailed,
        errors::Failures,
    ),
)]
pub async fn log_out(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let answer = if wants_html(&request) {
        pages::see(LANDING)
    } else {
        HttpResponse::NoContent().finish()
    };
    end_session(&request, &service, answer).await
}

/// Ends the session, if there is one, and makes the client forget it by this answer.
pub(crate) async fn end_session(
    request: &HttpRequest,
    service: &Service,
    mut answer: HttpResponse,
) -> Result<HttpResponse, ApiError> {
    let client = Client::of(request.head(), &service.http);
    client.refuse_forged(request, service)?;
    if let Some(id) = SessionId::sent_by(request, client.cookies()) {
        service.auth.end_session(&service.caches, &id).await?;
    }
    let removal = SessionId::removal(client.cookies());
    answer.add_cookie(&removal).map_err(ApiError::internal)?;
    Ok(answer)
}

/// A browser sees the form again, with what was wrong and without the password.
fn refuse(
    request: &HttpRequest,
    username: &str,
    next: &str,
    error: ApiError,
) -> Result<HttpResponse, ApiError> {
    if !wants_html(request) {
        return Err(error);
    }
    let page = LoginPage {
        next,
        username,
        error: Some(error.sentence()),
    };
    let page = page.render().map_err(ApiError::internal)?;
    let mut response = error.error_response();
    // A browser would meet the challenge with a window of its own.
    response.headers_mut().remove(header::WWW_AUTHENTICATE);
    let html = header::HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    Ok(response.set_body(page).map_into_boxed_body())
}

async fn tier_name(service: &Service, user: &User) -> Result<Option<String>, ApiError> {
    let Some(id) = user.tier else {
        return Ok(None);
    };
    let tier = service.caches.tier(id).await?;
    Ok(tier.map(|tier| tier.name.to_string()))
}

/// A path of this site, in the only form that no browser takes for another site's.
pub(crate) fn own_path(next: &str) -> Option<&str> {
    let path = next.starts_with('/') && !next.starts_with("//");
    // Browsers read `\` as `/` and pass over control characters (WHATWG URL, 4.4).
    let plain = next
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (path && plain).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_site_is_gone_on_to() {
        for next in ["/", "/admin/", "/api/v1/images/?page_size=5#x", "/a//b"] {
            assert_eq!(own_path(next), Some(next));
        }
        for next in [
            "",
            "admin",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "/ä",
        ] {
            assert_eq!(own_path(next), None, "{next}");
        }
    }
}
