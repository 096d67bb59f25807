//! `POST /api/v1/images_upload/`: from a form to thumbnails.

pub(crate) mod form;
mod location;
mod retry;
mod store;

use std::{fs::File, io::BufReader};

use actix_multipart::Multipart;
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::header,
    web::{Data, Payload},
};
use utoipa::ToSchema;

use super::{
    client::Client,
    images::{ImageBody, tier_of},
    openapi::{errors, tags},
};
use crate::{
    actors::RenderJob,
    auth::CurrentUser,
    db::{
        idempotency_keys::KeptAnswer,
        users::{GetUsage, Usage},
    },
    domain::{
        image::FileName,
        link::{LinkLifetime, Purpose},
        tier::{PositiveCount, Tier},
    },
    error::{ApiError, NON_FIELD},
    imaging::{self, Probe, Thumbnail},
    service::Service,
    storage::Spooled,
};
use form::{ImageField, UploadForm};
use retry::Retry;
use store::Upload;

/// What else a form holds besides the image: a limit of its own would only be in the way.
const FORM_OVERHEAD: u64 = 1024 * 1024;

/// What the form holds.
#[derive(ToSchema)]
#[schema(as = Upload)]
#[expect(
    dead_code,
    reason = "describes the form, which is read as it streams in"
)]
struct UploadBody {
    /// One PNG or JPEG file, decided by its bytes alone. Of several the last counts.
    #[schema(value_type = String, format = Binary)]
    image: Vec<u8>,
    /// Asks for a link to the original that lives this long. Only where the tier has such links.
    #[schema(minimum = 300, maximum = 300_000, nullable = false, examples(3600))]
    expiring_time_seconds: Option<u32>,
}

/// Upload a picture.
///
/// Answers with the URLs of the thumbnails that the account's tier has, of the original where the tier has that, and
/// with a link that expires where one is asked for. A refused upload leaves nothing behind.
///
/// With an `Idempotency-Key` a retry of the same content within 24 hours gets the first answer again, if that was a
/// success.
#[utoipa::path(
    post,
    path = "/api/v1/images_upload/",
    operation_id = "images_upload",
    tag = tags::UPLOAD,
    params((
        "Idempotency-Key" = Option<String>,
        Header,
        description = "Names this upload among its retries: 1 to 255 visible ASCII characters.",
        pattern = "^[!-~]{1,255}$",
        example = "8e03978e-40d5-43dd-bc93-6894a57f9324"
    )),
    request_body(content = UploadBody, content_type = "multipart/form-data"),
    responses(
        (
            status = 201,
            description = "The picture is stored for good, its thumbnails are made.",
            body = ImageBody,
            headers(
                ("Location"), ("Idempotency-Replayed"),
                ("RateLimit-Limit"), ("RateLimit-Remaining"), ("RateLimit-Reset")
            )
        ),
        (
            status = 400,
            description = "What is wrong with the fields, both at once.",
            body = errors::FieldErrors,
            example = json!({
                "image": ["Invalid image format. Only JPG and PNG are allowed"],
                "expiring_time_seconds": ["You can only specify time between 300 and 300000 seconds"]
            })
        ),
        errors::MultipartParseError,
        errors::BadIdempotencyKey,
        errors::NoAccountTier,
        errors::QuotaExceeded,
        errors::RequestTimeout,
        errors::IdempotencyInProgress,
        errors::PayloadTooLarge,
        errors::UnsupportedMediaType,
        errors::IdempotencyConflict,
        errors::StorageFull,
    ),
)]
pub async fn upload(
    request: HttpRequest,
    who: CurrentUser,
    service: Data<Service>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let tier = tier_of(&service, &who.user)
        .await?
        .ok_or_else(ApiError::no_account_tier)?;
    let key = retry::key(&request)?;
    if key.is_none() {
        refuse_over_limits(&service, &who, &tier, 1).await?;
    }
    let limit = upload_limit(&service, &tier);
    let form = form::read(multipart(&request, body, limit)?, &service.spool, limit).await?;
    let Submission {
        mut picture,
        lifetime,
    } = validate(&service, &tier, form).await?;
    let claim = match retry::claim(&service, &who, key, &picture.spooled, lifetime).await? {
        Retry::First(claim) => claim,
        Retry::Answered(answer) => return Ok(replayed(answer)),
    };
    if service.uploads.strip_location {
        picture.spooled = location::strip(picture.spooled).await?;
    }
    refuse_over_limits(&service, &who, &tier, picture.spooled.length()).await?;
    let thumbnails = render(&service, &tier, &picture).await?;
    let link = match lifetime {
        Some(lifetime) => Some(service.signer.issue(Purpose::OpenImage, lifetime).await?),
        None => None,
    };
    let upload = Upload::new(who.user.id, picture, thumbnails, link);
    let base_url = Client::of(&request, &service.http).base_url(&service.http);
    let body = ImageBody::uploaded(&upload.image, &tier, &base_url, upload.link.as_ref());
    let answer = KeptAnswer {
        location: body.location(&base_url),
        body: serde_json::to_string(&body).map_err(ApiError::internal)?,
    };
    let usage = store::store(service.clone(), upload, tier.limits, claim, answer.clone()).await?;
    let mut response = created(answer);
    if let (Some(usage), Some(limit)) = (usage, tier.limits.uploads_per_hour) {
        tell_rate(&mut response, &usage, limit);
    }
    Ok(response)
}

/// The tier's own limit, else the server's.
fn upload_limit(service: &Service, tier: &Tier) -> u64 {
    let own = tier.limits.max_upload_bytes.map(PositiveCount::get);
    own.and_then(|bytes| u64::try_from(bytes).ok())
        .unwrap_or(service.uploads.max_upload_bytes.get())
}

/// Spares the work on an upload that cannot be stored. What is stored in the meantime counts when it is saved.
async fn refuse_over_limits(
    service: &Service,
    who: &CurrentUser,
    tier: &Tier,
    bytes: u64,
) -> Result<(), ApiError> {
    if tier.limits.uploads_per_hour.is_none() && tier.limits.storage_quota_bytes.is_none() {
        return Ok(());
    }
    let usage = service.db.run(GetUsage(who.user.id, tier.limits)).await?;
    let now = time::OffsetDateTime::now_utc();
    match usage.and_then(|usage| usage.refusal(&tier.limits, bytes, now)) {
        Some(reached) => Err(reached.into()),
        None => Ok(()),
    }
}

/// The form, unless it is none or says itself that it is too large.
fn multipart(request: &HttpRequest, body: Payload, limit: u64) -> Result<Multipart, ApiError> {
    if !request
        .content_type()
        .eq_ignore_ascii_case("multipart/form-data")
    {
        return Err(ApiError::unsupported_media_type(request.content_type()));
    }
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit.saturating_add(FORM_OVERHEAD)) {
        return Err(ApiError::payload_too_large(limit));
    }
    Ok(Multipart::new(request.headers(), body))
}

/// An upload that can be rendered.
struct Submission {
    picture: Picture,
    lifetime: Option<LinkLifetime>,
}

/// A picture whose header was read.
struct Picture {
    spooled: Spooled,
    file_name: FileName,
    source: File,
    probe: Probe,
}

/// Checks both fields, so that one answer tells what is wrong with either.
async fn validate(
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

fn lifetime(text: Option<&str>) -> Result<Option<LinkLifetime>, ApiError> {
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
        Some(ImageField::Empty) => return refuse("The submitted file is empty."),
        Some(ImageField::OtherFormat) => return Err(imaging::ImageError::OtherFormat.into()),
        Some(ImageField::File { spooled, file_name }) => (spooled, file_name),
    };
    let source = spooled.reader().await?;
    let limits = imaging::Limits {
        max_pixels: service.uploads.max_pixels.get(),
    };
    let probed = tokio::task::spawn_blocking(move || {
        let probe = imaging::probe(&mut BufReader::new(&source), &limits)?;
        Ok::<_, imaging::ImageError>((source, probe))
    });
    let (source, probe) = probed.await.map_err(ApiError::internal)??;
    Ok(Picture {
        spooled,
        file_name,
        source,
        probe,
    })
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

fn created(answer: KeptAnswer) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((header::LOCATION, answer.location))
        .content_type(mime::APPLICATION_JSON)
        .body(answer.body)
}

/// The first answer again.
fn replayed(answer: KeptAnswer) -> HttpResponse {
    let mut response = created(answer);
    let name = header::HeaderName::from_static("idempotency-replayed");
    response
        .headers_mut()
        .insert(name, header::HeaderValue::from_static("true"));
    response
}

/// How many uploads are left, as `RateLimit` headers have it (IETF draft ratelimit-headers, in its widespread form).
fn tell_rate(response: &mut HttpResponse, usage: &Usage, limit: PositiveCount) {
    let left = (limit.get() - usage.uploads_last_hour).max(0);
    let now = time::OffsetDateTime::now_utc();
    let reset = usage.oldest_upload.map_or(0, |oldest| {
        (oldest + time::Duration::HOUR - now).whole_seconds().max(0)
    });
    for (name, value) in [
        ("ratelimit-limit", limit.get()),
        ("ratelimit-remaining", left),
        ("ratelimit-reset", reset),
    ] {
        let name = header::HeaderName::from_static(name);
        response
            .headers_mut()
            .insert(name, header::HeaderValue::from(value));
    }
}
