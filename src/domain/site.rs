//! What tells one installation of the service from another.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The id of a site: one database and the storage that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SiteId(pub Uuid);

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
