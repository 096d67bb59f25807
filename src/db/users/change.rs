//! Staff's changes of users.

use std::time::Duration;

use deadpool_postgres::Transaction;
use tokio_postgres::types::ToSql;

use super::{GET_LISTED, ListedUser};
use crate::{
    db::{
        Change, DbError, Effects, Made, NotMade,
        audit_log::Entry,
        change::require,
        connection::{all, execute, one, optional},
        images::ImageFiles,
    },
    domain::{
        audit::{Action, Changes, ObjectKind},
        staff::{Actor, ForVersion, Power, Refusal, StaffRole},
        tier::TierName,
        user::{UserChange, UserFields, UserId, Username},
    },
};

/// The name of the constraint that keeps user names apart.
const USERNAME_TAKEN: &str = "users_username_key";

/// The name of the trigger that keeps an active superuser.
const LAST_SUPERUSER: &str = "users_last_superuser";

/// Makes a user.
pub struct InsertUser {
    /// Who makes it.
    pub by: Actor,
    /// What it is.
    pub user: UserFields,
    /// A PHC string of Argon2id.
    pub password_hash: String,
}

impl Change for InsertUser {
    type Output = ListedUser;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        require_for(&self.by, self.user.role)?;
        let sql = include_str!("../../../sql/queries/users/insert.sql");
        let columns = Columns::of(db, &self.user).await?;
        let params = [&columns.params()[..], &[&self.password_hash]].concat();
        let id = one(db, sql, &params, |row| Ok(UserId(row.try_get("id")?)))
            .await
            .map_err(|error| username_taken(error, &self.user.username))?;
        let added = Changes::between(None, Some(&self.user));
        log(db, &self.by, id, &self.user.username, Action::Added, added).await?;
        let made = one(db, GET_LISTED, &[&id.0], ListedUser::read).await?;
        Ok(Made::alone(made))
    }
}

/// Changes a user. A new password and a deactivation end all sessions.
pub struct UpdateUser {
    /// Who changes it.
    pub by: Actor,
    /// Which one.
    pub id: UserId,
    /// The versions that the change is meant for.
    pub version: ForVersion,
    /// What is to become of it.
    pub change: UserChange,
    /// A PHC string of Argon2id, if the password is to be another.
    pub password_hash: Option<String>,
}

impl UpdateUser {
    /// Changes the fields of a user, whatever version it is in.
    pub fn fields(by: Actor, id: UserId, change: UserChange) -> Self {
        Self {
            by,
            id,
            version: ForVersion::Any,
            change,
            password_hash: None,
        }
    }

    /// Gives a user another password.
    pub fn password(by: Actor, id: UserId, password_hash: String) -> Self {
        Self {
            password_hash: Some(password_hash),
            ..Self::fields(by, id, UserChange::default())
        }
    }
}

impl Change for UpdateUser {
    type Output = ListedUser;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        let before = lock(db, &self.by, self.id, &self.version).await?;
        let fields = before.fields();
        let after = self.change.apply(fields.clone());
        if after.role != fields.role {
            require(&self.by, Power::ManageService)?;
        }
        let changes = Changes::between(Some(&fields), Some(&after));
        if changes.is_empty() && self.password_hash.is_none() {
            return Ok(Made::alone(before));
        }
        let sql = include_str!("../../../sql/queries/users/update.sql");
        let columns = Columns::of(db, &after).await?;
        let ends_sessions = self.password_hash.is_some() || (fields.is_active && !after.is_active);
        let rest: [&(dyn ToSql + Sync); 3] = [&self.password_hash, &ends_sessions, &self.id.0];
        execute(db, sql, &[&columns.params()[..], &rest].concat())
            .await
            .map_err(|error| match last_superuser(error, &fields.username) {
                NotMade::Failed(error) => username_taken(error, &after.username),
                refused => refused,
            })?;
        let name = &after.username;
        if !changes.is_empty() {
            log(db, &self.by, self.id, name, Action::Changed, changes).await?;
        }
        if self.password_hash.is_some() {
            let secret = Changes::none();
            log(db, &self.by, self.id, name, Action::SetPassword, secret).await?;
        }
        let changed = one(db, GET_LISTED, &[&self.id.0], ListedUser::read).await?;
        Ok(Made::with(changed, Effects::user(self.id)))
    }
}

/// Deletes a user with everything that belongs to it, and returns how many images that was.
pub struct DeleteUser {
    /// Who deletes it.
    pub by: Actor,
    /// Which one.
    pub id: UserId,
    /// The versions that the deletion is meant for.
    pub version: ForVersion,
}

impl Change for DeleteUser {
    type Output = usize;

    /// Tens of thousands of images go one by one, each with its thumbnails, its links and a notice.
    const PATIENCE: Duration = Duration::from_secs(60);

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        let user = lock(db, &self.by, self.id, &self.version).await?;
        let files = include_str!("../../../sql/queries/users/image_files.sql");
        let files = all(db, files, &[&self.id.0], ImageFiles::read).await?;
        let delete = include_str!("../../../sql/queries/users/delete.sql");
        let fields = user.fields();
        execute(db, delete, &[&self.id.0])
            .await
            .map_err(|error| last_superuser(error, &fields.username))?;
        let images = i64::try_from(files.len()).unwrap_or(i64::MAX);
        let deleted = Changes::between(Some(&fields), None).with("images", images, None::<i64>);
        log(
            db,
            &self.by,
            self.id,
            &fields.username,
            Action::Deleted,
            deleted,
        )
        .await?;
        let effects = Effects {
            images: files,
            ..Effects::user(self.id)
        };
        Ok(Made::with(effects.images.len(), effects))
    }
}

/// The user as it is from here to the commit, if the actor may change it.
pub(in crate::db) async fn lock(
    db: &Transaction<'_>,
    by: &Actor,
    id: UserId,
    version: &ForVersion,
) -> Result<ListedUser, NotMade> {
    require_for(by, None)?;
    let sql = include_str!("../../../sql/queries/users/lock_to_change.sql");
    optional(db, sql, &[&id.0], |_| Ok(())).await?;
    // Read after the lock is held: whoever held it before may have changed the user.
    let user = optional(db, GET_LISTED, &[&id.0], ListedUser::read).await?;
    let user = user.ok_or(Refusal::Gone)?;
    require_for(by, user.user.role)?;
    if !version.holds(user.version) {
        return Err(Refusal::OtherVersion.into());
    }
    Ok(user)
}

/// Refuses who may not change users of this role.
fn require_for(by: &Actor, role: Option<StaffRole>) -> Result<(), Refusal> {
    if by.may_manage(role) {
        Ok(())
    } else {
        Err(Refusal::Forbidden)
    }
}

fn username_taken(error: DbError, name: &Username) -> NotMade {
    NotMade::by_constraint(error, USERNAME_TAKEN, Refusal::UsernameTaken(name.clone()))
}

fn last_superuser(error: DbError, name: &Username) -> NotMade {
    NotMade::by_constraint(error, LAST_SUPERUSER, Refusal::LastSuperuser(name.clone()))
}

pub(in crate::db) async fn log(
    db: &Transaction<'_>,
    by: &Actor,
    id: UserId,
    name: &Username,
    action: Action,
    changes: Changes,
) -> Result<(), DbError> {
    Entry {
        by,
        kind: ObjectKind::User,
        id: id.0.to_string(),
        name: name.as_str(),
        action,
        changes,
    }
    .write(db)
    .await
}

/// The values of the columns that both statements write, in their order.
struct Columns<'a> {
    username: &'a str,
    email: Option<&'a str>,
    tier: Option<i64>,
    role: Option<&'static str>,
    is_active: bool,
}

impl<'a> Columns<'a> {
    /// The tier that is named is there until the commit.
    async fn of(db: &Transaction<'_>, user: &'a UserFields) -> Result<Self, NotMade> {
        Ok(Self {
            username: user.username.as_str(),
            email: user.email.as_ref().map(|email| email.as_str()),
            tier: match &user.tier {
                Some(name) => Some(tier_id(db, name).await?),
                None => None,
            },
            role: user.role.map(StaffRole::as_str),
            is_active: user.is_active,
        })
    }

    fn params(&self) -> [&(dyn ToSql + Sync); 5] {
        [
            &self.username,
            &self.email,
            &self.tier,
            &self.role,
            &self.is_active,
        ]
    }
}

async fn tier_id(db: &Transaction<'_>, name: &TierName) -> Result<i64, NotMade> {
    let sql = include_str!("../../../sql/queries/tiers/refer.sql");
    let id = optional(db, sql, &[&name.as_str()], |row| Ok(row.try_get("id")?)).await?;
    Ok(id.ok_or_else(|| Refusal::NoSuchTier(name.clone()))?)
}
