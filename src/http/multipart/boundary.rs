//! What stands between the parts of a form.

use std::fmt;

use actix_web::http::header::{CONTENT_TYPE, HeaderMap};

use crate::error::ApiError;

/// 1 to 200 visible ASCII characters, blanks among them but not at the end, as Django has it; neither `"` nor `\`, which the
/// standard does not have either (RFC 2046, section 5.1.1).
#[derive(Debug, PartialEq, Eq)]
pub struct Boundary(String);

impl Boundary {
    const MAX_CHARS: usize = 200;

    /// That of a request, quoted or not: some clients leave out the quotes that `=`, `:`, `/` and others need.
    pub fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let value = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        value.and_then(Self::parse).ok_or_else(|| {
            ApiError::parse_error(
                "Multipart form parse error - the Content-Type has no valid boundary",
            )
        })
    }

    /// One for a form without parts.
    pub fn any() -> Self {
        Self("none".to_owned())
    }

    /// Reads the value of `Content-Type`.
    fn parse(content_type: &str) -> Option<Self> {
        let mut rest = content_type.split_once(';')?.1;
        loop {
            let (name, value) = rest.split_once('=')?;
            let value = value.trim_start();
            let (text, after) = match value.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => value
                    .split_once(';')
                    .map_or((value, ""), |(text, _)| (text, &value[text.len()..])),
            };
            if name.trim().eq_ignore_ascii_case("boundary") {
                return Self::new(text.trim_end());
            }
            rest = after.split_once(';')?.1;
        }
    }

    fn new(text: &str) -> Option<Self> {
        let visible = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
        let is_right = (1..=Self::MAX_CHARS).contains(&text.len()) && text.chars().all(visible);
        is_right.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(content_type: &str) -> Option<String> {
        Boundary::parse(content_type).map(|boundary| boundary.0)
    }

    #[test]
    fn a_boundary_is_read_with_and_without_quotes() {
        for (content_type, expected) in [
            (
                "multipart/form-data; boundary=----=_Part_1_2.3",
                "----=_Part_1_2.3",
            ),
            (
                "multipart/form-data; boundary=\"----=_Part_1_2.3\"",
                "----=_Part_1_2.3",
            ),
            (
                "multipart/form-data;BOUNDARY=a:/?@b; charset=utf-8",
                "a:/?@b",
            ),
            (
                "multipart/form-data; charset=\"a;b=c\" ; boundary = x ",
                "x",
            ),
            ("multipart/form-data; boundary=\"a b;c\"; x=y", "a b;c"),
        ] {
            assert_eq!(
                parse(content_type).as_deref(),
                Some(expected),
                "{content_type}"
            );
        }
    }

    #[test]
    fn what_is_no_boundary_is_none() {
        for content_type in [
            "multipart/form-data",
            "multipart/form-data; boundary",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"\"",
            "multipart/form-data; boundary=\"a",
            "multipart/form-data; boundary=a\\b",
            "multipart/form-data; charset=utf-8",
        ] {
            assert_eq!(parse(content_type), None, "{content_type}");
        }
        let long = format!("multipart/form-data; boundary={}", "a".repeat(201));
        assert_eq!(parse(&long), None);
    }
}
