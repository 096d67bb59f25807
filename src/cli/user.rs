//! `tierpix user …`.

use clap::Subcommand;
use serde_json::json;

use super::{CliError, passwords, place::with_database, tables};
use crate::{
    auth::password::Passwords,
    config::PlaceSettings,
    datadir::{DataDir, DataDirError},
    db::{
        Database,
        tiers::FindTier,
        users::{
            DeleteUser, FindCredentials, InsertUser, ListUsers, SetActive, SetPassword, SetTier,
            USERNAME_TAKEN,
        },
    },
    domain::{
        tier::Tier,
        user::{Email, Password, UserId, Username},
    },
    storage::{LocalStorage, remove_all},
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
        tier: Option<String>,
        /// The e-mail address.
        #[arg(long)]
        email: Option<Email>,
        /// Let the user into the admin panel.
        #[arg(long)]
        staff: bool,
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
        tier: String,
    },
    /// Set a user's password; it ends the user's sessions.
    Passwd {
        /// The user.
        name: Username,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Let a user log in again.
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
                let user = NewUser {
                    username: name.clone(),
                    email,
                    tier,
                    is_staff: staff,
                    is_superuser: false,
                };
                with_database(settings, async |database, _| {
                    insert(database, user, password).await
                })
                .await?;
                tables::say(format_args!("Made the user {name}."))?;
            }
            Self::List { json } => {
                with_database(settings, async |database, _| list(database, json).await).await?
            }
            Self::SetTier { name, tier } => {
                with_database(settings, async |database, _| {
                    let tier = find_tier(database, &tier).await?;
                    found(&name, database.run(SetTier(name.clone(), tier.id)).await?)
                })
                .await?;
                tables::say(format_args!("{name} has the tier {tier} now."))?;
            }
            Self::Passwd {
                name,
                password_stdin,
            } => {
                let password = passwords::read(password_stdin)?;
                with_database(settings, async |database, _| {
                    let hash = Passwords::new(1).hash(password).await?;
                    found(&name, database.run(SetPassword(name.clone(), hash)).await?)
                })
                .await?;
                tables::say(format_args!(
                    "{name} has a new password; all sessions have ended."
                ))?;
            }
            Self::Activate { name } => {
                set_active(settings, &name, true).await?;
                tables::say(format_args!("{name} can log in."))?;
            }
            Self::Deactivate { name } => {
                set_active(settings, &name, false).await?;
                tables::say(format_args!(
                    "{name} cannot log in any more; all sessions have ended."
                ))?;
            }
            Self::Delete { name, yes } => {
                let images = with_database(settings, async |database, data_dir| {
                    delete(database, data_dir, &name, yes).await
                })
                .await?;
                tables::say(format_args!("Deleted {name} with {images} images."))?;
            }
        }
        Ok(())
    }
}

/// A user to be made by a command.
pub struct NewUser {
    /// The name to log in with.
    pub username: Username,
    /// The e-mail address.
    pub email: Option<Email>,
    /// The tier, by its name.
    pub tier: Option<String>,
    /// Whether the user may use the admin panel.
    pub is_staff: bool,
    /// Whether the user may do everything there.
    pub is_superuser: bool,
}

/// Makes a user with this password.
pub async fn insert(
    database: &Database,
    user: NewUser,
    password: Password,
) -> Result<UserId, CliError> {
    let NewUser {
        username,
        email,
        tier,
        is_staff,
        is_superuser,
    } = user;
    let tier = match tier {
        Some(tier) => Some(find_tier(database, &tier).await?.id),
        None => None,
    };
    let name = username.clone();
    let insert = InsertUser {
        username,
        email,
        password_hash: Passwords::new(1).hash(password).await?,
        tier,
        is_staff,
        is_superuser,
    };
    match database.run(insert).await {
        Err(error) if error.is_constraint(USERNAME_TAKEN) => {
            Err(CliError::because(format!("there is a user {name} already")))
        }
        other => Ok(other?),
    }
}

/// The tier of this name, or an error that names those that are there.
pub async fn find_tier(database: &Database, name: &str) -> Result<Tier, CliError> {
    let tier = database.run(FindTier(name.to_owned())).await?;
    tier.ok_or_else(|| {
        CliError::because(format!(
            "there is no tier {name}: `tierpix tier list` shows those that there are"
        ))
    })
}

fn found(name: &Username, found: bool) -> Result<(), CliError> {
    if found {
        return Ok(());
    }
    Err(CliError::because(format!("there is no user {name}")))
}

async fn set_active(
    settings: &PlaceSettings,
    name: &Username,
    active: bool,
) -> Result<(), CliError> {
    with_database(settings, async |database, _| {
        found(name, database.run(SetActive(name.clone(), active)).await?)
    })
    .await
}

/// Deletes the rows, then the files; returns how many images went.
async fn delete(
    database: &Database,
    data_dir: &DataDir,
    name: &Username,
    yes: bool,
) -> Result<usize, CliError> {
    found(
        name,
        database.run(FindCredentials(name.clone())).await?.is_some(),
    )?;
    tables::confirm(&format!("Delete {name} with all images and links?"), yes)?;
    let images = database.run(DeleteUser(name.clone())).await?;
    found(name, images.is_some())?;
    let images = images.unwrap_or_default();
    let storage =
        LocalStorage::in_data_dir(data_dir).map_err(DataDirError::unusable(data_dir.path()))?;
    remove_all(&storage, images.iter().flat_map(|image| &image.0)).await;
    Ok(images.len())
}

async fn list(database: &Database, json: bool) -> Result<(), CliError> {
    let users = database.run(ListUsers).await?;
    if json {
        let users: Vec<_> = users
            .iter()
            .map(|listed| {
                json!({
                    "username": listed.user.username,
                    "email": listed.user.email,
                    "tier": listed.tier,
                    "is_staff": listed.user.is_staff,
                    "is_superuser": listed.user.is_superuser,
                    "is_active": listed.user.is_active,
                })
            })
            .collect();
        return tables::print_json(&json!(users));
    }
    let rows = users.into_iter().map(|listed| {
        let user = listed.user;
        vec![
            user.username.to_string(),
            listed.tier.unwrap_or_default(),
            user.email
                .map(|email| email.as_str().to_owned())
                .unwrap_or_default(),
            tables::yes_no(user.is_staff),
            tables::yes_no(user.is_superuser),
            tables::yes_no(user.is_active),
        ]
    });
    tables::print(
        &["USERNAME", "TIER", "E-MAIL", "STAFF", "SUPERUSER", "ACTIVE"],
        rows,
    )
}
