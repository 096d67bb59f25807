//! Reads the form as it streams in.

use actix_multipart::{Field, Multipart};
use actix_web::http::header::ContentDisposition;
use bytes::Bytes;

use super::{accept::FORM_OVERHEAD, arrival::Arrival};
use crate::{
    domain::image::{FileName, Format},
    error::ApiError,
    imaging::OtherFormat,
    storage::{Spool, SpoolWriter, Spooled},
};

/// No number is longer; of what is, the rest is not kept.
const MAX_TEXT: usize = 1024;

/// The fields of the form. Of a field that is sent twice the last counts.
#[derive(Default)]
pub struct UploadForm {
    pub image: Option<ImageField>,
    pub expiring_time_seconds: Option<String>,
}

/// What was sent as `image`.
pub enum ImageField {
    /// A field without a file name.
    Text,
    /// A file without bytes.
    Empty,
    /// A file that begins neither as JPEG nor as PNG, and what it is, if that is known; its bytes were not kept.
    OtherFormat(Option<OtherFormat>),
    /// A file that may be a picture.
    File {
        spooled: Spooled,
        file_name: FileName,
    },
}

/// Reads the form. A file over `limit` bytes is refused with the byte that is too many.
pub async fn read(mut form: Multipart, spool: &Spool, limit: u64) -> Result<UploadForm, ApiError> {
    let mut read = UploadForm::default();
    let mut rest = Rest {
        left: limit.saturating_add(FORM_OVERHEAD),
        limit,
    };
    let mut arrival = Arrival::begin();
    while let Some(mut field) = arrival.next(&mut form).await? {
        match field.name() {
            Some("image") => match file_name(field.content_disposition()) {
                SentName::None => {
                    text(&mut field, &mut arrival, &mut rest).await?;
                    read.image = Some(ImageField::Text);
                }
                // What a browser sends for a file input that was left empty.
                SentName::Empty => drop(text(&mut field, &mut arrival, &mut rest).await?),
                SentName::Some(name) => {
                    // The former file's room is free before the next one comes.
                    read.image = None;
                    read.image = Some(image(&mut field, &mut arrival, name, spool, limit).await?);
                }
            },
            Some("expiring_time_seconds") => {
                read.expiring_time_seconds = Some(text(&mut field, &mut arrival, &mut rest).await?);
            }
            _ => drop(text(&mut field, &mut arrival, &mut rest).await?),
        }
    }
    Ok(read)
}

/// Bytes that are not the image.
struct Rest {
    left: u64,
    limit: u64,
}

impl Rest {
    fn take(&mut self, bytes: &Bytes) -> Result<(), ApiError> {
        let left = self.left.checked_sub(bytes.len() as u64);
        self.left = left.ok_or_else(|| ApiError::payload_too_large(self.limit))?;
        Ok(())
    }
}

async fn image(
    field: &mut Field,
    arrival: &mut Arrival,
    file_name: FileName,
    spool: &Spool,
    limit: u64,
) -> Result<ImageField, ApiError> {
    let mut head = Vec::new();
    let mut writer: Option<SpoolWriter> = None;
    let mut length = 0;
    while let Some(bytes) = arrival.bytes(field).await? {
        length += bytes.len() as u64;
        if length > limit {
            return Err(ApiError::payload_too_large(limit));
        }
        if let Some(writer) = &mut writer {
            writer.write(bytes).await?;
            continue;
        }
        // The first bytes may come one by one.
        if head.len() < Format::SIGNATURE_LENGTH {
            head.extend_from_slice(&bytes);
            if Format::sniff(&head).is_some() {
                let mut new = spool.create().await?;
                new.write(std::mem::take(&mut head).into()).await?;
                writer = Some(new);
            }
        } else {
            let room = OtherFormat::HEAD_LENGTH.saturating_sub(head.len());
            head.extend(bytes.iter().take(room));
        }
    }
    match writer {
        Some(writer) => Ok(ImageField::File {
            spooled: writer.finish().await?,
            file_name,
        }),
        None if length == 0 => Ok(ImageField::Empty),
        None => Ok(ImageField::OtherFormat(OtherFormat::sniff(&head))),
    }
}

/// The field's first bytes as text; whatever is no UTF-8 becomes what is no number.
async fn text(
    field: &mut Field,
    arrival: &mut Arrival,
    rest: &mut Rest,
) -> Result<String, ApiError> {
    let mut kept = Vec::new();
    while let Some(bytes) = arrival.bytes(field).await? {
        rest.take(&bytes)?;
        let room = MAX_TEXT.saturating_sub(kept.len());
        kept.extend(bytes.iter().take(room));
    }
    Ok(String::from_utf8_lossy(&kept).into_owned())
}

enum SentName {
    None,
    Empty,
    Some(FileName),
}

fn file_name(disposition: Option<&ContentDisposition>) -> SentName {
    let extended = disposition.and_then(|disposition| disposition.get_filename_ext());
    let extended = extended.map(|name| String::from_utf8_lossy(&name.value).into_owned());
    let plain = || {
        disposition
            .and_then(|disposition| disposition.get_filename())
            .map(str::to_owned)
    };
    match extended.or_else(plain) {
        None => SentName::None,
        Some(name) if name.is_empty() => SentName::Empty,
        Some(name) => SentName::Some(FileName::from_client(&name)),
    }
}
