//! `/admin/login/` and `/admin/logout/`.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError,
    http::StatusCode,
    web::{Data, Payload},
};
use askama::Template;

use super::{
    layout::{HOME, Layout},
    posted::Posted,
    url::Params,
};
use crate::{
    auth::LoginError,
    error::ApiError,
    http::{client::Client, login, pages},
    service::Service,
};

/// Where staff log in.
pub const LOGIN: &str = "/admin/login/";

/// Nobody is told which of the three it is.
const WRONG: &str =
    "Enter the right username and password of a staff account. Upper and lower case differ.";

#[derive(Template)]
#[template(path = "admin/login.html")]
struct LoginPage<'a> {
    layout: Layout,
    next: &'a str,
    username: &'a str,
    error: Option<String>,
}

/// `GET /admin/login/`.
pub async fn form(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let params = Params::of(&request);
    pages::html(
        HttpResponse::Ok(),
        &LoginPage {
            layout: Layout::new("Log in", LOGIN, None),
            next: params.get("next"),
            username: "",
            error: None,
        },
    )
}

/// `POST /admin/login/`: as `/api-auth/login/`, with the same throttling, for staff alone.
pub async fn log_in(
    request: HttpRequest,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let client = Client::identified(&request, &service.http, &service.proxy_faults);
    client.refuse_forged(&request, &service)?;
    let posted = Posted::from_request(&request, &mut body.into_inner()).await?;
    let [username, password, next] =
        ["username", "password", "next"].map(|name| posted.get(name).unwrap_or_default());
    let user = service
        .auth
        .log_in(username, password, client.network())
        .await;
    match user {
        Ok(user) if user.role.is_some() => {
            let answer = pages::see_other(login::own_path(next).unwrap_or(HOME));
            login::begin_session(&user, &service, &client, answer).await
        }
        Ok(_) | Err(LoginError::Wrong) => {
            refuse(StatusCode::UNAUTHORIZED, username, next, WRONG.to_owned())
        }
        Err(error) => {
            let error = ApiError::from(error);
            refuse(error.status_code(), username, next, error.sentence())
        }
    }
}

/// `POST /admin/logout/`.
pub async fn log_out(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    login::end_session(&request, &service, pages::see_other(LOGIN)).await
}

/// The form again, with what was wrong and without the password.
fn refuse(
    status: StatusCode,
    username: &str,
    next: &str,
    sentence: String,
) -> Result<HttpResponse, ApiError> {
    let page = LoginPage {
        layout: Layout::new("Log in", LOGIN, None).failed(true),
        next,
        username,
        error: Some(sentence),
    };
    pages::html(HttpResponseBuilder::new(status), &page)
}
