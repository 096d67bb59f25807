//! Reads the form as it streams in.

use bytes::Bytes;

use super::{accept::FORM_OVERHEAD, arrival::Arrival};
use crate::{
    domain::image::{FileName, Format},
    error::ApiError,
    http::multipart::{Part, Parts},
    imaging::OtherFormat,
    storage::{Spool, SpoolWriter, Spooled},
};

/// No number is longer; of what is, the rest is not kept.
pub(super) const MAX_TEXT: usize = 1024;

/// The fields of the form. Of a text that is sent twice the last counts.
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
    /// More than one file; none of them is kept.
    Several,
    /// A file that may be a picture.
    File {
        spooled: Spooled,
        file_name: FileName,
    },
}

/// How large a form may be.
#[derive(Debug, Clone, Copy)]
pub struct FormLimits {
    /// The bytes of a file. One that has more is refused with the byte that is too many.
    pub file: u64,
    /// The bytes that the request says it has.
    pub declared: Option<u64>,
}

impl FormLimits {
    /// A file in base64 takes four thirds, one in quoted-printable three times what it holds.
    const MOST_FOR_A_BYTE: u64 = 3;

    /// Whether no encoding explains that the form has so many bytes.
    pub fn are_hopeless(&self) -> bool {
        let most = self.with_overhead().saturating_mul(Self::MOST_FOR_A_BYTE);
        self.declared.is_some_and(|length| length > most)
    }

    /// Whether a file that is not encoded is too large already by what the request says.
    fn are_exceeded(&self) -> bool {
        self.declared
            .is_some_and(|length| length > self.with_overhead())
    }

    fn with_overhead(&self) -> u64 {
        self.file.saturating_add(FORM_OVERHEAD)
    }
}

/// Reads the form.
pub async fn read(
    mut form: Parts,
    spool: &Spool,
    limits: FormLimits,
) -> Result<UploadForm, ApiError> {
    let mut read = UploadForm::default();
    let mut rest = Rest {
        left: limits.with_overhead(),
        limit: limits.file,
    };
    let mut arrival = Arrival::begin();
    while let Some(mut part) = arrival.next(&mut form).await? {
        match (part.name.as_str(), part.file_name.take()) {
            ("image", Some(name)) if !name.is_empty() => match read.image {
                None | Some(ImageField::Text) => {
                    let name = FileName::from_client(&name);
                    let image = image(&mut part, &mut arrival, name, spool, limits).await?;
                    read.image = Some(image);
                }
                Some(_) => {
                    // The room of the first one is free before the other one comes.
                    read.image = Some(ImageField::Several);
                    text(&mut part, &mut arrival, &mut rest).await?;
                }
            },
            ("image", None) => {
                text(&mut part, &mut arrival, &mut rest).await?;
                // A file counts more, as in Django.
                read.image.get_or_insert(ImageField::Text);
            }
            ("expiring_time_seconds", _) => {
                read.expiring_time_seconds = Some(text(&mut part, &mut arrival, &mut rest).await?);
            }
            // Among them what a browser sends for a file that was not chosen.
            _ => drop(text(&mut part, &mut arrival, &mut rest).await?),
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
    part: &mut Part,
    arrival: &mut Arrival,
    file_name: FileName,
    spool: &Spool,
    limits: FormLimits,
) -> Result<ImageField, ApiError> {
    let limit = limits.file;
    if part.is_plain() && limits.are_exceeded() {
        return Err(ApiError::payload_too_large(limit));
    }
    let mut head = Vec::new();
    let mut writer: Option<SpoolWriter> = None;
    let mut length = 0;
    while let Some(bytes) = arrival.bytes(part).await? {
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
async fn text(part: &mut Part, arrival: &mut Arrival, rest: &mut Rest) -> Result<String, ApiError> {
    let mut kept = Vec::new();
    while let Some(bytes) = arrival.bytes(part).await? {
        rest.take(&bytes)?;
        let room = MAX_TEXT.saturating_sub(kept.len());
        kept.extend(bytes.iter().take(room));
    }
    Ok(String::from_utf8_lossy(&kept).into_owned())
}
