//! What the service of a data directory works on, so that a command whose environment is another one's notices.

use std::{fs, io, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::DataDir;
use crate::domain::site::SiteId;

/// The database that a service without `DATABASE_URL` uses.
const EMBEDDED: &str = "embedded";

/// The record in a data directory: JSON that people can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    /// The site.
    pub site: SiteId,
    /// The database, without its password; `embedded` for the data directory's own.
    pub database: String,
    /// The storage.
    pub storage: String,
}

impl Uses {
    /// Of a service on this database; `None` is the embedded one.
    pub fn new(site: SiteId, database: Option<String>, storage: String) -> Self {
        Self {
            site,
            database: database.unwrap_or_else(|| EMBEDDED.to_owned()),
            storage,
        }
    }

    /// Whether the database is the data directory's own.
    pub fn is_embedded(&self) -> bool {
        self.database == EMBEDDED
    }

    /// The file in a data directory.
    pub fn path(data_dir: &DataDir) -> PathBuf {
        data_dir.path().join("site.json")
    }

    /// What the last service used; `None` before the first one.
    pub fn read(data_dir: &DataDir) -> io::Result<Option<Self>> {
        match fs::read(Self::path(data_dir)) {
            Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes it down, if it is another one.
    pub fn write(&self, data_dir: &DataDir) -> io::Result<()> {
        if Self::read(data_dir).is_ok_and(|there| there.as_ref() == Some(self)) {
            return Ok(());
        }
        let path = Self::path(data_dir);
        let partial = path.with_extension("partial");
        fs::write(&partial, serde_json::to_vec_pretty(self)?)?;
        fs::rename(partial, path)
    }
}
