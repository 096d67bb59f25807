//! Whether a stored object's bytes are the ones that were stored.

use std::{sync::Arc, time::SystemTime};

use futures_util::TryStreamExt;
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::task::yield_now;

use crate::{
    db::images::StoredObject,
    domain::media::ObjectName,
    storage::{Object, StorageError},
};

/// Looks at an object's bytes when it is opened first, and again when it was written to, unless the storage answers for
/// them.
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
        if let Some(sha256) = object.sha256() {
            return Ok(sha256 == stored.sha256);
        }
        if self.checked.get(name) == Some(object.modified()) {
            return Ok(true);
        }
        let holds = bytes_hold(object, stored).await?;
        if holds {
            self.checked.insert(name.clone(), object.modified());
        }
        Ok(holds)
    }
}

/// Whether the object's bytes, all of them read, are the ones that were stored.
pub async fn bytes_hold(
    object: &Arc<dyn Object>,
    stored: &StoredObject,
) -> Result<bool, StorageError> {
    if object.length() != stored.bytes {
        return Ok(false);
    }
    let bytes = object.clone().read(0..stored.bytes);
    let hashing = bytes.try_fold(Sha256::new(), async |hash, bytes| {
        // Bytes that are at hand come without a wait, and others want this thread too.
        yield_now().await;
        Ok(hash.chain_update(bytes))
    });
    let digest: [u8; 32] = hashing.await?.finalize().into();
    Ok(digest == stored.sha256)
}
