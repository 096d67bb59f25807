//! What media and links have in common: see [`deliver`](crate::http::deliver).

use std::collections::BTreeMap;

use utoipa::{
    IntoParams, IntoResponses,
    openapi::{Content, Header, RefOr, ResponseBuilder},
};

use super::errors::Responses;

/// The headers by which a client asks for a part, or for what it does not have yet.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "describes headers, which are read where they count"
)]
pub struct Conditions {
    /// The parts that are wanted: 206. It counts for `GET` only.
    #[param(rename = "Range", value_type = String, required = false, example = "bytes=0-499")]
    range: (),
    /// The `ETag` or the date for which `Range` counts.
    #[param(rename = "If-Range", value_type = String, required = false)]
    if_range: (),
    /// An `ETag` that the client has: 304 if it still is the one.
    #[param(rename = "If-None-Match", value_type = String, required = false)]
    if_none_match: (),
    /// 304 if it was not stored later.
    #[param(rename = "If-Modified-Since", value_type = String, required = false)]
    if_modified_since: (),
    /// The `ETag` that the answer must have: else 412.
    #[param(rename = "If-Match", value_type = String, required = false)]
    if_match: (),
    /// 412 if it was stored later.
    #[param(rename = "If-Unmodified-Since", value_type = String, required = false)]
    if_unmodified_since: (),
}

/// What is answered, errors aside.
pub struct Picture;

impl IntoResponses for Picture {
    fn responses() -> Responses {
        let answer = |description, headers: &[&str], types: &[&str]| {
            let common = ["ETag", "Last-Modified", "Cache-Control", "Accept-Ranges"];
            let mut answer = ResponseBuilder::new().description(description);
            for name in common.iter().chain(headers) {
                answer = answer.header(*name, Header::default());
            }
            for name in types {
                answer = answer.content(*name, Content::default());
            }
            RefOr::T(answer.build())
        };
        let [jpeg, png] = ["image/jpeg", "image/png"];
        let named = &["Content-Disposition"];
        let whole = answer("The picture.", named, &[jpeg, png]);
        let parts = answer(
            "A part of it, with `Content-Range`, or several.",
            named,
            &[jpeg, png, "multipart/byteranges"],
        );
        let elsewhere = ResponseBuilder::new()
            .description("It is to be had at `Location`, for a short time.")
            .header("Location", Header::default())
            .header("Cache-Control", Header::default());
        let unchanged = answer("The client has it as it is.", &[], &[]);
        BTreeMap::from(
            [
                ("200", whole),
                ("206", parts),
                ("302", RefOr::T(elsewhere.build())),
                ("304", unchanged),
            ]
            .map(|(status, answer)| (status.to_owned(), answer)),
        )
    }
}

/// The same, or the page that is shown in a preview.
pub struct PictureOrPreview;

impl IntoResponses for PictureOrPreview {
    fn responses() -> Responses {
        let mut responses = Picture::responses();
        if let Some(RefOr::T(whole)) = responses.get_mut("200") {
            let page = RefOr::T(Content::default());
            whole
                .content
                .insert("text/html; charset=utf-8".to_owned(), page);
            whole.description = "The picture, or a page for a preview.".to_owned();
        }
        responses
    }
}
