//! From what a client sends to what can be stored, whoever it is stored for.

use std::{fs::File, io::BufReader};

use actix_web::{HttpRequest, http::header, web::Payload};

use super::{
    form::{self, FormLimits, ImageField, UploadForm},
    location,
    store::Upload,
    turns::Turn,
};
use crate::{
    actors::{RenderError, RenderJob},
    blocking,
    db::users::GetUsage,
    domain::{
        image::FileName,
        link::{LinkLifetime, Purpose},
        tier::{PositiveCount, Tier},
        user::UserId,
    },
    error::{ApiError, NON_FIELD},
    http::multipart::Parts,
    imaging::{self, Probe, Thumbnail},
    service::Service,
    storage::Spooled,
};

/// What else a form holds besides the image: a limit of its own would only be in the way.
pub(super) const FORM_OVERHEAD: u64 = 1024 * 1024;

/// The form, a file over the limit refused with the byte that is too many.
pub async fn read(
    request: &HttpRequest,
    body: Payload,
    service: &Service,
    tier: &Tier,
) -> Result<UploadForm, ApiError> {
    let form = Parts::of(request, body)?;
    let length = request.headers().get(header::CONTENT_LENGTH);
    let limits = FormLimits {
        file: upload_limit(service, tier),
        declared: length.and_then(|length| length.to_str().ok()?.parse().ok()),
    };
    if limits.are_hopeless() {
        return Err(ApiError::payload_too_large(limits.file));
    }
    form::read(form, &service.spool, limits).await
}

/// The tier's own limit, else the server's.
fn upload_limit(service: &Service, tier: &Tier) -> u64 {
    let own = tier.limits.max_upload_bytes.map(PositiveCount::get);
    own.and_then(|bytes| u64::try_from(bytes).ok())
        .unwrap_or(service.uploads.max_upload_bytes.get())
}

/// Spares the work on an upload that cannot be stored. What is stored in the meantime counts when it is saved.
pub async fn refuse_over_limits(
    service: &Service,
    user: UserId,
    tier: &Tier,
    bytes: u64,
) -> Result<(), ApiError> {
    if tier.limits.uploads_per_hour.is_none() && tier.limits.storage_quota_bytes.is_none() {
        return Ok(());
    }
    let usage = service.db.run(GetUsage(user, tier.limits)).await?;
    let now = time::OffsetDateTime::now_utc();
    match usage.and_then(|usage| usage.refusal(&tier.limits, bytes, now)) {
        Some(reached) => Err(reached.into()),
        None => Ok(()),
    }
}

/// An upload that can be rendered.
pub struct Submission {
    pub(super) picture: Picture,
    pub(super) lifetime: Option<LinkLifetime>,
}

/// A picture whose header was read.
pub(super) struct Picture {
    pub spooled: Spooled,
    pub file_name: FileName,
    pub source: File,
    pub probe: Probe,
}

/// Checks both fields, so that one answer tells what is wrong with either.
pub async fn validate(
    service: &Service,
    tier: &Tier,
    form: UploadForm,
) -> Result<Submission, ApiError> {
    let picture = picture(service, form.image).await;
    let lifetime = lifetime(form.expiring_time_seconds.as_deref());
    let (picture, lifetime) = match (picture, lifetime) {
        (Ok(picture), Ok(lifetime)) => (picture, lifetime),
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => return Err(error),
        (Err(one), Err(other)) => return Err(one.and(other)),
    };
    if lifetime.is_some() && !tier.expiring_links {
        let sentence = "Your account permissions does not allow you to create expiring links";
        return Err(ApiError::field(NON_FIELD, sentence));
    }
    Ok(Submission { picture, lifetime })
}

pub(super) fn lifetime(text: Option<&str>) -> Result<Option<LinkLifetime>, ApiError> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => match text.parse() {
            Ok(lifetime) => Ok(Some(lifetime)),
            Err(invalid) => Err(ApiError::field(
                "expiring_time_seconds",
                invalid.to_string(),
            )),
        },
    }
}

async fn picture(service: &Service, field: Option<ImageField>) -> Result<Picture, ApiError> {
    let refuse = |sentence| Err(ApiError::field("image", sentence));
    let (spooled, file_name) = match field {
        None => return refuse("No file was submitted."),
        Some(ImageField::Text) => {
            return refuse(
                "The submitted data was not a file. Check the encoding type on the form.",
            );
        }
        Some(ImageField::Several) => return refuse("Only one file can be uploaded at a time."),
        Some(ImageField::Empty) => return refuse("The submitted file is empty."),
        Some(ImageField::OtherFormat(format)) => return Err(ApiError::other_format(format)),
        Some(ImageField::File { spooled, file_name }) => (spooled, file_name),
    };
    let source = spooled.reader()?;
    let limits = imaging::Limits {
        max_pixels: service.uploads.max_pixels.get(),
    };
    let probed = blocking::run(move || {
        let probe = imaging::probe(&mut BufReader::new(&source), &limits)?;
        Ok::<_, imaging::ImageError>((source, probe))
    });
    let (source, probe) = match probed.await {
        Ok(probed) => probed?,
        Err(failed) if failed.is_panic() => {
            return Err(RenderError::panicked(failed.into_panic(), spooled.sha256()).into());
        }
        Err(failed) => return Err(ApiError::internal(failed)),
    };
    Ok(Picture {
        spooled,
        file_name,
        source,
        probe,
    })
}

/// Makes what is to be stored of it: thumbnails, and the link that was asked for.
pub async fn prepare(
    service: &Service,
    user: UserId,
    tier: &Tier,
    submission: Submission,
    mut turn: Turn,
) -> Result<Upload, ApiError> {
    turn.arrived()?;
    let Submission {
        mut picture,
        lifetime,
    } = submission;
    if service.uploads.strip_location {
        picture.spooled = location::strip(picture.spooled).await?;
    }
    refuse_over_limits(service, user, tier, picture.spooled.length()).await?;
    let thumbnails = render(service, tier, &picture).await?;
    let link = match lifetime {
        Some(lifetime) => Some(service.signer.issue(Purpose::OpenImage, lifetime).await?),
        None => None,
    };
    Ok(Upload::new(user, picture, thumbnails, link, turn))
}

/// Waits for room, then renders.
async fn render(
    service: &Service,
    tier: &Tier,
    picture: &Picture,
) -> Result<Vec<Thumbnail>, ApiError> {
    let heights = tier.thumbnail_heights.as_slice();
    let permit = service
        .admission
        .admit(picture.probe.render_memory(heights))
        .await?;
    let job = RenderJob {
        source: picture.source.try_clone().map_err(ApiError::unavailable)?,
        probe: picture.probe.clone(),
        heights: heights.to_vec(),
        permit,
    };
    Ok(service.thumbnailer.render(job).await?)
}
