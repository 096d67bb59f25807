//! What staff see of all API tokens, and their revocation.

use deadpool_postgres::Transaction;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{ApiToken, TokenDigest, token_digest};
use crate::{
    db::{
        Change, Connection, DbError, Effects, Made, NotMade, Query,
        connection::{Param, all},
        pages::{List, Page, Position},
        users,
    },
    domain::{
        audit::{Action, Changes},
        staff::{Actor, ForVersion},
        token::TokenId,
        user::{OwnerFilter, UserId, Username},
    },
};

/// A token as staff see it.
#[derive(Debug, Clone)]
pub struct ListedToken {
    /// The token.
    pub token: ApiToken,
    /// Whose it is.
    pub username: Username,
}

impl ListedToken {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            token: ApiToken::read(row)?,
            username: Username::stored(row.try_get("username")?),
        })
    }
}

/// Where a token stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenPlace {
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    id: Uuid,
}

impl TokenPlace {
    /// A token's place.
    pub fn of(token: &ApiToken) -> Self {
        Self {
            created_at: token.created_at,
            id: token.id.0,
        }
    }

    fn params(&self) -> [Param<'_>; 2] {
        [&self.created_at, &self.id]
    }
}

/// A page of everybody's tokens, newest first.
pub struct FindTokens {
    /// Whose.
    pub filter: OwnerFilter,
    /// These alone.
    pub ids: Option<Vec<TokenId>>,
    /// From where.
    pub position: Position<TokenPlace>,
    /// How many at the most.
    pub size: u32,
}

impl Query for FindTokens {
    type Output = Page<ListedToken>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let user = self.filter.user.as_ref().map(Username::as_str);
        let ids = self.ids.as_ref();
        let ids: Option<Vec<Uuid>> = ids.map(|ids| ids.iter().map(|id| id.0).collect());
        let list = List {
            select: include_str!("../../../sql/queries/api_tokens/find_all.sql"),
            filters: &[&user, &ids],
            columns: ["k.created_at", "k.id"],
            descending: true,
            search: None,
        };
        list.page(
            db,
            &self.position,
            self.size,
            TokenPlace::params,
            ListedToken::read,
        )
        .await
    }
}

/// Revokes tokens of anybody's, all or none, and returns the digests of those that there were.
pub struct RevokeSomeTokens {
    /// Who revokes them.
    pub by: Actor,
    /// Which ones.
    pub ids: Vec<TokenId>,
}

impl Change for RevokeSomeTokens {
    type Output = usize;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        let ids: Vec<Uuid> = self.ids.iter().map(|id| id.0).collect();
        let owners = include_str!("../../../sql/queries/api_tokens/owners.sql");
        let read = |row: &Row| Ok(UserId(row.try_get("user_id")?));
        let mut revoked = Vec::new();
        for owner in all(db, owners, &[&ids], read).await? {
            let user = users::lock(db, &self.by, owner, &ForVersion::Any).await?;
            let delete = include_str!("../../../sql/queries/api_tokens/delete_some.sql");
            let read = |row: &Row| Ok((token_digest(row)?, row.try_get("name")?));
            let gone: Vec<(TokenDigest, String)> = all(db, delete, &[&ids, &owner.0], read).await?;
            let (digests, names): (Vec<_>, Vec<_>) = gone.into_iter().unzip();
            if digests.is_empty() {
                continue;
            }
            let changes = Changes::none().with("tokens", names, Vec::<String>::new());
            let name = &user.user.username;
            users::log(db, &self.by, owner, name, Action::RevokedTokens, changes).await?;
            revoked.extend(digests);
        }
        Ok(Made::with(revoked.len(), Effects::tokens(revoked)))
    }
}
