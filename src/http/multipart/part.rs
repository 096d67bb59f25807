//! A part of a form: its name, the name of its file, its content.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_multipart::Field;
use actix_web::http::header::{CONTENT_DISPOSITION, ContentDisposition, HeaderName};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

use super::{FormError, decoded::Decoder};

const CONTENT_TRANSFER_ENCODING: HeaderName = HeaderName::from_static("content-transfer-encoding");

/// A part on its way. As a stream it is its content, decoded.
pub struct Part {
    /// The field's name; empty if it has none.
    pub name: String,
    /// The file's name, if it is a file: empty where a browser sends a field that was left empty.
    pub file_name: Option<String>,
    field: Field,
    /// `None` once the content is over.
    decoder: Option<Decoder>,
}

impl Part {
    /// Reads its head. Whether it calls itself `form-data`, `attachment` or something else is no matter.
    pub(super) fn of(field: Field) -> Self {
        let headers = field.headers();
        let disposition = headers.get(CONTENT_DISPOSITION);
        let disposition = disposition.and_then(|value| ContentDisposition::from_raw(value).ok());
        let encoding = headers.get(CONTENT_TRANSFER_ENCODING);
        let encoding = encoding.and_then(|value| value.to_str().ok());
        let name = disposition.as_ref().and_then(ContentDisposition::get_name);
        Self {
            name: name.unwrap_or_default().trim().to_owned(),
            file_name: disposition.as_ref().and_then(file_name),
            decoder: Some(Decoder::of(encoding.unwrap_or_default())),
            field,
        }
    }

    /// Whether the content is sent as it is.
    pub fn is_plain(&self) -> bool {
        matches!(self.decoder, Some(Decoder::Plain))
    }
}

/// The name that is encoded as it should be, else the plain one.
fn file_name(disposition: &ContentDisposition) -> Option<String> {
    let extended = disposition.get_filename_ext().map(|name| {
        String::from_utf8(name.value.clone())
            .unwrap_or_else(|_| name.value.iter().copied().map(char::from).collect())
    });
    extended.or_else(|| disposition.get_filename().map(str::to_owned))
}

impl Stream for Part {
    type Item = Result<Bytes, FormError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(decoder) = &mut self.decoder else {
                return Poll::Ready(None);
            };
            if let Decoder::Plain = decoder {
                let bytes = ready!(self.field.poll_next_unpin(context));
                if bytes.is_none() {
                    // A field that is asked once more panics.
                    self.decoder = None;
                }
                return Poll::Ready(bytes.map(|bytes| Ok(bytes?)));
            }
            let decoded = match ready!(self.field.poll_next_unpin(context)) {
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                Some(Ok(bytes)) => self.decode(&bytes),
                None => self.decoder.take().map_or(Ok(Vec::new()), Decoder::finish),
            };
            match decoded {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Poll::Ready(Some(Ok(bytes.into()))),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl Part {
    fn decode(&mut self, bytes: &[u8]) -> Result<Vec<u8>, FormError> {
        match &mut self.decoder {
            Some(decoder) => decoder.decode(bytes),
            None => Ok(Vec::new()),
        }
    }
}
