//! The command line: one file a command.

mod backup;
mod createsuperuser;
mod display;
mod health;
mod keys;
mod migrate;
mod passwords;
mod place;
mod restore;
mod serve;
mod signals;
mod storage;
mod tables;
mod thumbnails;
mod tier;
mod usage;
mod user;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{
    app::StartError,
    auth::password::PasswordError,
    backup::BackupError,
    config::{LogSettings, PlaceSettings, load_env_file},
    datadir::{DataDirError, become_owner},
    db::{DbError, embedded::EmbeddedError, migrations::MigrationError},
    domain::{Invalid, staff::Refusal},
    machine,
    reconcile::{LookError, NotTold},
    site::SiteError,
    storage::StorageError,
    telemetry,
};

/// An image upload service with account tiers.
#[derive(Parser)]
#[command(name = "tierpix", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    place: PlaceSettings,
    #[command(flatten)]
    log: LogSettings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the service; also without any command.
    Serve(Box<serve::Serve>),
    /// Ask the service on this machine whether it is ready.
    Health(health::Health),
    /// Bring the database's schema up to date.
    Migrate(migrate::Migrate),
    /// Make a user who may do everything.
    Createsuperuser(createsuperuser::CreateSuperuser),
    /// Manage users.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Manage tiers.
    #[command(subcommand)]
    Tier(tier::TierCommand),
    /// Manage the keys that sign links.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Make thumbnails of images in store.
    #[command(subcommand)]
    Thumbnails(thumbnails::ThumbnailsCommand),
    /// Look after what is stored.
    #[command(subcommand)]
    Storage(storage::StorageCommand),
    /// Back the database, the pictures and the secret up into a folder, while the service runs.
    Backup(backup::BackupCommand),
    /// Restore a backup into an empty database and an empty storage.
    Restore(restore::RestoreCommand),
}

/// Why a command did not do what it was told: one line for the person who typed it.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The data directory cannot be used.
    #[error("TIERPIX_DATA_DIR: {0}")]
    DataDir(#[from] DataDirError),
    /// The embedded database did not start.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// The service did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The schema cannot be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// A query failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// What is stored could not be compared with the database.
    #[error(transparent)]
    Reconcile(#[from] NotTold),
    /// What is stored could not be looked through.
    #[error(transparent)]
    Look(#[from] LookError),
    /// The database and the storage do not belong together.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A backup was not made or not restored.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The change may not be made.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A value is not valid.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Anything else that can be said in a sentence.
    #[error("{0}")]
    Because(String),
}

impl CliError {
    fn because(sentence: impl Into<String>) -> Self {
        Self::Because(sentence.into())
    }
}

/// Runs the program: 0 if it did what it was told, 1 if not, 2 for a command line that says nothing sensible.
pub fn run() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    match load_env_file(&arguments) {
        Ok(None) => {}
        Ok(Some(warning)) => tables::note(format_args!("tierpix: {warning}")),
        Err(error) => {
            tables::note(format_args!("tierpix: {error}"));
            return ExitCode::FAILURE;
        }
    }
    for unknown in usage::unknown_settings() {
        tables::note(format_args!("tierpix: {unknown}"));
    }
    if arguments.len() < 2 {
        arguments.push("serve".into());
    }
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return usage::report(&error, &arguments),
    };
    if matches!(cli.command, Command::Serve(_))
        && let Err(error) = machine::give_memory_back()
    {
        tables::note(format_args!(
            "tierpix: memory that large pictures took may be kept: {error}"
        ));
    }
    match become_owner(&cli.place.data_dir) {
        Ok(None) => {}
        Ok(Some(user)) => tables::note(format_args!(
            "tierpix: runs as {user}, to whom {} belongs",
            cli.place.data_dir.display()
        )),
        Err(error) => {
            tables::note(format_args!(
                "tierpix: cannot become the owner of the data directory: {error}"
            ));
            return ExitCode::FAILURE;
        }
    }
    let telemetry = telemetry::start(&cli.log);
    let outcome = actix_web::rt::System::new().block_on(cli.command.run(&cli.place));
    // The last lines of the log and the last spans.
    drop(telemetry);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tables::note(format_args!("tierpix: {error}"));
            ExitCode::FAILURE
        }
    }
}

impl Command {
    async fn run(self, place: &PlaceSettings) -> Result<(), CliError> {
        match self {
            Self::Serve(command) => command.run(place).await,
            Self::Health(command) => command.run(),
            Self::Migrate(command) => command.run(place).await,
            Self::Createsuperuser(command) => command.run(place).await,
            Self::User(command) => command.run(place).await,
            Self::Tier(command) => command.run(place).await,
            Self::Keys(command) => command.run(place).await,
            Self::Thumbnails(command) => command.run(place).await,
            Self::Storage(command) => command.run(place).await,
            Self::Backup(command) => command.run(place).await,
            Self::Restore(command) => command.run(place).await,
        }
    }
}
