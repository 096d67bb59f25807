//! What the fuzz targets in `fuzz/` need and nobody else gets: compiled by cargo-fuzz alone.

use std::{io::Cursor, ops::ControlFlow};

use actix_multipart::Multipart;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use bytes::Bytes;
use futures_util::stream;

use crate::{
    http::upload::form,
    imaging::{jpeg, read_exif},
    storage::Spool,
};

/// Decodes a JPEG at every scale; pixels over the limit are not tried.
pub fn decode_jpeg(file: &[u8], max_pixels: u64) {
    for scale in jpeg::Scale::ALL {
        let Ok(decoder) = jpeg::Decoder::new(Cursor::new(file)) else {
            return;
        };
        let header = decoder.header();
        if u64::from(header.width) * u64::from(header.height) > max_pixels {
            return;
        }
        let _ = decoder.decode(scale, &mut || ControlFlow::Continue(()));
    }
}

/// Reads the orientation of an Exif block.
pub fn exif(block: &[u8]) {
    read_exif(block);
}

/// Reads an upload's form with the boundary `fuzz` that arrives in pieces of `piece` bytes.
pub async fn read_form(body: &[u8], piece: usize, spool: &Spool) {
    let mut headers = HeaderMap::new();
    let content_type = HeaderValue::from_static("multipart/form-data; boundary=fuzz");
    headers.insert(CONTENT_TYPE, content_type);
    let pieces: Vec<_> = body
        .chunks(piece.max(1))
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    let _ = form::read(
        Multipart::new(&headers, stream::iter(pieces)),
        spool,
        10_000,
    )
    .await;
}
