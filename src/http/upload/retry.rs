//! `Idempotency-Key`: a retry gets the answer of the first upload.

use actix_web::HttpRequest;
use sha2::{Digest, Sha256};

use super::accept::Submission;
use crate::{
    actors::Db,
    auth::CurrentUser,
    db::idempotency_keys::{Claim, ClaimKey, Claimed, Fingerprint, KeptAnswer, ReleaseKey},
    domain::{idempotency::IdempotencyKey, link::LinkLifetime},
    error::ApiError,
    service::Service,
    storage::Spooled,
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
    let fingerprint = fingerprint(&submission.picture.spooled, submission.lifetime);
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
fn fingerprint(file: &Spooled, lifetime: Option<LinkLifetime>) -> Fingerprint {
    let mut hash = Sha256::new();
    hash.update(file.sha256());
    if let Some(lifetime) = lifetime {
        hash.update(lifetime.seconds().to_be_bytes());
    }
    hash.finalize().into()
}
