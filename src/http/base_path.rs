//! A service that lies below a path of its host: `TIERPIX_PUBLIC_URL=https://example.org/pictures`.
//!
//! Inside, every path is written as if the service lay at the root. Here, and nowhere else, the path is taken off what comes
//! in and added to what goes out, so that a new page cannot forget it. It may be missing already: some proxies take it off.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Uri,
        header::{self, HeaderValue},
        uri::PathAndQuery,
    },
    middleware::Next,
    web::Data,
};

use crate::{error::ApiError, service::Service};

/// The attributes by which pages name paths.
const ATTRIBUTES: [&str; 5] = ["action", "data-path", "formaction", "href", "src"];

/// Middleware.
pub async fn lie_below(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let service = request.app_data::<Data<Service>>().cloned();
    let base = service
        .as_ref()
        .map_or("", |service| service.http.base_path());
    if base.is_empty() {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    take_off(base, &mut request);
    let mut response = next.call(request).await?.map_into_boxed_body();
    let headers = response.headers_mut();
    let location = headers
        .get(header::LOCATION)
        .and_then(|value| value.to_str().ok());
    if let Some(location) = location.and_then(|path| added(base, path)) {
        let location = HeaderValue::try_from(location).map_err(ApiError::internal)?;
        headers.insert(header::LOCATION, location);
    }
    let content_type = headers.get(header::CONTENT_TYPE);
    if content_type.is_none_or(|value| !value.as_bytes().starts_with(b"text/html")) {
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = to_bytes(body).await;
    let body = body.map_err(|error| ApiError::internal(error.to_string()))?;
    let page = with_links_below(base, &String::from_utf8_lossy(&body));
    let response = response.set_body(page).map_into_boxed_body();
    Ok(ServiceResponse::new(request, response))
}

/// Takes the path off a request's. What only means something as it stands came without it.
fn take_off(base: &str, request: &mut ServiceRequest) {
    let Some(rest) = below(base, request.path()) else {
        return;
    };
    let is_known = |path: &str| {
        let path = path.trim_end_matches('/');
        let path = if path.is_empty() { "/" } else { path };
        request.resource_map().has_resource(path)
    };
    if !is_known(rest) && is_known(request.path()) {
        return;
    }
    let query = request.uri().query().map(|query| format!("?{query}"));
    let path_and_query = format!("{rest}{}", query.unwrap_or_default());
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(path_and_query).ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
}

/// What follows the base, beginning with a slash.
fn below<'a>(base: &str, path: &'a str) -> Option<&'a str> {
    match path.strip_prefix(base)? {
        "" => Some("/"),
        rest => rest.starts_with('/').then_some(rest),
    }
}

/// A path of this host with the base; `None` if it has it already, or is a whole URL.
fn added(base: &str, path: &str) -> Option<String> {
    let is_ours = path.starts_with('/') && !path.starts_with("//");
    (is_ours && below(base, path).is_none()).then(|| format!("{base}{path}"))
}

/// A page whose links lie below the base. In texts and in values of other attributes quotation marks are escaped.
fn with_links_below(base: &str, page: &str) -> String {
    let mut changed = String::with_capacity(page.len() + page.len() / 16);
    let mut rest = page;
    while let Some(at) = rest.find("=\"/") {
        let (before, after) = rest.split_at(at);
        let name = before.rsplit(|c: char| c.is_whitespace()).next();
        changed.push_str(before);
        changed.push_str("=\"");
        if name.is_some_and(|name| ATTRIBUTES.contains(&name)) {
            changed.push_str(base);
        }
        rest = &after[2..];
    }
    changed + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_below_the_base_or_is_not() {
        assert_eq!(below("/pics", "/pics"), Some("/"));
        assert_eq!(below("/pics", "/pics/"), Some("/"));
        assert_eq!(below("/pics", "/pics/admin/"), Some("/admin/"));
        for path in ["/", "/admin/", "/picsx", "/a/pics/"] {
            assert_eq!(below("/pics", path), None, "{path}");
        }
    }

    #[test]
    fn the_base_is_added_once_and_to_paths_alone() {
        assert_eq!(added("/pics", "/admin/").as_deref(), Some("/pics/admin/"));
        for path in ["/pics/admin/", "https://a/b", "//a/b", "a"] {
            assert_eq!(added("/pics", path), None, "{path}");
        }
    }

    #[test]
    fn the_links_of_a_page_get_the_base_and_nothing_else_does() {
        let page = "<a href=\"/a/\" class=\"x\">href=&#34;/b</a><img src=\"/c\"><form\n action=\"/d\">\
            <input value=\"/e\"><a href=\"https://x/f\"><a href=\"?g\"><i data-path=\"/h\">ä";
        let expected = "<a href=\"/p/a/\" class=\"x\">href=&#34;/b</a><img src=\"/p/c\"><form\n action=\"/p/d\">\
            <input value=\"/e\"><a href=\"https://x/f\"><a href=\"?g\"><i data-path=\"/p/h\">ä";
        assert_eq!(with_links_below("/p", page), expected);
    }
}
