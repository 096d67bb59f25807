//! Why a database and a storage are not used together. Each says what to do about it.

use crate::{db::DbError, domain::site::SiteId, storage::StorageError};

/// Why a database and a storage are not used together.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A new site does not move in where somebody else's files are.
    #[error(
        "the storage {url} is not empty ({entry} is there), and the database has no images: \
         set TIERPIX_STORAGE_URL to an empty folder or prefix, such as {}, or DATABASE_URL to the database of these files", below(.url)
    )]
    NotEmpty {
        /// The storage.
        url: String,
        /// What lies there.
        entry: String,
    },
    /// The database has images, the storage no marker.
    #[error(
        "the storage {url} has no tierpix-site.json, but the database has images: is the disk mounted, is it the right folder or bucket? \
         If the images are there, run `tierpix storage claim`"
    )]
    Missing {
        /// The storage.
        url: String,
    },
    /// The storage is another site's.
    #[error(
        "the storage {url} belongs to the site {theirs}, the database to the site {ours}: \
         set DATABASE_URL and TIERPIX_STORAGE_URL so that they belong together"
    )]
    OtherSite {
        /// The storage.
        url: String,
        /// The site in its marker.
        theirs: SiteId,
        /// The site in the database.
        ours: SiteId,
    },
    /// The site is the same, the database is not.
    #[error(
        "the storage {url} was used with another copy of this database. If this one has taken the other one's place, \
         run `tierpix storage claim`; if it is a copy for tests, set TIERPIX_STORAGE_URL to a copy of the storage"
    )]
    OtherDatabase {
        /// The storage.
        url: String,
    },
    /// The site uses another storage.
    #[error(
        "the site uses the storage {to} and not {url} any more: set TIERPIX_STORAGE_URL={to}. \
         If {url} has all images, `tierpix storage claim` makes it the one in use"
    )]
    Moved {
        /// The storage.
        url: String,
        /// Where the site is.
        to: String,
    },
    /// Something that fills the storage was interrupted.
    #[error("the storage {url} is not complete: {what}")]
    Unfinished {
        /// The storage.
        url: String,
        /// What was not ended, and how it is.
        what: String,
    },
    /// What is to be a copy is or was in use itself.
    #[error("the storage {url} is or was in use by this site: name an empty folder or prefix")]
    InUse {
        /// The storage.
        url: String,
    },
    /// Two services took the same empty storage at once.
    #[error("another service has marked the storage {url} at the same time: start again")]
    Contested {
        /// The storage.
        url: String,
    },
    /// The marker is not one.
    #[error("{url}: tierpix-site.json cannot be read: {error}")]
    Unreadable {
        /// The storage.
        url: String,
        /// Why not.
        error: serde_json::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The storage failed.
    #[error("cannot use the storage {url}: {error}")]
    Storage {
        /// The storage.
        url: String,
        /// How it failed.
        error: StorageError,
    },
}

/// A place below the storage.
fn below(url: &str) -> String {
    format!("{}/tierpix", url.trim_end_matches('/'))
}
