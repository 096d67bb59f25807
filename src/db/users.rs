//! Queries about users.

use deadpool_postgres::GenericClient;
use time::{Duration, OffsetDateTime};
use tokio_postgres::Row;

use super::{Connection, DbError, Query, images::ImageFiles};
use crate::domain::{
    tier::{LimitReached, PositiveCount, TierId, TierLimits},
    user::{Email, User, UserId, Username},
};

/// The user of this id.
pub struct GetUser(pub UserId);

impl Query for GetUser {
    type Output = Option<User>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/get.sql");
        db.optional(sql, &[&self.0.0], user).await
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

/// A user and the name of the tier.
pub struct ListedUser {
    /// The user.
    pub user: User,
    /// The tier's name.
    pub tier: Option<String>,
}

/// All users by name.
pub struct ListUsers;

impl Query for ListUsers {
    type Output = Vec<ListedUser>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/list.sql");
        let read = |row: &Row| {
            Ok(ListedUser {
                user: user(row)?,
                tier: row.try_get("tier_name")?,
            })
        };
        db.all(sql, &[], read).await
    }
}

/// Whether there is any user.
pub struct AnyUser;

impl Query for AnyUser {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/any.sql");
        db.one(sql, &[], |row| Ok(row.try_get(0)?)).await
    }
}

/// What an account has used.
#[derive(Debug, Clone)]
pub struct Usage {
    /// Images in store.
    pub images: i64,
    /// Bytes of all originals in store.
    pub stored_bytes: i64,
    /// Uploads stored in the last 60 minutes, also of images that are deleted by now.
    pub uploads_last_hour: i64,
    /// When the first of these was stored.
    pub oldest_upload: Option<OffsetDateTime>,
    /// When the tier takes another upload, if it takes none now.
    pub room_at: Option<OffsetDateTime>,
}

impl Usage {
    /// The limit that one more upload of this many bytes would break.
    pub fn refusal(
        &self,
        limits: &TierLimits,
        bytes: u64,
        now: OffsetDateTime,
    ) -> Option<LimitReached> {
        if let Some(limit) = limits.uploads_per_hour
            && self.uploads_last_hour >= limit.get()
        {
            let wait = self.room_at.map_or(Duration::ZERO, |room_at| room_at - now);
            // Rounded up: who waits as told gets in.
            let seconds = u64::try_from(wait.whole_seconds() + 1).unwrap_or(1);
            return Some(LimitReached::Rate {
                retry_after: seconds.max(1),
            });
        }
        let allowed = limits.storage_quota_bytes?.get();
        let after = i64::try_from(bytes)
            .ok()
            .and_then(|bytes| self.stored_bytes.checked_add(bytes));
        if after.is_some_and(|after| after <= allowed) {
            return None;
        }
        Some(LimitReached::Quota {
            used: self.stored_bytes,
            allowed,
        })
    }
}

/// What an account of a tier with these limits has used; `None` if it is gone.
pub struct GetUsage(pub UserId, pub TierLimits);

impl Query for GetUsage {
    type Output = Option<Usage>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        usage(db.client()?, self.0, &self.1).await
    }
}

pub(super) async fn usage(
    client: &impl GenericClient,
    user: UserId,
    limits: &TierLimits,
) -> Result<Option<Usage>, DbError> {
    let sql = include_str!("../../sql/queries/users/usage.sql");
    let statement = client.prepare_cached(sql).await?;
    let uploads_per_hour = limits.uploads_per_hour.map(PositiveCount::get);
    let row = client
        .query_opt(&statement, &[&user.0, &uploads_per_hour])
        .await?;
    row.map(|row| {
        Ok(Usage {
            images: row.try_get("image_count")?,
            stored_bytes: row.try_get("stored_bytes")?,
            uploads_last_hour: row.try_get("uploads_last_hour")?,
            oldest_upload: row.try_get("oldest_upload")?,
            room_at: row.try_get("room_at")?,
        })
    })
    .transpose()
}

/// The name of the constraint that keeps user names apart.
pub const USERNAME_TAKEN: &str = "users_username_key";

/// Makes a user. A name that is taken fails by [`USERNAME_TAKEN`].
pub struct InsertUser {
    /// The name.
    pub username: Username,
    /// The e-mail address.
    pub email: Option<Email>,
    /// A PHC string of Argon2id.
    pub password_hash: String,
    /// The tier.
    pub tier: Option<TierId>,
    /// See [`User::is_staff`].
    pub is_staff: bool,
    /// See [`User::is_superuser`].
    pub is_superuser: bool,
}

impl Query for InsertUser {
    type Output = UserId;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/insert.sql");
        db.one(
            sql,
            &[
                &self.username.as_str(),
                &self.email.as_ref().map(Email::as_str),
                &self.password_hash,
                &self.tier.map(|tier| tier.0),
                &self.is_staff,
                &self.is_superuser,
            ],
            |row| Ok(UserId(row.try_get("id")?)),
        )
        .await
    }
}

/// Gives a user a tier; `false` if there is no such user.
pub struct SetTier(pub Username, pub TierId);

impl Query for SetTier {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/set_tier.sql");
        Ok(db.execute(sql, &[&self.0.as_str(), &self.1.0]).await? == 1)
    }
}

/// Sets a password's hash and ends the sessions; `false` if there is no such user.
pub struct SetPassword(pub Username, pub String);

impl Query for SetPassword {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/set_password.sql");
        Ok(db.execute(sql, &[&self.0.as_str(), &self.1]).await? == 1)
    }
}

/// Activates or deactivates a user; `false` if there is no such user.
pub struct SetActive(pub Username, pub bool);

impl Query for SetActive {
    type Output = bool;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/users/set_active.sql");
        Ok(db.execute(sql, &[&self.0.as_str(), &self.1]).await? == 1)
    }
}

/// Deletes a user with everything that belongs to it, and returns the images whose files are now
/// nobody's; `None` if there is no such user.
pub struct DeleteUser(pub Username);

impl Query for DeleteUser {
    type Output = Option<Vec<ImageFiles>>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let files = include_str!("../../sql/queries/users/image_files.sql");
        let delete = include_str!("../../sql/queries/users/delete.sql");
        let transaction = db.transaction().await?;
        let rows = transaction.query(files, &[&self.0.as_str()]).await?;
        let files = rows
            .iter()
            .map(ImageFiles::read)
            .collect::<Result<_, _>>()?;
        let deleted = transaction.execute(delete, &[&self.0.as_str()]).await?;
        transaction.commit().await?;
        Ok((deleted == 1).then_some(files))
    }
}

fn user(row: &Row) -> Result<User, DbError> {
    let email: Option<&str> = row.try_get("email")?;
    Ok(User {
        id: UserId(row.try_get("id")?),
        username: row.try_get::<_, &str>("username")?.parse()?,
        email: email.map(str::parse).transpose()?,
        tier: row.try_get::<_, Option<i64>>("tier_id")?.map(TierId),
        is_staff: row.try_get("is_staff")?,
        is_superuser: row.try_get("is_superuser")?,
        is_active: row.try_get("is_active")?,
        credentials_version: row.try_get("credentials_version")?,
    })
}
