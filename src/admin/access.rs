//! Who gets into the panel.

use actix_web::{
    Error, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
};

use super::{layout::HOME, login::LOGIN, url::Params};
use crate::{auth::identify, http::pages};

/// Middleware: sends whoever is not logged in to the login page. Each page asks itself for what it needs of a role.
pub async fn require_session(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let log_in = |request: &HttpRequest| pages::see_other(&login_for(request));
    identify::require_session(request, next, log_in).await
}

/// The login page that leads back to where somebody wanted to go. Of what was to be changed only the page is left.
fn login_for(request: &HttpRequest) -> String {
    let path = format!("{}/", request.path().trim_end_matches('/'));
    if path == HOME {
        return LOGIN.to_owned();
    }
    let next = match request.query_string() {
        query if request.method() == Method::GET && !query.is_empty() => format!("{path}?{query}"),
        _ => path,
    };
    format!("{LOGIN}{}", Params::default().with("next", &next))
}
