//! Queries about users.

mod access;
mod belongings;
mod change;
mod list;
mod usage;

use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{Connection, DbError, Query};
use crate::domain::{
    tier::{TierId, TierName},
    user::{Email, User, UserFields, UserId, Username},
};

pub use access::{EndSessions, RevokeLinks, RevokeTokens, UnlockUser};
pub use belongings::{Belongings, GetBelongings};
pub use change::{DeleteUser, InsertUser, UpdateUser};
pub(super) use change::{lock, log};
pub use list::{FindUsers, UserPlace};
pub(super) use usage::usage;
pub use usage::{GetUsage, Usage};

/// The user of this id.
pub struct GetUser(pub UserId);

impl Query for GetUser {
    type Output = Option<User>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/get.sql");
        db.optional(sql, &[&self.0.0], user).await
    }
}

/// The id of the user of this name.
pub struct FindUser(pub Username);

impl Query for FindUser {
    type Output = Option<UserId>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/find_by_name.sql");
        let read = |row: &Row| Ok(UserId(row.try_get("id")?));
        db.optional(sql, &[&self.0.as_str()], read).await
    }
}

/// A user and the hash of the password.
pub struct Credentials {
    /// The user.
    pub user: User,
    /// A PHC string of Argon2id.
    pub password_hash: String,
}

/// The credentials under this name.
pub struct FindCredentials(pub Username);

impl Query for FindCredentials {
    type Output = Option<Credentials>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/find_credentials.sql");
        let read = |row: &Row| {
            Ok(Credentials {
                user: user(row)?,
                password_hash: row.try_get("password_hash")?,
            })
        };
        db.optional(sql, &[&self.0.as_str()], read).await
    }
}

/// A user as staff see it.
#[derive(Debug, Clone)]
pub struct ListedUser {
    /// The user.
    pub user: User,
    /// The tier's name.
    pub tier: Option<TierName>,
    /// Counts up with each change of the account.
    pub version: i64,
    /// When the user was made.
    pub created_at: OffsetDateTime,
    /// The last login by the form; HTTP Basic and tokens do not count.
    pub last_login_at: Option<OffsetDateTime>,
    /// Images in store.
    pub images: i64,
    /// Bytes of all originals in store.
    pub stored_bytes: i64,
}

impl ListedUser {
    /// What the user is.
    pub fn fields(&self) -> UserFields {
        UserFields {
            username: self.user.username.clone(),
            email: self.user.email.clone(),
            tier: self.tier.clone(),
            role: self.user.role,
            is_active: self.user.is_active,
        }
    }

    fn read(row: &Row) -> Result<Self, DbError> {
        let tier: Option<&str> = row.try_get("tier_name")?;
        Ok(Self {
            user: user(row)?,
            tier: tier.map(TierName::stored),
            version: row.try_get("version")?,
            created_at: row.try_get("created_at")?,
            last_login_at: row.try_get("last_login_at")?,
            images: row.try_get("image_count")?,
            stored_bytes: row.try_get("stored_bytes")?,
        })
    }
}

/// All users by name.
pub struct ListUsers;

impl Query for ListUsers {
    type Output = Vec<ListedUser>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/list.sql");
        db.all(sql, &[], ListedUser::read).await
    }
}

/// The user of this id, as staff see it.
pub struct GetListedUser(pub UserId);

impl Query for GetListedUser {
    type Output = Option<ListedUser>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        db.optional(GET_LISTED, &[&self.0.0], ListedUser::read)
            .await
    }
}

const GET_LISTED: &str = include_str!("../../sql/queries/users/get_listed.sql");

/// Whether there is any user.
pub struct AnyUser;

impl Query for AnyUser {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/any.sql");
        db.one(sql, &[], |row| Ok(row.try_get(0)?)).await
    }
}

fn user(row: &Row) -> Result<User, DbError> {
    let email: Option<&str> = row.try_get("email")?;
    let role: Option<&str> = row.try_get("role")?;
    Ok(User {
        id: UserId(row.try_get("id")?),
        username: Username::stored(row.try_get("username")?),
        email: email.and_then(Email::stored),
        tier: row.try_get::<_, Option<i64>>("tier_id")?.map(TierId),
        role: role.map(str::parse).transpose()?,
        is_active: row.try_get("is_active")?,
        credentials_version: row.try_get("credentials_version")?,
    })
}
