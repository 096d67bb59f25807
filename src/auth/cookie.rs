//! Cookies: which requests bring them, and what they bring.

use actix_web::{
    cookie::{Cookie, SameSite, time::Duration},
    http::header::{self, HeaderMap},
};

/// Where a browser sends our cookies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieScope {
    /// Over https alone.
    pub secure: bool,
    /// Below this path; empty for all of the host.
    pub below: String,
}

impl CookieScope {
    /// A cookie for a part of what is in this scope; `""` is all of it.
    pub fn cookie(
        &self,
        name: &'static str,
        value: String,
        path: &str,
        age: Duration,
    ) -> Cookie<'static> {
        let path = match format!("{}{path}", self.below) {
            empty if empty.is_empty() => "/".to_owned(),
            path => path,
        };
        Cookie::build(name, value)
            .path(path)
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .max_age(age)
            .finish()
    }
}

/// The value of a request's cookie; the first, if there are several. What else is sent may be anything: of another service on
/// this host, in an encoding of its own.
pub fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .find_map(|pair| {
            let value = pair.trim_ascii().strip_prefix(name.as_bytes())?;
            let value = std::str::from_utf8(value.strip_prefix(b"=")?).ok()?;
            let inner = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'));
            Some(inner.unwrap_or(value).to_owned())
        })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_is_found_among_whatever_else_is_sent() {
        let mut headers = HeaderMap::new();
        for line in [
            &b"a=\xFC; sessionid2=x;b"[..],
            b"c=1;  sessionid=abc ; sessionid=d",
            b"q=\"e\"",
        ] {
            headers.append(header::COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        assert_eq!(value(&headers, "sessionid").as_deref(), Some("abc"));
        assert_eq!(value(&headers, "q").as_deref(), Some("e"));
        assert_eq!(value(&headers, "a"), None);
        assert_eq!(value(&headers, "session"), None);
    }

    #[test]
    fn a_cookie_counts_below_the_services_own_path() {
        let path = |below: &str, path| {
            let scope = CookieScope {
                secure: false,
                below: below.to_owned(),
            };
            let cookie = scope.cookie("a", String::new(), path, Duration::ZERO);
            cookie.path().map(str::to_owned).unwrap()
        };
        assert_eq!(path("", ""), "/");
        assert_eq!(path("", "/admin"), "/admin");
        assert_eq!(path("/pics", ""), "/pics");
        assert_eq!(path("/pics", "/admin"), "/pics/admin");
    }
}
