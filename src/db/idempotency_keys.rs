//! Queries about the answers that are kept for retries.

use uuid::Uuid;

use super::{Connection, DbError, Query};
use crate::domain::{idempotency::IdempotencyKey, user::UserId};

/// SHA-256 of what was sent.
pub type Fingerprint = [u8; 32];

/// A key that this attempt holds: it alone may write the answer.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Whose key it is.
    pub user: UserId,
    /// The key.
    pub key: IdempotencyKey,
    /// Which attempt.
    pub attempt: Uuid,
}

/// What a key comes to.
#[derive(Debug)]
pub enum Claimed {
    /// It is ours: go on.
    Ours(Claim),
    /// It was answered.
    Answered(KeptAnswer),
    /// Another attempt runs.
    InProgress,
    /// It was used for other content.
    OtherContent,
}

/// An answer that was kept.
#[derive(Debug, Clone)]
pub struct KeptAnswer {
    /// The `Location` header.
    pub location: String,
    /// The body.
    pub body: String,
}

/// A key that was answered.
#[derive(Debug, Clone)]
pub struct KnownKey {
    /// Of what was sent with it.
    pub fingerprint: Fingerprint,
    /// The answer.
    pub answer: KeptAnswer,
}

/// What has become of a key.
#[derive(Debug, Clone)]
pub enum KeyState {
    /// It was answered.
    Answered(KnownKey),
    /// An attempt runs.
    InProgress,
}

/// What has become of a key, if it counts still.
pub struct FindKey {
    /// Whose key it is.
    pub user: UserId,
    /// The key.
    pub key: IdempotencyKey,
}

impl Query for FindKey {
    type Output = Option<KeyState>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/idempotency_keys/find.sql");
        let (user, key) = (self.user.0, self.key.as_str());
        db.optional(sql, &[&user, &key], |row| {
            let fingerprint = row.try_get::<_, &[u8]>("fingerprint")?.try_into();
            let location: Option<String> = row.try_get("location")?;
            let body: Option<String> = row.try_get("body")?;
            let known = fingerprint.ok().zip(location.zip(body));
            Ok(
                known.map_or(KeyState::InProgress, |(fingerprint, (location, body))| {
                    KeyState::Answered(KnownKey {
                        fingerprint,
                        answer: KeptAnswer { location, body },
                    })
                }),
            )
        })
        .await
    }
}

/// Claims a key for content of this fingerprint.
pub struct ClaimKey {
    /// Whose key it is.
    pub user: UserId,
    /// The key.
    pub key: IdempotencyKey,
    /// Of what is sent with it.
    pub fingerprint: Fingerprint,
}

impl Query for ClaimKey {
    type Output = Claimed;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let claim = include_str!("../../sql/queries/idempotency_keys/claim.sql");
        let get = include_str!("../../sql/queries/idempotency_keys/get.sql");
        let (user, key, fingerprint) =
            (self.user.0, self.key.as_str(), self.fingerprint.as_slice());
        let attempt = Uuid::new_v4();
        if db
            .execute(claim, &[&user, &key, &fingerprint, &attempt])
            .await?
            == 1
        {
            return Ok(Claimed::Ours(Claim {
                user: self.user,
                key: self.key,
                attempt,
            }));
        }
        let kept = db
            .optional(get, &[&user, &key], |row| {
                let same = row.try_get::<_, &[u8]>("fingerprint")? == fingerprint;
                let location: Option<String> = row.try_get("location")?;
                let body: Option<String> = row.try_get("body")?;
                Ok((same, location.zip(body)))
            })
            .await?;
        Ok(match kept {
            Some((false, _)) => Claimed::OtherContent,
            Some((true, Some((location, body)))) => {
                Claimed::Answered(KeptAnswer { location, body })
            }
            // Given back by a failed attempt in this very moment: the client may try again just as well.
            Some((true, None)) | None => Claimed::InProgress,
        })
    }
}

/// Gives a key back after a failed attempt.
pub struct ReleaseKey(pub Claim);

impl Query for ReleaseKey {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/idempotency_keys/release.sql");
        let Claim { user, key, attempt } = self.0;
        db.execute(sql, &[&user.0, &key.as_str(), &attempt]).await?;
        Ok(())
    }
}
