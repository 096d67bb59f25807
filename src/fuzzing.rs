//! What the fuzz target `form` needs and nobody else gets: compiled by cargo-fuzz alone.

use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use bytes::Bytes;
use futures_util::stream;

use crate::{
    http::{
        multipart::{Boundary, Parts},
        upload::form::{self, FormLimits},
    },
    storage::Spool,
};

/// Reads an upload's form with the boundary `fuzz` that arrives in pieces of `piece` bytes.
pub async fn read_form(body: &[u8], piece: usize, spool: &Spool) {
    let mut headers = HeaderMap::new();
    let content_type = HeaderValue::from_static("multipart/form-data; boundary=fuzz");
    headers.insert(CONTENT_TYPE, content_type);
    let pieces: Vec<_> = body
        .chunks(piece.max(1))
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    let Ok(boundary) = Boundary::of(&headers) else {
        return;
    };
    let limits = FormLimits {
        file: 10_000,
        declared: None,
    };
    let _ = form::read(Parts::read(&boundary, stream::iter(pieces)), spool, limits).await;
}
