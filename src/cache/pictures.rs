//! The bytes of small pictures that are asked for again and again.

use std::{io, ops::Range, sync::Arc, time::Duration, time::SystemTime};

use bytes::{Bytes, BytesMut};
use futures_util::{
    TryStreamExt,
    stream::{BoxStream, StreamExt, once},
};
use moka::sync::Cache;
use prometheus_client::metrics::{counter::Counter, family::Family};
use sha2::{Digest, Sha256};

use super::read_through::Lookup;
use crate::{
    db::images::{Sha256Digest, StoredObject},
    domain::image::{ImageId, Size},
    storage::Object,
};

/// Bytes of the largest picture that is kept. Most thumbnails have a fraction of that, and a larger file is sent by the system
/// as cheaply as bytes in memory.
const LARGEST: u64 = 128 * 1024;

/// What an entry takes besides its bytes, roughly.
const OVERHEAD: u32 = 256;

/// What became of the stored object meanwhile is noticed after this time at the latest. The bytes are right all the same.
const TIME_TO_LIVE: Duration = Duration::from_secs(60);

/// Pictures in memory, up to so many bytes of them. Whether their image is still there is for others to know.
pub struct Pictures {
    entries: Cache<(ImageId, Size), Arc<Picture>>,
    hits: Counter,
    misses: Counter,
}

impl Pictures {
    /// Holds so many bytes; 0 for none.
    pub(super) fn new(bytes: u64, lookups: &Family<Lookup, Counter>) -> Self {
        let [hits, misses] = Lookup::counters("pictures", lookups);
        let entries = Cache::builder()
            .max_capacity(bytes)
            .weigher(|_, picture: &Arc<Picture>| {
                let length = u32::try_from(picture.bytes.len()).unwrap_or(u32::MAX);
                length.saturating_add(OVERHEAD)
            })
            .time_to_live(TIME_TO_LIVE)
            .build();
        Self {
            entries,
            hits,
            misses,
        }
    }

    /// One that was kept, if it is what is stored now.
    pub fn get(
        &self,
        image: ImageId,
        size: Size,
        stored: &StoredObject,
    ) -> Option<Arc<dyn Object>> {
        if !self.keeps(stored) {
            return None;
        }
        match self.entries.get(&(image, size)) {
            Some(picture) if picture.sha256 == stored.sha256 => {
                self.hits.inc();
                Some(picture)
            }
            _ => {
                self.misses.inc();
                None
            }
        }
    }

    /// Takes an object into memory; `None` if its bytes are not the ones that were stored.
    pub async fn keep(
        &self,
        image: ImageId,
        size: Size,
        stored: &StoredObject,
        object: Arc<dyn Object>,
    ) -> io::Result<Option<Arc<dyn Object>>> {
        if object.length() != stored.bytes {
            return Ok(None);
        }
        let bytes = object.clone().read(0..stored.bytes);
        let bytes = bytes.try_fold(BytesMut::new(), async |mut all, piece| {
            all.extend_from_slice(&piece);
            Ok(all)
        });
        let bytes = bytes.await?.freeze();
        let sha256: Sha256Digest = Sha256::digest(&bytes).into();
        if sha256 != stored.sha256 {
            return Ok(None);
        }
        let picture = Arc::new(Picture {
            bytes,
            sha256,
            modified: object.modified(),
        });
        self.entries.insert((image, size), picture.clone());
        Ok(Some(picture))
    }

    /// Whether this is of those that are taken into memory: its length alone decides.
    pub fn keeps(&self, stored: &StoredObject) -> bool {
        stored.bytes <= LARGEST && self.entries.policy().max_capacity() > Some(0)
    }
}

/// An object in memory.
struct Picture {
    bytes: Bytes,
    sha256: Sha256Digest,
    modified: SystemTime,
}

impl Object for Picture {
    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn modified(&self) -> SystemTime {
        self.modified
    }

    fn sha256(&self) -> Option<Sha256Digest> {
        Some(self.sha256)
    }

    fn bytes(&self, range: Range<u64>) -> Option<Bytes> {
        let length = self.length();
        // At most the length, which is in memory.
        let [start, end] = [range.start, range.end].map(|at| at.min(length) as usize);
        Some(self.bytes.slice(start.min(end)..end))
    }

    fn read(self: Arc<Self>, range: Range<u64>) -> BoxStream<'static, io::Result<Bytes>> {
        let bytes = self.bytes(range).unwrap_or_default();
        once(async { Ok(bytes) }).boxed()
    }
}
