//! `Idempotency-Key`: a retry gets the answer of the first upload.

use actix_web::{HttpRequest, web::Payload};
use sha2::{Digest, Sha256};

use super::{
    accept::{self, Submission},
    arrival::Arrival,
    form::MAX_TEXT,
};
use crate::{
    actors::Db,
    auth::CurrentUser,
    db::idempotency_keys::{
        Claim, ClaimKey, Claimed, FindKey, Fingerprint, KeptAnswer, KeyState, KnownKey, ReleaseKey,
    },
    domain::{idempotency::IdempotencyKey, link::LinkLifetime},
    error::ApiError,
    http::multipart::Parts,
    service::Service,
};

/// Whether an upload is to be done or was done already.
pub enum Retry {
    /// It is to be done; with a key, what is answered is to be kept.
    First(Option<HeldKey>),
    /// It was done.
    Answered(KeptAnswer),
}

/// A key that is ours, given back when this is dropped before an answer was kept.
pub struct HeldKey {
    claim: Claim,
    db: Db,
}

impl HeldKey {
    /// What the answer is kept under.
    pub fn claim(&self) -> Claim {
        self.claim.clone()
    }
}

impl Drop for HeldKey {
    fn drop(&mut self) {
        let (db, claim) = (self.db.clone(), self.claim.clone());
        // Does nothing to a key that was answered. If it fails, the lease runs out.
        actix_web::rt::spawn(async move {
            if let Err(error) = db.run(ReleaseKey(claim)).await {
                tracing::warn!(%error, "cannot give an idempotency key back");
            }
        });
    }
}

/// The request's key, if it has one.
pub fn key(request: &HttpRequest) -> Result<Option<IdempotencyKey>, ApiError> {
    let Some(value) = request.headers().get("idempotency-key") else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    text.parse()
        .map(Some)
        .map_err(|invalid: crate::domain::Invalid| ApiError::parse_error(invalid.to_string()))
}

/// What is known of a key, before anything of the upload is looked at; `None` if the upload is to be done.
///
/// # Errors
/// 409 while the first upload with the key runs.
pub async fn find(
    service: &Service,
    who: &CurrentUser,
    key: &IdempotencyKey,
) -> Result<Option<KnownKey>, ApiError> {
    let find = FindKey {
        user: who.user.id,
        key: key.clone(),
    };
    match service.db.run(find).await? {
        None => Ok(None),
        Some(KeyState::Answered(known)) => Ok(Some(known)),
        Some(KeyState::InProgress) => Err(ApiError::idempotency_in_progress()),
    }
}

/// The first answer, if the content is that of the first upload. It is read for its digest alone, so that no limit of the
/// account can keep a retry from its answer.
pub async fn answer(
    request: &HttpRequest,
    body: Payload,
    known: KnownKey,
) -> Result<KeptAnswer, ApiError> {
    let mut form = Parts::of(request, body)?;
    let mut arrival = Arrival::begin();
    let (mut file, mut lifetime) = (None, None);
    while let Some(mut part) = arrival.next(&mut form).await? {
        let is_image =
            part.name == "image" && part.file_name.as_ref().is_some_and(|name| !name.is_empty());
        let mut hash = Sha256::new();
        let mut text = Vec::new();
        while let Some(bytes) = arrival.bytes(&mut part).await? {
            hash.update(&bytes);
            let room = MAX_TEXT.saturating_sub(text.len());
            text.extend(bytes.iter().take(room));
        }
        if is_image {
            file = Some(hash.finalize().into());
        } else if part.name == "expiring_time_seconds" {
            lifetime = Some(String::from_utf8_lossy(&text).into_owned());
        }
    }
    let lifetime = accept::lifetime(lifetime.as_deref())?;
    let file = file.ok_or_else(ApiError::idempotency_conflict)?;
    if fingerprint(&file, lifetime) != known.fingerprint {
        return Err(ApiError::idempotency_conflict());
    }
    Ok(known.answer)
}

/// Claims the key for this content.
pub async fn claim(
    service: &Service,
    who: &CurrentUser,
    key: Option<IdempotencyKey>,
    submission: &Submission,
) -> Result<Retry, ApiError> {
    let Some(key) = key else {
        return Ok(Retry::First(None));
    };
    let fingerprint = fingerprint(&submission.picture.spooled.sha256(), submission.lifetime);
    let user = who.user.id;
    match service
        .db
        .run(ClaimKey {
            user,
            key,
            fingerprint,
        })
        .await?
    {
        Claimed::Ours(claim) => Ok(Retry::First(Some(HeldKey {
            claim,
            db: service.db.clone(),
        }))),
        Claimed::Answered(answer) => Ok(Retry::Answered(answer)),
        Claimed::InProgress => Err(ApiError::idempotency_in_progress()),
        Claimed::OtherContent => Err(ApiError::idempotency_conflict()),
    }
}

/// The digest of the file's digest, which has a fixed length, and the seconds.
fn fingerprint(file: &[u8; 32], lifetime: Option<LinkLifetime>) -> Fingerprint {
    let mut hash = Sha256::new();
    hash.update(file);
    if let Some(lifetime) = lifetime {
        hash.update(lifetime.seconds().to_be_bytes());
    }
    hash.finalize().into()
}
