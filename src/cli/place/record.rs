//! The record of what a data directory's service uses keeps commands away from another site's database.

use std::path::{Path, PathBuf};

use super::{CliError, Purpose};
use crate::{
    datadir::{DataDir, DataDirError, Uses},
    db::embedded::Embedded,
    domain::site::SiteId,
};

/// What the data directory's service uses; `None` before the first one.
pub(super) fn read(data_dir: &DataDir) -> Result<Option<Uses>, CliError> {
    let uses = Uses::read(data_dir);
    Ok(uses.map_err(DataDirError::unusable(&Uses::path(data_dir)))?)
}

/// Fails where the embedded database of the data directory is not what its service uses, or is not there.
pub(super) fn require_embedded(
    uses: Option<&Uses>,
    data_dir: &DataDir,
    purpose: Purpose,
) -> Result<(), CliError> {
    let cluster = Embedded::home_in(data_dir).join("cluster");
    // What may not be looked at is not missing.
    let is_there = cluster
        .try_exists()
        .map_err(DataDirError::unusable(&cluster))?;
    match uses {
        Some(uses) if !uses.is_embedded() => Err(CliError::because(format!(
            "the service of the data directory {} uses the database {} and the storage {}, but DATABASE_URL is not set: set the \
             variables that the service has ({})",
            data_dir.path().display(),
            uses.database,
            uses.storage,
            another_site(data_dir)
        ))),
        Some(_) if !is_there => Err(CliError::because(format!(
            "the embedded database of {} is missing: is a disk not mounted? `tierpix restore` brings it back from a backup ({})",
            data_dir.path().display(),
            another_site(data_dir)
        ))),
        None if !is_there && purpose == Purpose::Work => Err(no_database(data_dir.path())),
        _ => Ok(()),
    }
}

/// Fails where the service of the data directory uses a storage that the settings of a command do not name.
pub(super) fn require_storage(
    uses: Option<&Uses>,
    data_dir: &DataDir,
    own: &str,
) -> Result<(), CliError> {
    match uses {
        Some(uses) if uses.storage != own => Err(CliError::because(format!(
            "the service of the data directory {} uses the storage {}, but TIERPIX_STORAGE_URL is not set: set the variables that the \
             service has",
            data_dir.path().display(),
            uses.storage
        ))),
        _ => Ok(()),
    }
}

/// The file that says of a data directory that a restore into it has not ended.
fn unfinished_restore(data_dir: &DataDir) -> PathBuf {
    data_dir.path().join("restore-not-ended")
}

/// Notes that a restore begins: until it has ended nothing else works on the data directory.
pub fn begin_restore(data_dir: &DataDir, command: &str) -> Result<(), CliError> {
    let path = unfinished_restore(data_dir);
    Ok(std::fs::write(&path, command).map_err(DataDirError::unusable(&path))?)
}

/// Notes that a restore has ended, or has changed nothing.
pub fn end_restore(data_dir: &DataDir) -> Result<(), CliError> {
    let path = unfinished_restore(data_dir);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(DataDirError::unusable(&path)(error).into())
        }
        _ => Ok(()),
    }
}

/// Fails where a restore has begun and not ended.
pub(super) fn require_no_restore(data_dir: &DataDir) -> Result<(), CliError> {
    let path = unfinished_restore(data_dir);
    match std::fs::read_to_string(&path) {
        Ok(command) => Err(CliError::because(format!(
            "a restore into {} has not ended: run `{}` again (or, where the data directory is another site's, remove {})",
            data_dir.path().display(),
            command.trim(),
            path.display()
        ))),
        Err(_) => Ok(()),
    }
}

/// There is nothing that a command could work on.
pub(super) fn no_database(data_dir: &Path) -> CliError {
    CliError::because(format!(
        "there is no database in {}: `tierpix serve` or `tierpix migrate` makes one. To work on a service's, set the variables \
         that it has: TIERPIX_DATA_DIR, DATABASE_URL",
        data_dir.display()
    ))
}

/// The database is another site's than the data directory.
pub(super) fn other_site(uses: &Uses, data_dir: &DataDir, site: SiteId) -> CliError {
    CliError::because(format!(
        "DATABASE_URL: this is the database of the site {site}, but the data directory {} is of the site {}, whose database is {}: \
         set DATABASE_URL and TIERPIX_DATA_DIR to those of one site ({})",
        data_dir.path().display(),
        uses.site,
        uses.database,
        another_site(data_dir)
    ))
}

fn another_site(data_dir: &DataDir) -> String {
    format!(
        "to use the data directory for another site, remove {}",
        Uses::path(data_dir).display()
    )
}
