//! Forms as `multipart/form-data` (RFC 7578), read as leniently as Django reads them.
//!
//! What clients send is put right before `actix-multipart` reads it ([`canonical`]): it takes the boundary in quotes only, and
//! no blank behind one, no part without a name and no header that is not ASCII. Behind it each part is [decoded](decoded).

mod boundary;
mod canonical;
mod decoded;
mod part;

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_multipart::{Multipart, MultipartError};
use actix_web::{
    HttpMessage, HttpRequest,
    error::PayloadError,
    http::header::{CONTENT_TYPE, HeaderMap, HeaderValue},
    web::Payload,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

use super::body;
use crate::error::ApiError;
pub use boundary::Boundary;
use canonical::Canonical;
pub use part::Part;

/// The content type of such forms.
pub const CONTENT_TYPE_OF_FORMS: &str = "multipart/form-data";

/// Why a form cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// It is not a form.
    #[error(transparent)]
    Multipart(#[from] MultipartError),
    /// A part is not encoded as it says.
    #[error("a part is not valid base64")]
    Encoding,
}

impl From<FormError> for ApiError {
    fn from(error: FormError) -> Self {
        Self::parse_error(format!("Multipart form parse error - {error}"))
    }
}

/// The parts of a form, one after the other: the next one comes when the one before was read, or dropped.
pub struct Parts(Multipart);

impl Parts {
    /// The form that a request brings; one without parts, if the request has no body.
    ///
    /// # Errors
    /// 415 if it brings something else, 400 if nothing says where its parts end.
    pub fn of(request: &HttpRequest, body: Payload) -> Result<Self, ApiError> {
        body::refuse_compressed(request)?;
        if !body::is_sent(request) {
            return Ok(Self::read(&Boundary::any(), stream::empty().boxed_local()));
        }
        let content_type = request.content_type();
        if !content_type.eq_ignore_ascii_case(CONTENT_TYPE_OF_FORMS) {
            return Err(ApiError::unsupported_media_type(content_type));
        }
        let boundary = Boundary::of(request.headers())?;
        Ok(Self::read(&boundary, body))
    }

    /// The form in a stream.
    pub fn read<S>(boundary: &Boundary, body: S) -> Self
    where
        S: Stream<Item = Result<Bytes, PayloadError>> + Unpin + 'static,
    {
        // Of a form, actix would ask what RFC 7578 asks.
        let content_type = format!("multipart/mixed; boundary=\"{boundary}\"");
        let mut headers = HeaderMap::new();
        // A boundary has no character that a header may not hold.
        if let Ok(value) = HeaderValue::try_from(content_type) {
            headers.insert(CONTENT_TYPE, value);
        }
        Self(Multipart::new(&headers, Canonical::new(boundary, body)))
    }
}

impl Stream for Parts {
    type Item = Result<Part, FormError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let field = ready!(self.0.poll_next_unpin(context));
        Poll::Ready(field.map(|field| Ok(Part::of(field?))))
    }
}
