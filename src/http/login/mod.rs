//! `/api-auth/…`: logging in and out.

mod credentials;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::header,
    web::{Data, Payload, Query},
};
use askama::Template;
use serde::Deserialize;
use serde_json::json;
use time::Duration;

use super::{client::Client, negotiate::wants_html, pages};
use crate::{
    auth::session::{self, SessionId},
    domain::user::User,
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
#[derive(Deserialize)]
pub struct Next {
    next: Option<String>,
}

/// `GET /api-auth/login/`.
pub async fn form(query: Query<Next>) -> Result<HttpResponse, ApiError> {
    let next = query.next.as_deref().unwrap_or_default();
    pages::html(
        HttpResponse::Ok(),
        &LoginPage {
            next,
            username: "",
            error: None,
        },
    )
}

/// `POST /api-auth/login/`. A browser is sent on, a program gets JSON; both get the session's cookie.
pub async fn log_in(
    request: HttpRequest,
    query: Query<Next>,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let client = Client::of(&request, &service.http);
    client.refuse_forged(&request, &service.http)?;
    let Credentials {
        username,
        password,
        next,
    } = credentials::read(&request, body).await?;
    let next = next.or(query.into_inner().next).unwrap_or_default();
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
        HttpResponse::Ok().json(json!({ "username": user.username, "account_tier": tier }))
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
    let cookie = id.cookie(Duration::ZERO, client.is_secure());
    answer.add_cookie(&cookie).map_err(ApiError::internal)?;
    Ok(answer)
}

/// `POST /api-auth/logout/`. Ends the session, if there is one.
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
    let client = Client::of(request, &service.http);
    client.refuse_forged(request, &service.http)?;
    if let Some(cookie) = request.cookie(session::COOKIE) {
        service
            .auth
            .end_session(&service.caches, &SessionId::from_cookie(&cookie))
            .await?;
    }
    let removal = SessionId::removal(client.is_secure());
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
