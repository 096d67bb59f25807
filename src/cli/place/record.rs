//! The record of what a data directory's service uses keeps commands away from another site's database.

use std::path::Path;

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
    let is_there = Embedded::home_in(data_dir).join("cluster").exists();
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
