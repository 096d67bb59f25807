//! Staff end what a user has logged in with and given out.

use deadpool_postgres::Transaction;
use tokio_postgres::Row;

use super::change::{lock, log};
use crate::{
    db::{
        Change, Effects, Made, NotMade,
        api_tokens::token_digest,
        connection::{all, execute},
    },
    domain::{
        audit::{Action, Changes},
        link::LinkId,
        staff::{Actor, ForVersion},
        user::UserId,
    },
};

/// Ends all sessions of a user.
pub struct EndSessions {
    /// Who ends them.
    pub by: Actor,
    /// Whose.
    pub id: UserId,
}

impl Change for EndSessions {
    type Output = ();

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        let user = lock(db, &self.by, self.id, &ForVersion::Any).await?;
        let sql = include_str!("../../../sql/queries/users/end_sessions.sql");
        execute(db, sql, &[&self.id.0]).await?;
        let name = &user.user.username;
        log(
            db,
            &self.by,
            self.id,
            name,
            Action::EndedSessions,
            Changes::none(),
        )
        .await?;
        Ok(Made::with((), Effects::user(self.id)))
    }
}

/// Lets a user who was shut out after failed logins try again, from everywhere and on every node.
pub struct UnlockUser {
    /// Who allows it.
    pub by: Actor,
    /// Who may.
    pub id: UserId,
}

impl Change for UnlockUser {
    type Output = ();

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        let user = lock(db, &self.by, self.id, &ForVersion::Any).await?;
        let name = &user.user.username;
        let sql = include_str!("../../../sql/queries/notices/unlocked.sql");
        execute(db, sql, &[&name.as_str()]).await?;
        let (action, changes) = (Action::Unlocked, Changes::none());
        log(db, &self.by, self.id, name, action, changes).await?;
        Ok(Made::alone(()))
    }
}

/// Revokes all API tokens of a user, and returns their digests.
pub struct RevokeTokens {
    /// Who revokes them.
    pub by: Actor,
    /// Whose.
    pub id: UserId,
}

impl Change for RevokeTokens {
    type Output = usize;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        let user = lock(db, &self.by, self.id, &ForVersion::Any).await?;
        let sql = include_str!("../../../sql/queries/api_tokens/delete_all.sql");
        let digests = all(db, sql, &[&self.id.0], token_digest).await?;
        if digests.is_empty() {
            return Ok(Made::alone(0));
        }
        let tokens = i64::try_from(digests.len()).unwrap_or(i64::MAX);
        let revoked = Changes::none().with("tokens", tokens, 0);
        let name = &user.user.username;
        log(db, &self.by, self.id, name, Action::RevokedTokens, revoked).await?;
        Ok(Made::with(digests.len(), Effects::tokens(digests)))
    }
}

/// Revokes all links to the images of a user, and returns them.
pub struct RevokeLinks {
    /// Who revokes them.
    pub by: Actor,
    /// Whose.
    pub id: UserId,
}

impl Change for RevokeLinks {
    type Output = usize;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        let user = lock(db, &self.by, self.id, &ForVersion::Any).await?;
        let sql = include_str!("../../../sql/queries/links/revoke_all.sql");
        let read = |row: &Row| Ok(LinkId(row.try_get("id")?));
        let revoked = all(db, sql, &[&self.id.0], read).await?;
        if revoked.is_empty() {
            return Ok(Made::alone(0));
        }
        let links = i64::try_from(revoked.len()).unwrap_or(i64::MAX);
        let changes = Changes::none().with("links", links, 0);
        let name = &user.user.username;
        log(db, &self.by, self.id, name, Action::RevokedLinks, changes).await?;
        Ok(Made::with(revoked.len(), Effects::links(revoked)))
    }
}
