//! `POST /api/v1/images_upload/`: from a form to thumbnails.

pub(crate) mod accept;
mod arrival;
pub(crate) mod form;
mod location;
mod retry;
pub(crate) mod store;
pub(crate) mod turns;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
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
    auth::CurrentUser,
    db::{
        idempotency_keys::{KeptAnswer, KnownKey},
        users::Usage,
    },
    domain::{
        idempotency::IdempotencyKey,
        tier::{PositiveCount, Tier},
    },
    error::ApiError,
    service::Service,
};
use retry::Retry;
use turns::Turn;

/// What the form holds.
#[derive(ToSchema)]
#[schema(as = Upload)]
#[expect(
    dead_code,
    reason = "describes the form, which is read as it streams in"
)]
struct UploadBody {
    /// One PNG or JPEG file, decided by its bytes alone.
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
/// success, whatever the account may by now.
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
    let user = who.user.id;
    let admitted = match admit(&request, &service, &who).await {
        Ok(admitted) => admitted,
        Err(refused) => {
            arrival::let_end(body).await;
            return Err(refused);
        }
    };
    let (tier, key, turn) = match admitted {
        Admitted::New { tier, key, turn } => (tier, key, turn),
        Admitted::Retry(kept) => return retry::answer(&request, body, kept).await.map(replayed),
    };
    let form = accept::read(&request, body, &service, &tier).await?;
    let submission = accept::validate(&service, &tier, form).await?;
    let claim = match retry::claim(&service, &who, key, &submission).await? {
        Retry::First(claim) => claim,
        Retry::Answered(answer) => return Ok(replayed(answer)),
    };
    let upload = accept::prepare(&service, user, &tier, submission, turn).await?;
    let base_url = Client::of(request.head(), &service.http).base_url(&service.http);
    let body = ImageBody::uploaded(&upload.image, &tier, &base_url, upload.link.as_ref());
    let answer = KeptAnswer {
        location: body.location(&base_url),
        body: serde_json::to_string(&body).map_err(ApiError::internal)?,
    };
    let kept = claim.map(|claim| (claim, answer.clone()));
    let usage = store::store(service.clone(), upload, tier.limits, None, kept).await?;
    let mut response = created(answer);
    if let (Some(usage), Some(limit)) = (usage, tier.limits.uploads_per_hour) {
        tell_rate(&mut response, &usage, limit);
    }
    Ok(response)
}

/// What an upload turns out to be before its picture is sent.
enum Admitted {
    /// One that is to be stored.
    New {
        tier: Arc<Tier>,
        key: Option<IdempotencyKey>,
        turn: Turn,
    },
    /// One that was stored, if the content is the same. What the account may by now does not matter.
    Retry(KnownKey),
}

/// Lets an upload begin, before its picture is sent: one that could not be stored had better not be.
async fn admit(
    request: &HttpRequest,
    service: &Service,
    who: &CurrentUser,
) -> Result<Admitted, ApiError> {
    let key = retry::key(request)?;
    if let Some(key) = &key
        && let Some(kept) = retry::find(service, who, key).await?
    {
        return Ok(Admitted::Retry(kept));
    }
    let tier = tier_of(service, &who.user)
        .await?
        .ok_or_else(ApiError::no_account_tier)?;
    let turn = service.turns.begin()?;
    accept::refuse_over_limits(service, who.user.id, &tier, 1).await?;
    Ok(Admitted::New { tier, key, turn })
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
