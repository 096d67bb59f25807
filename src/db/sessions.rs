//! Queries about sessions.

mod staff;

use time::OffsetDateTime;

use super::{Connection, DbError, Query};
use crate::domain::user::UserId;

pub use staff::{EndSomeSessions, FindSessions, ListedSession, SessionPlace};

/// SHA-256 of a session's id.
pub type SessionDigest = [u8; 32];

/// A session as it is stored.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose it is.
    pub user: UserId,
    /// The user's [`credentials_version`](crate::domain::user::User::credentials_version) at login.
    pub credentials_version: i64,
    /// The login.
    pub created_at: OffsetDateTime,
    /// Written now and then, not at each use.
    pub last_used_at: OffsetDateTime,
}

/// Begins a session and notes the login; ended ones of the same user are swept out.
pub struct InsertSession {
    /// The digest of the id.
    pub digest: SessionDigest,
    /// Whose it is.
    pub user: UserId,
    /// The user's number at this login.
    pub credentials_version: i64,
}

impl Query for InsertSession {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/sessions/insert.sql");
        let digest = self.digest.as_slice();
        db.execute(sql, &[&digest, &self.user.0, &self.credentials_version])
            .await?;
        Ok(())
    }
}

/// The session of this digest.
pub struct GetSession(pub SessionDigest);

impl Query for GetSession {
    type Output = Option<Session>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/sessions/get.sql");
        db.optional(sql, &[&self.0.as_slice()], |row| {
            Ok(Session {
                user: UserId(row.try_get("user_id")?),
                credentials_version: row.try_get("credentials_version")?,
                created_at: row.try_get("created_at")?,
                last_used_at: row.try_get("last_used_at")?,
            })
        })
        .await
    }
}

/// Notes that the session was used.
pub struct TouchSession(pub SessionDigest);

impl Query for TouchSession {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/sessions/touch.sql");
        db.execute(sql, &[&self.0.as_slice()]).await?;
        Ok(())
    }
}

/// Ends the session.
pub struct DeleteSession(pub SessionDigest);

impl Query for DeleteSession {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/sessions/delete.sql");
        db.execute(sql, &[&self.0.as_slice()]).await?;
        Ok(())
    }
}
