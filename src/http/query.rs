//! The parameters behind a URL's `?`.

use actix_web::HttpRequest;

use crate::domain::fields::Fields;

/// The parameters by their names. What cannot be read becomes U+FFFD, as in every form.
pub fn read(request: &HttpRequest) -> Fields {
    let pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    Fields::of_query(pairs.into_owned())
}
