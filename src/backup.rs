//! Backups: the database, the objects, the secret and the id of the site, in a folder.
//!
//! ```text
//! <folder>/                     0700
//!   README.txt                  how to restore it
//!   secret.key                  0600: without it the links that were given out end
//!   objects/                    as the folder of a storage; objects never change, so that the next backup adds the new ones
//!   snapshots/<time>/           one a backup, complete or not there
//!     manifest.json             what it is, and whether anything was missing
//!     database.dump             by `pg_dump`, in its custom format
//!     objects.tsv               the name, the length and the SHA-256 of every object that the dump names
//! ```
//!
//! The dump and the list show the same moment ([`crate::db::Database::snapshot`]), while the service goes on. Objects are copied
//! before that moment and after it: an image that came in between is in both, and one that was deleted is noted, so that
//! a restore leaves no row without its original.

mod folder;
mod index;
mod make;
mod programs;
mod restore;

pub use folder::{BackupFolder, Manifest};
pub use make::Backup;
pub use programs::{DumpError, Programs};
pub use restore::Restore;

use std::{io, path::PathBuf};

use crate::{
    datadir::explain,
    db::{DbError, migrations::MigrationError},
    site::SiteError,
    storage::StorageError,
};

/// How many objects are copied or read at a time.
const AT_A_TIME: usize = 8;

/// Where a backup or a restore has come to.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// What is being done.
    pub what: &'static str,
    /// How many images or objects were gone through.
    pub done: i64,
    /// Of how many.
    pub total: i64,
}

/// Why a backup was not made or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or folder cannot be used.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// It may not or cannot be done.
    #[error("{0}")]
    Refused(String),
    /// PostgreSQL's programs are missing, or failed.
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// The database and the storage do not belong together.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The schema cannot be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl BackupError {
    /// Names the file or folder; made for `map_err`.
    fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::Io {
            error: explain(&path, error),
            path,
        }
    }
}
