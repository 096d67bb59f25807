//! `/`: where a browser lands.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::pages;
use crate::{auth::identify, error::ApiError, service::Service};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    username: Option<String>,
    tier: Option<String>,
    expiring_links: bool,
    docs: bool,
}

/// Who you are, and a form to upload a picture.
pub async fn page(request: HttpRequest, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let user = identify::by_cookie(&request, &service).await?;
    let tier = match user.as_ref().and_then(|user| user.tier) {
        Some(tier) => service.caches.tier(tier).await?,
        None => None,
    };
    let page = HomePage {
        username: user.map(|user| user.username.to_string()),
        tier: tier.as_ref().map(|tier| tier.name.to_string()),
        expiring_links: tier.is_some_and(|tier| tier.expiring_links),
        docs: service.http.docs,
    };
    pages::html(HttpResponse::Ok(), &page)
}
