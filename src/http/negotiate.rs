//! Whether a person or a program is asking.

use actix_web::{
    HttpRequest,
    http::header::{Accept, Header},
};

/// Whether HTML is what the client would rather have: browsers name it first, programs do not name it.
pub fn wants_html(request: &HttpRequest) -> bool {
    let Ok(accept) = Accept::parse(request) else {
        return false;
    };
    let ranked = accept.ranked();
    let rank = |essence: &str| ranked.iter().position(|mime| mime.essence_str() == essence);
    match (rank("text/html"), rank("application/json")) {
        (Some(html), Some(json)) => html < json,
        (html, _) => html.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn html(accept: &str) -> bool {
        wants_html(
            &TestRequest::get()
                .insert_header(("Accept", accept))
                .to_http_request(),
        )
    }

    #[test]
    fn browsers_want_html_and_programs_do_not() {
        assert!(html(
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
        ));
        assert!(html("text/html"));
        assert!(!html("*/*"));
        assert!(!html("application/json, text/plain, */*"));
        assert!(!html("application/json, text/html;q=0.5"));
        assert!(!html("nonsense"));
        assert!(!wants_html(&TestRequest::get().to_http_request()));
    }
}
