//! Queries about API tokens.

mod staff;

use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{Connection, DbError, Effects, Made, Query, connection::Param};
use crate::domain::{
    token::{Scope, Scopes, TokenId, TokenName},
    user::UserId,
};

pub use staff::{FindTokens, ListedToken, RevokeSomeTokens, TokenPlace};

/// SHA-256 of a token's key.
pub type TokenDigest = [u8; 32];

/// A token as it is stored.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// The id.
    pub id: TokenId,
    /// Whose it is.
    pub user: UserId,
    /// What its owner calls it.
    pub name: TokenName,
    /// What it is good for.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// From then on it is worth nothing.
    pub expires_at: Option<OffsetDateTime>,
    /// Written now and then, not at each use.
    pub last_used_at: Option<OffsetDateTime>,
}

impl ApiToken {
    fn read(row: &Row) -> Result<Self, DbError> {
        let scopes: Vec<&str> = row.try_get("scopes")?;
        Ok(Self {
            id: TokenId(row.try_get("id")?),
            user: UserId(row.try_get("user_id")?),
            name: TokenName::stored(row.try_get("name")?),
            scopes: Scopes::parse(scopes)?,
            created_at: row.try_get("created_at")?,
            expires_at: row.try_get("expires_at")?,
            last_used_at: row.try_get("last_used_at")?,
        })
    }
}

/// Makes a token.
pub struct InsertToken {
    /// Whose it is.
    pub user: UserId,
    /// What its owner calls it.
    pub name: TokenName,
    /// What it is good for.
    pub scopes: Scopes,
    /// The digest of its key.
    pub digest: TokenDigest,
    /// When it ends.
    pub expires_at: Option<OffsetDateTime>,
}

impl Query for InsertToken {
    type Output = ApiToken;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/api_tokens/insert.sql");
        let scopes: Vec<_> = self.scopes.iter().map(Scope::as_str).collect();
        db.one(
            sql,
            &[
                &TokenId::new().0,
                &self.user.0,
                &self.name.as_str(),
                &scopes,
                &self.digest.as_slice(),
                &self.expires_at,
            ],
            ApiToken::read,
        )
        .await
    }
}

/// A user's tokens, oldest first.
pub struct ListTokens(pub UserId);

impl Query for ListTokens {
    type Output = Vec<ApiToken>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/api_tokens/list.sql");
        db.all(sql, &[&self.0.0], ApiToken::read).await
    }
}

/// The token of this digest.
pub struct FindToken(pub TokenDigest);

impl Query for FindToken {
    type Output = Option<ApiToken>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/api_tokens/find.sql");
        db.optional(sql, &[&self.0.as_slice()], ApiToken::read)
            .await
    }
}

/// Revokes a user's token; `false` if there is none.
pub struct DeleteToken(pub UserId, pub TokenId);

impl Query for DeleteToken {
    type Output = Made<bool>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/api_tokens/delete.sql");
        let params: [Param<'_>; 2] = [&self.1.0, &self.0.0];
        Ok(match db.optional(sql, &params, token_digest).await? {
            Some(digest) => Made::with(true, Effects::tokens(vec![digest])),
            None => Made::alone(false),
        })
    }
}

pub(super) fn token_digest(row: &Row) -> Result<TokenDigest, DbError> {
    let digest: &[u8] = row.try_get("digest")?;
    digest
        .try_into()
        .map_err(|_| DbError::Broken("a token's digest has another length".into()))
}

/// Notes that a token was used.
pub struct TouchToken(pub TokenId);

impl Query for TouchToken {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/api_tokens/touch.sql");
        db.execute(sql, &[&self.0.0]).await?;
        Ok(())
    }
}
