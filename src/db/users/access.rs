//! Staff end what a user has logged in with.

use deadpool_postgres::Transaction;

use super::change::{lock, log};
use crate::{
    db::{
        Change, NotMade,
        api_tokens::{TokenDigest, token_digest},
        connection::{all, execute},
    },
    domain::{
        audit::{Action, Changes},
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

    async fn make(self, db: &Transaction<'_>) -> Result<Self::Output, NotMade> {
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
        Ok(())
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
    type Output = Vec<TokenDigest>;

    async fn make(self, db: &Transaction<'_>) -> Result<Self::Output, NotMade> {
        let user = lock(db, &self.by, self.id, &ForVersion::Any).await?;
        let sql = include_str!("../../../sql/queries/api_tokens/delete_all.sql");
        let digests = all(db, sql, &[&self.id.0], token_digest).await?;
        let tokens = i64::try_from(digests.len()).unwrap_or(i64::MAX);
        let revoked = Changes::none().with("tokens", tokens, 0);
        let name = &user.user.username;
        log(db, &self.by, self.id, name, Action::RevokedTokens, revoked).await?;
        Ok(digests)
    }
}
