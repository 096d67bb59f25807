//! Sends a stored object: whole, in parts, or not at all because the client has it.

use std::{io, ops::Range, sync::Arc};

use actix_web::{
    HttpResponse,
    body::SizedStream,
    http::{
        Method, StatusCode,
        header::{self, ETag, EntityTag, LastModified},
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};

use super::{
    conditional::{Outcome, Validators},
    disposition::disposition,
    hand_over,
    picture_request::PictureRequest,
    range::{self, Wanted},
    sendfile::FileBody,
};
use crate::{
    db::images::Image, domain::image::Size, error::ApiError, service::Service, storage::Object,
    thumbnails::Found,
};

/// Bytes of a file from which on the system is told to send them: below that it costs as little to read them.
const SENDFILE_FROM: u64 = 64 * 1024;

/// Answers `GET` or `HEAD` with one size of an image.
pub fn deliver(
    request: &PictureRequest<'_>,
    service: &Service,
    image: &Image,
    size: Size,
    found: Found,
    cache_control: &str,
) -> Result<HttpResponse, ApiError> {
    let Found { object, stored } = found;
    let validators = Validators {
        // 128 bits of the digest: the same tag is the same bytes, on every node.
        etag: EntityTag::new_strong(BASE64_URL_SAFE_NO_PAD.encode(&stored.sha256[..16])),
        modified: Some(object.modified()),
    };
    match validators.weigh(request.headers()) {
        Outcome::Proceed => {}
        Outcome::NotModified => {
            return Ok(bare(StatusCode::NOT_MODIFIED, &validators, cache_control));
        }
        // An error goes without the picture's own headers: caches would keep it in its place.
        Outcome::PreconditionFailed => return Err(ApiError::precondition_failed()),
    }
    let length = object.length();
    let wanted = match request.headers().get(header::RANGE) {
        // Range counts for GET alone (RFC 9110, section 14.2).
        Some(range)
            if request.method() == Method::GET && validators.allows_range(request.headers()) =>
        {
            range::wanted(range.to_str().ok(), length)
        }
        _ => Wanted::Whole,
    };
    let content_type = image.format.content_type();
    let mut response = bare(StatusCode::OK, &validators, cache_control);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static(content_type),
    );
    insert(
        headers,
        (header::CONTENT_DISPOSITION, disposition(image, size)),
    );
    if object.bytes(0..length).is_none()
        && length >= SENDFILE_FROM
        && let Some(header) = hand_over::header(request, service, &image.object(size))
    {
        insert(response.headers_mut(), header);
        return Ok(response);
    }
    Ok(match wanted {
        Wanted::Whole if request.method() == Method::HEAD => {
            with_stream(response, length, stream::empty())
        }
        Wanted::Whole => with_bytes(request, response, object, 0..length),
        Wanted::Unsatisfiable => return Err(ApiError::range_not_satisfiable(length)),
        Wanted::Parts(parts) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            if let [part] = parts.as_slice() {
                insert(response.headers_mut(), content_range(part, length));
                with_bytes(request, response, object, part.clone())
            } else {
                let read = |part| object.clone().read(part);
                multipart(response, content_type, length, &parts, read)
            }
        }
    })
}

/// An answer without a body, with what every answer about the object says.
fn bare(status: StatusCode, validators: &Validators, cache_control: &str) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response
        .insert_header(ETag(validators.etag.clone()))
        .insert_header((header::CACHE_CONTROL, cache_control))
        .insert_header((header::ACCEPT_RANGES, "bytes"));
    if let Some(modified) = validators.modified {
        response.insert_header(LastModified(modified.into()));
    }
    response.finish()
}

/// An answer with some of an object's bytes.
fn with_bytes(
    request: &PictureRequest<'_>,
    mut response: HttpResponse,
    object: Arc<dyn Object>,
    part: Range<u64>,
) -> HttpResponse {
    if let Some(bytes) = object.bytes(part.clone()) {
        return response.set_body(bytes).map_into_boxed_body();
    }
    let length = part.end - part.start;
    if let Some(outlet) = request.outlet()
        && length >= SENDFILE_FROM
        && object.file().is_some()
    {
        insert(response.headers_mut(), (header::CONTENT_LENGTH, length));
        response.head_mut().no_chunking(true);
        let body = FileBody::new(object, part, outlet.clone());
        return response.set_body(body).map_into_boxed_body();
    }
    with_stream(response, length, object.read(part))
}

fn with_stream(
    response: HttpResponse,
    length: u64,
    body: impl Stream<Item = io::Result<Bytes>> + 'static,
) -> HttpResponse {
    response
        .set_body(SizedStream::new(length, body))
        .map_into_boxed_body()
}

/// Several parts in one answer (RFC 9110, section 14.6).
fn multipart(
    mut response: HttpResponse,
    content_type: &str,
    length: u64,
    parts: &[Range<u64>],
    read: impl Fn(Range<u64>) -> BoxStream<'static, io::Result<Bytes>>,
) -> HttpResponse {
    let boundary = uuid::Uuid::new_v4().simple().to_string();
    let mut pieces = Vec::new();
    let mut total = 0;
    let text = |text: String| {
        let bytes = Bytes::from(text);
        (
            bytes.len() as u64,
            stream::iter([io::Result::Ok(bytes)]).boxed(),
        )
    };
    for part in parts {
        let (_, range) = content_range(part, length);
        let (size, head) = text(format!(
            "\r\n--{boundary}\r\nContent-Type: {content_type}\r\nContent-Range: {range}\r\n\r\n"
        ));
        total += size + (part.end - part.start);
        pieces.push(head);
        pieces.push(read(part.clone()));
    }
    let (size, end) = text(format!("\r\n--{boundary}--\r\n"));
    pieces.push(end);
    insert(
        response.headers_mut(),
        (
            header::CONTENT_TYPE,
            format!("multipart/byteranges; boundary={boundary}"),
        ),
    );
    with_stream(response, total + size, stream::iter(pieces).flatten())
}

fn content_range(part: &Range<u64>, length: u64) -> (header::HeaderName, String) {
    let value = format!("bytes {}-{}/{length}", part.start, part.end - 1);
    (header::CONTENT_RANGE, value)
}

fn insert(headers: &mut header::HeaderMap, pair: impl header::TryIntoHeaderPair) {
    // What we write are always header values; an answer without one is better than none.
    if let Ok((name, value)) = pair.try_into_pair() {
        headers.insert(name, value);
    }
}
