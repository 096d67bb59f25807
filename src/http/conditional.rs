//! Requests with conditions (RFC 9110, section 13).

use std::time::SystemTime;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, ETag, EntityTag, Header, HeaderMap, HeaderName, HeaderValue, HttpDate,
            IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, IfMatch,
            VARY, from_comma_delimited,
        },
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use crate::{domain::staff::ForVersion, error::ApiError};

/// The condition of a client that may have the answer already.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "describes a header, which is read where it counts"
)]
pub struct IfNoneMatchHeader {
    /// An `ETag` that the client has: 304 if it still is the one.
    #[param(rename = "If-None-Match", value_type = String, required = false)]
    value: (),
}

/// The condition of a client that has looked at a state and means just that.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "describes a header, which is read where it counts"
)]
pub struct IfMatchHeader {
    /// The `ETag` of the state that is meant: 412 if it is another one by now.
    #[param(rename = "If-Match", value_type = String, required = false)]
    value: (),
}

/// Answers with JSON that the client may have already: its tag is made of its bytes.
pub fn json(request: &HttpRequest, body: &impl Serialize) -> Result<HttpResponse, ApiError> {
    let (etag, body) = tagged(body, "")?;
    weighed(request, etag, body)
}

/// As [`json`], of an object that staff may change: the tag names its version too, for `If-Match` on a change.
pub fn versioned(
    request: &HttpRequest,
    version: i64,
    body: &impl Serialize,
) -> Result<HttpResponse, ApiError> {
    let (etag, body) = tagged(body, &format!("{version}."))?;
    weighed(request, etag, body)
}

/// Answers a change with the object as it is now. The conditions were about what it was.
pub fn changed(
    status: StatusCode,
    version: i64,
    body: &impl Serialize,
) -> Result<HttpResponse, ApiError> {
    let (etag, body) = tagged(body, &format!("{version}."))?;
    Ok(answer(status, etag).body(body))
}

/// The versions that `If-Match` wants a change to be made to: of each tag that [`versioned`] gave out, its version. What
/// an object has used may have changed since, and does not count.
pub fn for_version(request: &HttpRequest) -> ForVersion {
    if !request.headers().contains_key(IF_MATCH) {
        return ForVersion::Any;
    }
    let version = |tag: &EntityTag| {
        let (version, _) = tag.tag().split_once('.')?;
        version.parse().ok().filter(|_| !tag.weak)
    };
    match IfMatch::parse(request) {
        Ok(IfMatch::Any) => ForVersion::Any,
        Ok(IfMatch::Items(tags)) => ForVersion::OneOf(tags.iter().filter_map(version).collect()),
        Err(_) => ForVersion::OneOf(Vec::new()),
    }
}

/// The JSON, and a tag of its bytes behind a prefix.
fn tagged(body: &impl Serialize, prefix: &str) -> Result<(EntityTag, Vec<u8>), ApiError> {
    let body = serde_json::to_vec(body).map_err(ApiError::internal)?;
    let digest = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..16]);
    Ok((EntityTag::new_strong(format!("{prefix}{digest}")), body))
}

fn weighed(
    request: &HttpRequest,
    etag: EntityTag,
    body: Vec<u8>,
) -> Result<HttpResponse, ApiError> {
    let validators = Validators {
        etag,
        modified: None,
    };
    match validators.weigh(request.headers()) {
        Outcome::Proceed => Ok(answer(StatusCode::OK, validators.etag).body(body)),
        Outcome::NotModified => Ok(answer(StatusCode::NOT_MODIFIED, validators.etag).finish()),
        Outcome::PreconditionFailed => Err(ApiError::precondition_failed()),
    }
}

fn answer(status: StatusCode, etag: EntityTag) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header(ETag(etag))
        .insert_header((CACHE_CONTROL, "private, no-cache"));
    if status == StatusCode::NOT_MODIFIED {
        // As the answer would that is not sent: see `browsable`.
        response.insert_header((VARY, "Accept"));
    } else {
        response.content_type(mime::APPLICATION_JSON);
    }
    response
}

/// What tells one state of a representation from another.
pub struct Validators {
    /// A strong entity tag.
    pub etag: EntityTag,
    /// Counted in whole seconds, as HTTP writes it. Without it, conditions on dates count for nothing.
    pub modified: Option<SystemTime>,
}

/// What a request's conditions come to.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answer.
    Proceed,
    /// 304.
    NotModified,
    /// 412.
    PreconditionFailed,
}

impl Validators {
    /// Weighs the conditions in the order of section 13.2.2.
    pub fn weigh(&self, headers: &HeaderMap) -> Outcome {
        let has = |name| headers.contains_key(name);
        if has(IF_MATCH) {
            if !any_tag(headers, IF_MATCH, |tag| tag.strong_eq(&self.etag)) {
                return Outcome::PreconditionFailed;
            }
        } else if date(headers, IF_UNMODIFIED_SINCE).is_some_and(|since| self.is_newer_than(since))
        {
            return Outcome::PreconditionFailed;
        }
        let unmodified = if has(IF_NONE_MATCH) {
            any_tag(headers, IF_NONE_MATCH, |tag| tag.weak_eq(&self.etag))
        } else {
            self.modified.is_some()
                && date(headers, IF_MODIFIED_SINCE).is_some_and(|since| !self.is_newer_than(since))
        };
        if unmodified {
            Outcome::NotModified
        } else {
            Outcome::Proceed
        }
    }

    /// Whether a `Range` header counts: it does unless `If-Range` names another state (section 13.1.5).
    pub fn allows_range(&self, headers: &HeaderMap) -> bool {
        let Some(value) = headers.get(IF_RANGE) else {
            return true;
        };
        let Ok(text) = value.to_str() else {
            return false;
        };
        match text.parse::<EntityTag>() {
            Ok(etag) => etag.strong_eq(&self.etag),
            Err(_) => text
                .parse::<HttpDate>()
                .is_ok_and(|date| self.seconds() == Some(seconds(date.into()))),
        }
    }

    fn is_newer_than(&self, date: HttpDate) -> bool {
        self.seconds() > Some(seconds(date.into()))
    }

    fn seconds(&self) -> Option<u64> {
        self.modified.map(seconds)
    }
}

/// Whether a condition names such a tag, or any there is.
fn any_tag(headers: &HeaderMap, name: HeaderName, is_meant: impl Fn(&EntityTag) -> bool) -> bool {
    let is_any = |value: &HeaderValue| value.as_bytes().trim_ascii() == b"*";
    if headers.get(&name).is_some_and(is_any) {
        return true;
    }
    let tags: Result<Vec<EntityTag>, _> = from_comma_delimited(headers.get_all(name));
    tags.is_ok_and(|tags| tags.iter().any(is_meant))
}

/// The date of a condition; one that is malformed is none.
fn date(headers: &HeaderMap, name: HeaderName) -> Option<HttpDate> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::test::TestRequest;

    use super::*;

    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    fn validators() -> Validators {
        Validators {
            etag: EntityTag::new_strong("a".to_owned()),
            modified: Some(SystemTime::UNIX_EPOCH + Duration::from_millis(784_111_777_500)),
        }
    }

    fn request(headers: &[(&str, &str)]) -> HttpRequest {
        let mut request = TestRequest::get();
        for header in headers {
            request = request.append_header(*header);
        }
        request.to_http_request()
    }

    fn weigh(headers: &[(&str, &str)]) -> Outcome {
        validators().weigh(request(headers).headers())
    }

    #[test]
    fn a_known_tag_is_not_sent_again() {
        for tag in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert_eq!(
                weigh(&[("If-None-Match", tag)]),
                Outcome::NotModified,
                "{tag}"
            );
        }
        assert_eq!(weigh(&[("If-None-Match", "\"b\"")]), Outcome::Proceed);
    }

    #[test]
    fn a_date_counts_in_whole_seconds() {
        assert_eq!(weigh(&[("If-Modified-Since", THEN)]), Outcome::NotModified);
        assert_eq!(weigh(&[("If-Modified-Since", BEFORE)]), Outcome::Proceed);
        assert_eq!(weigh(&[("If-Unmodified-Since", THEN)]), Outcome::Proceed);
        assert_eq!(
            weigh(&[("If-Unmodified-Since", BEFORE)]),
            Outcome::PreconditionFailed
        );
    }

    #[test]
    fn a_tag_outweighs_a_date() {
        let headers = [("If-None-Match", "\"b\""), ("If-Modified-Since", AFTER)];
        assert_eq!(weigh(&headers), Outcome::Proceed);
        let headers = [("If-Match", "\"a\""), ("If-Unmodified-Since", BEFORE)];
        assert_eq!(weigh(&headers), Outcome::Proceed);
    }

    #[test]
    fn if_match_takes_strong_tags_only() {
        assert_eq!(
            weigh(&[("If-Match", "W/\"a\"")]),
            Outcome::PreconditionFailed
        );
        assert_eq!(weigh(&[("If-Match", "*")]), Outcome::Proceed);
    }

    #[test]
    fn a_change_is_for_the_versions_whose_tags_are_named() {
        let wanted = |tags| for_version(&request(&[("If-Match", tags)]));
        assert_eq!(for_version(&request(&[])), ForVersion::Any);
        assert_eq!(wanted("*"), ForVersion::Any);
        assert_eq!(wanted("\"7.abc\""), ForVersion::OneOf(vec![7]));
        assert_eq!(
            wanted("\"7.abc\", W/\"8.abc\", \"9\", \"x.y\", \"10.d\""),
            ForVersion::OneOf(vec![7, 10])
        );
        assert_eq!(wanted("nonsense"), ForVersion::OneOf(Vec::new()));
    }

    #[test]
    fn without_a_date_of_ours_a_date_is_no_condition() {
        let dateless = Validators {
            modified: None,
            ..validators()
        };
        assert_eq!(
            dateless.weigh(request(&[("If-Modified-Since", AFTER)]).headers()),
            Outcome::Proceed
        );
        assert_eq!(
            dateless.weigh(request(&[("If-Unmodified-Since", BEFORE)]).headers()),
            Outcome::Proceed
        );
        assert!(!dateless.allows_range(request(&[("If-Range", THEN)]).headers()));
    }

    #[test]
    fn a_malformed_date_is_no_condition() {
        assert_eq!(
            weigh(&[("If-Modified-Since", "yesterday")]),
            Outcome::Proceed
        );
        assert_eq!(
            weigh(&[("If-Unmodified-Since", "yesterday")]),
            Outcome::Proceed
        );
    }

    #[test]
    fn a_range_counts_for_the_same_state_only() {
        let allows = |value| validators().allows_range(request(&[("If-Range", value)]).headers());
        assert!(validators().allows_range(request(&[]).headers()));
        assert!(allows("\"a\""));
        assert!(allows(THEN));
        assert!(!allows("\"b\""));
        assert!(!allows("W/\"a\""));
        assert!(!allows(AFTER));
        assert!(!allows("nonsense"));
    }
}
