//! `tierpix user …`.

mod list;

use clap::{
    Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{
    CliError, passwords,
    place::{ops, storage, with_database},
    tables,
};
use crate::{
    actors::Db,
    auth::password::Passwords,
    config::PlaceSettings,
    datadir::DataDir,
    db::{
        Database,
        users::{DeleteUser, FindCredentials, InsertUser, UnlockUser, UpdateUser},
    },
    domain::{
        staff::{Actor, ForVersion, StaffRole},
        tier::TierName,
        user::{Email, Password, UserChange, UserFields, UserId, Username},
    },
    ops::Ops,
    site::Site,
};

/// Manages users.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Make a user.
    Add {
        /// The name to log in with.
        name: Username,
        /// The tier; without one the user cannot upload.
        #[arg(long)]
        tier: Option<TierName>,
        /// The e-mail address.
        #[arg(long)]
        email: Option<Email>,
        /// Make the user one of the staff: a manager, unless another role is named as in --staff=viewer.
        #[arg(long, value_name = "ROLE", num_args = 0..=1, require_equals = true)]
        #[arg(default_missing_value = StaffRole::Manager.as_str(), value_parser = staff_role())]
        staff: Option<StaffRole>,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List all users.
    List {
        /// As JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Give a user another tier.
    SetTier {
        /// The user.
        name: Username,
        /// The tier.
        tier: TierName,
    },
    /// Make a user one of the staff, or take that away.
    SetRole {
        /// The user.
        name: Username,
        /// What the user may do as staff.
        #[arg(value_parser = any_role())]
        role: Role,
    },
    /// Set a user's password; it ends the user's sessions.
    Passwd {
        /// The user.
        name: Username,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Let a user log in again who is shut out after failed logins.
    Unlock {
        /// The user.
        name: Username,
    },
    /// Let a user log in again who was deactivated.
    Activate {
        /// The user.
        name: Username,
    },
    /// Keep a user from logging in; it ends the user's sessions.
    Deactivate {
        /// The user.
        name: Username,
    },
    /// Delete a user with all images and links.
    Delete {
        /// The user.
        name: Username,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// A role, or `none`.
#[derive(Debug, Clone, Copy)]
pub struct Role(Option<StaffRole>);

const NO_ROLE: &str = "none";

fn staff_role() -> impl TypedValueParser<Value = StaffRole> {
    PossibleValuesParser::new(StaffRole::ALL.map(StaffRole::as_str))
        .try_map(|text| text.parse::<StaffRole>())
}

fn any_role() -> impl TypedValueParser<Value = Role> {
    let roles = StaffRole::ALL.map(StaffRole::as_str);
    PossibleValuesParser::new([NO_ROLE].into_iter().chain(roles)).try_map(|text| {
        let staff = (text != NO_ROLE).then(|| text.parse::<StaffRole>());
        staff.transpose().map(Role)
    })
}

impl UserCommand {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        match self {
            Self::Add {
                name,
                tier,
                email,
                staff,
                password_stdin,
            } => {
                let password = passwords::read(password_stdin)?;
                let user = UserFields {
                    email,
                    tier,
                    role: staff,
                    ..UserFields::new(name.clone())
                };
                with_database(settings, async |database, _| {
                    insert(database, user, password).await
                })
                .await?;
                tables::say(format_args!("Made the user {name}."))
            }
            Self::List { json } => {
                with_database(settings, async |database, _| {
                    list::print(database, json).await
                })
                .await
            }
            Self::SetTier { name, tier } => {
                let change = UserChange {
                    tier: Some(Some(tier.clone())),
                    ..UserChange::default()
                };
                update(settings, &name, change).await?;
                tables::say(format_args!("{name} has the tier {tier} now."))
            }
            Self::SetRole { name, role } => {
                let change = UserChange {
                    role: Some(role.0),
                    ..UserChange::default()
                };
                update(settings, &name, change).await?;
                match role.0 {
                    Some(role) => tables::say(format_args!("{name} is a {role} now.")),
                    None => tables::say(format_args!("{name} is not of the staff now.")),
                }
            }
            Self::Passwd {
                name,
                password_stdin,
            } => {
                let password = passwords::read(password_stdin)?;
                with_database(settings, async |database, _| {
                    let hash = Passwords::new(1).hash(password).await?;
                    let id = find(database, &name).await?;
                    let update = UpdateUser::password(Actor::CommandLine, id, hash);
                    ops(database).make(update).await??;
                    Ok(())
                })
                .await?;
                tables::say(format_args!(
                    "{name} has a new password; all sessions have ended."
                ))
            }
            Self::Unlock { name } => {
                with_database(settings, async |database, _| {
                    let id = find(database, &name).await?;
                    let by = Actor::CommandLine;
                    Ok(ops(database).make(UnlockUser { by, id }).await??)
                })
                .await?;
                tables::say(format_args!("Failed logins no longer keep {name} out."))
            }
            Self::Activate { name } => {
                set_active(settings, &name, true).await?;
                tables::say(format_args!("{name} can log in."))
            }
            Self::Deactivate { name } => {
                set_active(settings, &name, false).await?;
                tables::say(format_args!(
                    "{name} cannot log in any more; all sessions have ended."
                ))
            }
            Self::Delete { name, yes } => {
                let images = with_database(settings, async |database, data_dir| {
                    delete(settings, database, data_dir, &name, yes).await
                })
                .await?;
                tables::say(format_args!("Deleted {name} with {images} images."))
            }
        }
    }
}

/// Makes a user with this password.
pub async fn insert(
    database: &Database,
    user: UserFields,
    password: Password,
) -> Result<(), CliError> {
    let insert = InsertUser {
        by: Actor::CommandLine,
        user,
        password_hash: Passwords::new(1).hash(password).await?,
    };
    ops(database).make(insert).await??;
    Ok(())
}

async fn find(database: &Database, name: &Username) -> Result<UserId, CliError> {
    let found = database.run(FindCredentials(name.clone())).await?;
    match found {
        Some(credentials) => Ok(credentials.user.id),
        None => Err(CliError::because(format!("there is no user {name}"))),
    }
}

async fn update(
    settings: &PlaceSettings,
    name: &Username,
    change: UserChange,
) -> Result<(), CliError> {
    with_database(settings, async |database, _| {
        let id = find(database, name).await?;
        let update = UpdateUser::fields(Actor::CommandLine, id, change);
        ops(database).make(update).await??;
        Ok(())
    })
    .await
}

async fn set_active(
    settings: &PlaceSettings,
    name: &Username,
    active: bool,
) -> Result<(), CliError> {
    let change = UserChange {
        is_active: Some(active),
        ..UserChange::default()
    };
    update(settings, name, change).await
}

/// Deletes the rows, then the files; returns how many images went.
async fn delete(
    settings: &PlaceSettings,
    database: &Database,
    data_dir: &DataDir,
    name: &Username,
    yes: bool,
) -> Result<usize, CliError> {
    let id = find(database, name).await?;
    tables::confirm(&format!("Delete {name} with all images and links?"), yes)?;
    let delete = DeleteUser {
        by: Actor::CommandLine,
        id,
        version: ForVersion::Any,
    };
    let (db, storage) = (Db::start(database.clone()), storage(settings, data_dir)?);
    let site = Site::new(db.clone(), storage.clone());
    if site.row().await?.has_images {
        site.check_or_mark().await?;
    }
    Ok(Ops::for_command(db, Some(site)).make(delete).await??)
}
