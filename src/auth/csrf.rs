//! Requests that another site makes a browser send.

use actix_web::http::{
    Method,
    header::{self, HeaderMap, HeaderValue},
};

use crate::domain::origin::Origin;

/// Whether a browser sends this on behalf of another site: then the cookie that comes with it counts for
/// nothing. `own_origins` are this site's.
///
/// Browsers tell by `Sec-Fetch-Site` (Fetch Metadata, section 2.3), older ones by `Origin` (RFC 6454,
/// section 7). Who sends neither is no browser.
pub fn is_forged(method: &Method, headers: &HeaderMap, own_origins: &[Origin]) -> bool {
    if method.is_safe() {
        return false;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return !(site == "same-origin" || site == "none");
    }
    headers
        .get(header::ORIGIN)
        .is_some_and(|origin| !is_own(origin, own_origins))
}

fn is_own(origin: &HeaderValue, own_origins: &[Origin]) -> bool {
    let origin = origin.to_str().ok().and_then(|text| text.parse().ok());
    origin.is_some_and(|origin| own_origins.contains(&origin))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;

    use super::*;

    fn forged(method: Method, name: &'static str, value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
        let own = ["https://pics.example.org", "http://127.0.0.1:8000"];
        is_forged(&method, &headers, &own.map(|own| own.parse().unwrap()))
    }

    #[test]
    fn what_the_browser_says_of_the_site_decides() {
        assert!(forged(Method::POST, "sec-fetch-site", "cross-site"));
        assert!(forged(Method::DELETE, "sec-fetch-site", "same-site"));
        assert!(forged(Method::POST, "sec-fetch-site", "something-new"));
        assert!(!forged(Method::POST, "sec-fetch-site", "same-origin"));
        assert!(!forged(Method::POST, "sec-fetch-site", "none"));
    }

    #[test]
    fn without_it_the_origin_must_be_ours() {
        assert!(!forged(Method::POST, "origin", "https://pics.example.org"));
        assert!(!forged(Method::POST, "origin", "http://127.0.0.1:8000"));
        let with_port = "https://Pics.example.org:443";
        assert!(!forged(Method::POST, "origin", with_port));
        assert!(forged(Method::POST, "origin", "http://pics.example.org"));
        assert!(forged(Method::POST, "origin", "https://evil.example"));
        assert!(forged(Method::POST, "origin", "null"));
    }

    #[test]
    fn who_sends_neither_is_no_browser() {
        assert!(!is_forged(&Method::POST, &HeaderMap::new(), &[]));
    }

    #[test]
    fn reading_is_never_forged() {
        assert!(!forged(Method::GET, "sec-fetch-site", "cross-site"));
    }
}
