//! Objects on their way out of a bucket.
//!
//! Each piece is a request of its own, sent when the reader is ready for it: a slow reader keeps no connection open, and a
//! bucket that is away for a moment breaks no answer that has begun.

use std::{
    fs::File,
    io::{self, Seek, Write},
    ops::Range,
    sync::Arc,
    time::SystemTime,
};

use bytes::Bytes;
use futures_util::{
    TryStreamExt,
    stream::{BoxStream, StreamExt, unfold},
};
use object_store::{
    Attribute, Error, GetOptions, GetRange, GetResult, ObjectStore, ObjectStoreExt, aws::AmazonS3,
    path::Path,
};
use sha2::{Digest, Sha256};

use super::{Object, SHA256, StorageError, error::Failure};
use crate::{blocking, db::images::Sha256Digest};

/// Bytes that come along with the news that there is an object: all of most thumbnails.
const BEGINNING: u64 = 256 << 10;

/// Bytes of each further piece.
const PIECE: u64 = 1 << 20;

/// Opens an object; `None` if there is none.
pub(super) async fn open(
    store: &AmazonS3,
    key: Path,
) -> Result<Option<Arc<dyn Object>>, StorageError> {
    let beginning = GetOptions {
        range: Some(GetRange::Bounded(0..BEGINNING)),
        ..GetOptions::default()
    };
    let found = match store.get_opts(&key, beginning).await {
        Ok(found) => found,
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => return empty(store, &key, error).await,
    };
    let (length, modified) = (found.meta.size, found.meta.last_modified.into());
    let told = digest(&found);
    let beginning = found.bytes().await.map_err(Failure)?;
    let sha256 = if beginning.len() as u64 == length {
        Some(Sha256::digest(&beginning).into())
    } else {
        told
    };
    Ok(Some(Arc::new(S3Object {
        store: store.clone(),
        key,
        length,
        modified,
        sha256,
        beginning,
    })))
}

/// An object without bytes has no beginning that could be asked for.
async fn empty(
    store: &AmazonS3,
    key: &Path,
    error: Error,
) -> Result<Option<Arc<dyn Object>>, StorageError> {
    match store.head(key).await {
        Ok(found) if found.size == 0 => Ok(Some(Arc::new(S3Object {
            store: store.clone(),
            key: key.clone(),
            length: 0,
            modified: found.last_modified.into(),
            sha256: None,
            beginning: Bytes::new(),
        }))),
        _ => Err(Failure(error).into()),
    }
}

/// The digest of all the bytes that an object has.
pub(super) async fn digest_of(store: &AmazonS3, key: &Path) -> Result<Sha256Digest, StorageError> {
    let found = store.get(key).await.map_err(Failure)?;
    let mut pieces = found.into_stream();
    let mut digest = Sha256::new();
    while let Some(piece) = pieces.try_next().await.map_err(Failure)? {
        digest.update(&piece);
    }
    Ok(digest.finalize().into())
}

/// The digest that was stored with an object.
fn digest(found: &GetResult) -> Option<Sha256Digest> {
    let text = found.attributes.get(&Attribute::Metadata(SHA256.into()))?;
    let mut digest = Sha256Digest::default();
    let pairs = text.as_bytes().chunks_exact(2);
    if text.len() != 2 * digest.len() {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}

struct S3Object {
    store: AmazonS3,
    key: Path,
    length: u64,
    modified: SystemTime,
    sha256: Option<Sha256Digest>,
    beginning: Bytes,
}

impl S3Object {
    /// Bytes from `start` on, as far as one request goes.
    async fn piece(&self, start: u64, end: u64) -> io::Result<Bytes> {
        let known = self.beginning.len() as u64;
        if start < known {
            // Both fit: they lie within what is in memory.
            return Ok(self
                .beginning
                .slice(start as usize..end.min(known) as usize));
        }
        let range = start..end.min(start + PIECE);
        let wanted = range.end - range.start;
        let piece = self.store.get_range(&self.key, range).await;
        let piece = piece.map_err(Failure)?;
        if piece.len() as u64 == wanted {
            Ok(piece)
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

impl Object for S3Object {
    fn length(&self) -> u64 {
        self.length
    }

    fn modified(&self) -> SystemTime {
        self.modified
    }

    fn sha256(&self) -> Option<Sha256Digest> {
        self.sha256
    }

    fn read(self: Arc<Self>, range: Range<u64>) -> BoxStream<'static, io::Result<Bytes>> {
        unfold(range.start, move |position| {
            let (object, end) = (self.clone(), range.end);
            async move {
                if position >= end {
                    return None;
                }
                // After an error the stream ends: the caller must not take it for whole.
                Some(match object.piece(position, end).await {
                    Ok(piece) => {
                        let next = position + piece.len() as u64;
                        (Ok(piece), next)
                    }
                    Err(error) => (Err(error), end),
                })
            }
        })
        .boxed()
    }
}

/// Writes an object into a file, which is at its start again then.
pub(super) async fn to_file(object: Arc<dyn Object>, mut file: File) -> io::Result<File> {
    let length = object.length();
    let mut pieces = object.read(0..length);
    while let Some(piece) = pieces.try_next().await? {
        file = blocking::run_io(move || file.write_all(&piece).map(|()| file)).await?;
    }
    blocking::run_io(move || file.rewind().map(|()| file)).await
}
