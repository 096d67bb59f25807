//! Whether a stored object's bytes are the ones that were stored.

use std::{sync::Arc, time::SystemTime};

use futures_util::TryStreamExt;
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use crate::{
    db::images::StoredObject,
    domain::media::ObjectName,
    storage::{Object, StorageError},
};

/// Looks at an object's bytes when it is opened first, and again when it was written to.
pub struct Integrity {
    /// When each object was last written to that was found as it should be.
    checked: Cache<ObjectName, SystemTime>,
}

impl Default for Integrity {
    fn default() -> Self {
        Self {
            checked: Cache::builder().max_capacity(100_000).build(),
        }
    }
}

impl Integrity {
    /// Whether the object has the length and the digest that it was stored with.
    pub async fn holds(
        &self,
        name: &ObjectName,
        object: &Arc<dyn Object>,
        stored: &StoredObject,
    ) -> Result<bool, StorageError> {
        if object.length() != stored.bytes {
            return Ok(false);
        }
        if self.checked.get(name) == Some(object.modified()) {
            return Ok(true);
        }
        let digest = object
            .clone()
            .read(0..stored.bytes)
            .try_fold(Sha256::new(), async |hash, bytes| {
                Ok(hash.chain_update(bytes))
            })
            .await?
            .finalize();
        let holds = <[u8; 32]>::from(digest) == stored.sha256;
        if holds {
            self.checked.insert(name.clone(), object.modified());
        }
        Ok(holds)
    }
}
