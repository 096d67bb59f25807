//! Where the bytes of pictures are kept.
//!
//! An upload streams into a [`Spool`] first. What is kept gets an [`ObjectName`] and never changes.

mod listing;
mod local;
#[cfg(feature = "s3")]
mod s3;
mod spool;
mod url;

use std::{
    fs::{DirBuilder, File},
    io,
    ops::Range,
    os::unix::fs::DirBuilderExt,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};

pub use listing::{Kind, Listed, Listing};
pub use local::LocalStorage;
#[cfg(feature = "s3")]
pub use s3::S3Storage;
pub use spool::{Spool, SpoolWriter, Spooled};
pub use url::StorageUrl;

use crate::{db::images::Sha256Digest, domain::media::ObjectName};

/// A place that keeps objects.
#[async_trait]
pub trait Storage: Send + Sync {
    /// Where it is.
    fn url(&self) -> StorageUrl;

    /// Keeps an original. When this returns, the bytes are on stable storage.
    async fn put_original(&self, name: &ObjectName, bytes: Spooled) -> Result<(), StorageError>;

    /// Keeps a thumbnail, all of it or nothing. A crash may lose it: it can be made again.
    async fn put_thumbnail(&self, name: &ObjectName, bytes: Bytes) -> Result<(), StorageError>;

    /// Opens an object for reading; `None` if there is none of this name. Fails where the whole storage is missing.
    async fn open(&self, name: &ObjectName) -> Result<Option<Arc<dyn Object>>, StorageError>;

    /// The whole object as a local file to read; `None` if there is none of this name.
    async fn fetch(&self, name: &ObjectName) -> Result<Option<File>, StorageError>;

    /// The length of an object, without opening it; `None` if there is none of this name.
    async fn length(&self, name: &ObjectName) -> Result<Option<u64>, StorageError>;

    /// Removes an object. That there is none is no error.
    async fn delete(&self, name: &ObjectName) -> Result<(), StorageError>;

    /// One page of stored objects, including partial writes: from the start, or after where the last page ended. Files that
    /// the service did not write are listed as foreign.
    async fn list(&self, after: Option<&str>) -> Result<Listing, StorageError>;

    /// Removes an object or a partial write by the key that it was listed under. A missing one is no error.
    async fn delete_key(&self, key: &str) -> Result<(), StorageError>;

    /// The marker that names the site that the storage belongs to; `None` if there is none.
    async fn marker(&self) -> Result<Option<Bytes>, StorageError>;

    /// Writes the marker. When this returns, it is on stable storage.
    async fn put_marker(&self, marker: Bytes) -> Result<(), StorageError>;

    /// The name of anything that lies in the storage, whoever wrote it; `None` if the storage is empty. What file systems
    /// keep at their root, such as `lost+found`, does not count.
    async fn any_entry(&self) -> Result<Option<String>, StorageError>;

    /// Writes a file where objects are written, and removes it.
    async fn check(&self) -> Result<(), StorageError>;

    /// A URL at which the place itself gives out an object; `None` if it cannot.
    async fn direct_url(
        &self,
        _name: &ObjectName,
        _access: DirectAccess<'_>,
    ) -> Result<Option<String>, StorageError> {
        Ok(None)
    }
}

/// How an object may be read from its place itself.
#[derive(Debug, Clone, Copy)]
pub struct DirectAccess<'a> {
    /// In which way.
    pub reading: Reading,
    /// For how long from now, in whole seconds.
    pub life: Duration,
    /// The answer's `Content-Disposition`.
    pub disposition: &'a str,
    /// The answer's `Cache-Control`.
    pub cache_control: &'a str,
}

/// How an object is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// For its bytes.
    Get,
    /// For what there is to know without them.
    Head,
}

/// An object that was opened.
pub trait Object: Send + Sync {
    /// Its length in bytes.
    fn length(&self) -> u64;

    /// When it was stored.
    fn modified(&self) -> SystemTime;

    /// The digest of its bytes, where the place answers for it. `None`: they have to be read.
    fn sha256(&self) -> Option<Sha256Digest> {
        None
    }

    /// These bytes, where they are in the program's memory. They lie within its length.
    fn bytes(&self, _range: Range<u64>) -> Option<Bytes> {
        None
    }

    /// The file that it is, if it is one.
    fn file(&self) -> Option<&File> {
        None
    }

    /// How many of these bytes of the file, from the first one on, the system has in its memory.
    fn in_memory(&self, _range: Range<u64>) -> u64 {
        0
    }

    /// Its bytes from `range.start` up to but not `range.end`, in pieces.
    fn read(self: Arc<Self>, range: Range<u64>) -> BoxStream<'static, io::Result<Bytes>>;
}

/// Why the bytes could not be kept or had.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// No room, or none for us.
    #[error("storage full: {0}")]
    Full(#[source] io::Error),
    /// Anything else.
    #[error("storage failed: {0}")]
    Failed(#[source] io::Error),
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            // A file system that turned read-only takes as little as a full one.
            StorageFull | QuotaExceeded | ReadOnlyFilesystem => Self::Full(error),
            _ => Self::Failed(error),
        }
    }
}

impl StorageError {
    /// The same, for another one who waited for what failed.
    pub fn again(&self) -> Self {
        let same = |error: &io::Error| io::Error::new(error.kind(), error.to_string());
        match self {
            Self::Full(error) => Self::Full(same(error)),
            Self::Failed(error) => Self::Failed(same(error)),
        }
    }

    /// Of a write: a disk that fails takes as little as a full one.
    fn of_writing(error: io::Error) -> Self {
        if error.raw_os_error() == Some(nix::errno::Errno::EIO as i32) {
            return Self::Full(error);
        }
        error.into()
    }
}

/// How many objects are removed at a time: a user may have tens of thousands, and others want to read meanwhile.
const REMOVALS: usize = 16;

/// Removes objects that no row tells of any more. What cannot be removed is logged, and swept up later.
pub async fn remove_all(storage: &dyn Storage, names: impl IntoIterator<Item = &ObjectName>) {
    let removals = stream::iter(names).for_each_concurrent(REMOVALS, |name| async move {
        if let Err(error) = storage.delete(name).await {
            // The tag in the name gives access to nothing that is still there.
            tracing::warn!(%error, %name, "cannot remove an object");
        }
    });
    removals.await;
}

/// The name of the marker, below the root or the prefix.
pub const MARKER: &str = "tierpix-site.json";

/// Where an object lies, below the root or the prefix.
pub fn key_of(name: &ObjectName) -> String {
    format!("{}/{name}", folder_of(name))
}

/// The folder that an object lies in: one of 4096 by the last bits of its image's id, which are random.
fn folder_of(name: &ObjectName) -> String {
    format!("{:03x}", name.image.0.as_u128() & 0xfff)
}

/// Makes a folder that only its owner may enter, unless it is there.
fn private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
