//! The transaction that stores an upload.

use deadpool_postgres::{GenericClient, Transaction};
use serde::Serialize;
use time::OffsetDateTime;

use super::{
    Change, Connection, DbError, Made, NotMade, Query,
    audit_log::Entry,
    change::require,
    connection::{execute, one, optional},
    idempotency_keys::{Claim, KeptAnswer},
    images::{Image, StoredThumbnail, bigint, integer},
    links::NewLink,
    users::{Usage, usage},
};
use crate::domain::{
    audit::{Action, Changes, ObjectKind},
    staff::{Actor, Power},
    tier::{LimitReached, TierLimits},
};

/// Stores an image, its thumbnails and, where one was asked for, its link: all or nothing, and only within the
/// tier's limits, however many uploads of the account arrive at once.
pub struct SaveUpload {
    /// The image; the row gets the database's own time.
    pub image: Image,
    /// The link to the original.
    pub link: Option<NewLink>,
    /// The tier's limits.
    pub limits: TierLimits,
    /// The answer to keep for a retry.
    pub answer: Option<(Claim, KeptAnswer)>,
}

/// What came of storing an upload. But for the first, nothing was stored.
#[derive(Debug)]
pub enum Saved {
    /// Stored; what the account has used is told where the tier limits it.
    Stored(Option<Usage>),
    /// A limit of the tier is reached.
    Refused(LimitReached),
    /// Another attempt has taken the idempotency key over.
    ClaimLost,
}

impl Query for SaveUpload {
    type Output = Saved;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        if !self.is_limited() && self.answer.is_none() {
            insert(db.client()?, &self.image, self.link.as_ref()).await?;
            return Ok(Saved::Stored(None));
        }
        let transaction = db.transaction().await?;
        let saved = self.save(&transaction).await?;
        if matches!(saved, Saved::Stored(_)) {
            transaction.commit().await?;
        }
        Ok(saved)
    }
}

/// Stores an upload that a superuser makes for somebody else, as [`SaveUpload`] does.
pub struct SaveUploadFor {
    /// Who makes it.
    pub by: Actor,
    /// The upload.
    pub upload: SaveUpload,
}

impl Change for SaveUploadFor {
    type Output = Saved;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        require(&self.by, Power::ManageService)?;
        let saved = self.upload.save(db).await?;
        if matches!(saved, Saved::Stored(_)) {
            self.log(db).await?;
        }
        Ok(Made::alone(saved))
    }
}

/// What the audit log keeps of an upload.
#[derive(Serialize)]
struct Uploaded {
    user: String,
    format: &'static str,
    bytes: u64,
}

impl SaveUploadFor {
    async fn log(&self, db: &Transaction<'_>) -> Result<(), DbError> {
        let image = &self.upload.image;
        let user = include_str!("../../sql/queries/users/get.sql");
        let uploaded = Uploaded {
            user: one(db, user, &[&image.user.0], |row| {
                Ok(row.try_get("username")?)
            })
            .await?,
            format: image.format.name(),
            bytes: image.original.bytes,
        };
        Entry {
            by: &self.by,
            kind: ObjectKind::Image,
            id: image.id.to_string(),
            name: image.file_name.as_str(),
            action: Action::Added,
            changes: Changes::between(None, Some(&uploaded)),
        }
        .write(db)
        .await
    }
}

impl SaveUpload {
    fn is_limited(&self) -> bool {
        self.limits.storage_quota_bytes.is_some() || self.limits.uploads_per_hour.is_some()
    }

    async fn save(&self, transaction: &Transaction<'_>) -> Result<Saved, DbError> {
        let user = self.image.user;
        let lock = include_str!("../../sql/queries/users/lock.sql");
        optional(transaction, lock, &[&user.0], |_| Ok(())).await?;
        let used = usage(transaction, user, &self.limits).await?;
        let now = OffsetDateTime::now_utc();
        if let Some(reached) =
            used.and_then(|used| used.refusal(&self.limits, self.image.original.bytes, now))
        {
            return Ok(Saved::Refused(reached));
        }
        insert(transaction, &self.image, self.link.as_ref()).await?;
        if let Some((claim, answer)) = &self.answer
            && !keep(transaction, claim, answer).await?
        {
            return Ok(Saved::ClaimLost);
        }
        let used = if self.is_limited() {
            usage(transaction, user, &self.limits).await?
        } else {
            None
        };
        Ok(Saved::Stored(used))
    }
}

async fn insert(
    client: &impl GenericClient,
    image: &Image,
    link: Option<&NewLink>,
) -> Result<(), DbError> {
    let sql = include_str!("../../sql/queries/images/insert.sql");
    let (heights, bytes, digests) = thumbnail_columns(&image.thumbnails)?;
    let links = link.into_iter();
    let ids: Vec<_> = links.clone().map(|link| link.claims.id.0).collect();
    let keys: Vec<_> = links.clone().map(|link| link.claims.key.0).collect();
    let expiries: Vec<_> = links.map(|link| link.claims.expires_at).collect();
    one(
        client,
        sql,
        &[
            &image.id.0,
            &image.user.0,
            &image.format.name(),
            &integer(image.dimensions.width)?,
            &integer(image.dimensions.height)?,
            &bigint(image.original.bytes)?,
            &image.original.sha256.as_slice(),
            &image.file_name.as_str(),
            &image.media_key.as_bytes(),
            &heights,
            &bytes,
            &digests,
            &ids,
            &keys,
            &expiries,
        ],
        |_| Ok(()),
    )
    .await
}

/// Whether the claim still held.
async fn keep(
    client: &impl GenericClient,
    claim: &Claim,
    answer: &KeptAnswer,
) -> Result<bool, DbError> {
    let sql = include_str!("../../sql/queries/idempotency_keys/answer.sql");
    let kept = execute(
        client,
        sql,
        &[
            &claim.user.0,
            &claim.key.as_str(),
            &claim.attempt,
            &answer.location,
            &answer.body,
        ],
    )
    .await?;
    Ok(kept == 1)
}

type ThumbnailColumns<'a> = (Vec<i32>, Vec<i64>, Vec<&'a [u8]>);

fn thumbnail_columns(thumbnails: &[StoredThumbnail]) -> Result<ThumbnailColumns<'_>, DbError> {
    let mut columns = ThumbnailColumns::default();
    for StoredThumbnail { height, object } in thumbnails {
        columns.0.push(integer(*height)?);
        columns.1.push(bigint(object.bytes)?);
        columns.2.push(&object.sha256);
    }
    Ok(columns)
}
