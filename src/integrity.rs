//! Whether a stored object's bytes are the ones that were stored.

use std::{sync::Arc, time::SystemTime};

use futures_util::TryStreamExt;
use moka::future::Cache;
use sha2::{Digest, Sha256};
use tokio::task::yield_now;

use crate::{
    db::images::StoredObject,
    domain::media::ObjectName,
    storage::{Object, StorageError},
};

/// Looks at an object's bytes when it is opened first, and again when it was written to, unless the storage answers for
/// them. However many open it meanwhile, it is looked at once.
pub struct Integrity {
    /// The objects that were found as they should be, each with when it was last written to.
    checked: Cache<(ObjectName, SystemTime), ()>,
}

/// Why an object is not remembered.
enum NotChecked {
    Altered,
    Failed(StorageError),
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
        let state = (name.clone(), object.modified());
        let checked = self.checked.try_get_with(state, async {
            match bytes_hold(object, stored).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(NotChecked::Altered),
                Err(error) => Err(NotChecked::Failed(error)),
            }
        });
        match checked.await {
            Ok(()) => Ok(true),
            Err(why) => match &*why {
                NotChecked::Altered => Ok(false),
                NotChecked::Failed(error) => Err(error.again()),
            },
        }
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
