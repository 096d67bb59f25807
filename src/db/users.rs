//! Queries about users.

use tokio_postgres::Row;

use super::{Connection, DbError, Query, images::ImageFiles};
use crate::domain::{
    tier::TierId,
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
