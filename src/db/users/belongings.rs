//! What belongs to a user.

use crate::{
    db::{Connection, DbError, Query},
    domain::user::UserId,
};

/// Asks what belongs to a user; `None` if the user is gone.
pub struct GetBelongings {
    /// Whose.
    pub user: UserId,
    /// How many of each kind are named.
    pub named: u32,
}

/// What belongs to a user, the images aside, which [`super::ListedUser`] counts.
#[derive(Debug, Clone)]
pub struct Belongings {
    /// API tokens.
    pub tokens: i64,
    /// The names of the oldest of them.
    pub token_names: Vec<String>,
    /// Sessions that are alive.
    pub sessions: i64,
    /// Links that can still be opened.
    pub live_links: i64,
    /// The file names of the newest images.
    pub image_names: Vec<String>,
}

impl Query for GetBelongings {
    type Output = Option<Belongings>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/users/belongings.sql");
        db.optional(sql, &[&self.user.0, &i64::from(self.named)], |row| {
            Ok(Belongings {
                tokens: row.try_get("tokens")?,
                token_names: row.try_get("token_names")?,
                sessions: row.try_get("sessions")?,
                live_links: row.try_get("live_links")?,
                image_names: row.try_get("image_names")?,
            })
        })
        .await
    }
}
