//! The object in a storage that says whose it is.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::domain::site::SiteId;

/// What the marker tells people who look into the storage.
const ABOUT: &str = "A tierpix site keeps its pictures here. The service does not start without this file. \
                     Do not remove it, and do not copy it to the storage of another site.";

/// The content of the marker: JSON that people can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    about: String,
    /// The site that the storage belongs to.
    pub site: SiteId,
    /// Tells this storage from others of the same site, such as one that all was copied to.
    pub storage: Uuid,
    /// The database that uses the storage: its cluster, and its number there.
    pub database: String,
    /// Changes with each start of a service and each sweep: only the database that is in use knows it.
    #[serde(alias = "sweep")]
    pub token: Uuid,
    /// When the marker was written.
    #[serde(with = "time::serde::rfc3339")]
    pub written_at: OffsetDateTime,
    /// By which version.
    pub written_by: String,
    /// What goes on here and has not ended: then no service starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<String>,
    /// The storage that all was copied from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied_from: Option<Uuid>,
    /// Where all was copied to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied_to: Option<String>,
}

impl Marker {
    /// The marker of a storage that a site begins with. Nodes that start at once on the same one write the same ids.
    pub fn first(site: SiteId, database: String, url: &str) -> Self {
        let digest = Sha256::new_with_prefix(site.0).chain_update(url).finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        let id = uuid::Builder::from_custom_bytes(id).into_uuid();
        Self {
            storage: id,
            token: id,
            ..Self::new(site, database)
        }
    }

    /// Whether the storage is the one with this id, or all was copied from there.
    pub fn is_of(&self, storage: Uuid) -> bool {
        self.storage == storage || self.copied_from == Some(storage)
    }

    /// The marker of a storage with ids of its own.
    pub fn new(site: SiteId, database: String) -> Self {
        Self {
            about: ABOUT.to_owned(),
            site,
            storage: Uuid::new_v4(),
            database,
            token: Uuid::new_v4(),
            written_at: OffsetDateTime::now_utc(),
            written_by: concat!("tierpix ", env!("CARGO_PKG_VERSION")).to_owned(),
            unfinished: None,
            copied_from: None,
            copied_to: None,
        }
    }

    /// Reads a marker. Fields that a later version added are ignored.
    pub fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The bytes to store.
    pub fn to_bytes(&self) -> Bytes {
        #[expect(
            clippy::expect_used,
            reason = "all keys are strings, and no value fails to serialise"
        )]
        let mut text = serde_json::to_vec_pretty(self).expect("a marker can be serialised");
        text.push(b'\n');
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_read_as_it_was_written_also_with_fields_of_a_later_version() {
        let marker = Marker::new(SiteId(Uuid::new_v4()), "1/2".to_owned());
        let bytes = marker.to_bytes();
        assert_eq!(Marker::read(&bytes).unwrap(), marker);
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let later = text.replacen('{', "{\n  \"later\": 1,", 1);
        assert_eq!(Marker::read(later.as_bytes()).unwrap(), marker);
        assert!(Marker::read(b"{}").is_err());
    }
}
