//! The places that keep the contract.

use std::{fs, io::Write, path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures_util::TryStreamExt;
use tempfile::TempDir;
use tierpix::{
    domain::{
        image::{Format, ImageId, Size},
        media::{MediaKey, ObjectName},
    },
    storage::{Listed, LocalStorage, S3Storage, Spool, Spooled, Storage},
};

use crate::{
    old_server::OldServer,
    server::{BUCKET, S3Server, variables},
};

/// A storage that is empty but for its marker, and the way to look behind it.
pub struct Place {
    pub storage: Arc<dyn Storage>,
    folder: TempDir,
    server: Option<S3Server>,
}

impl Place {
    /// A folder.
    pub async fn folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = LocalStorage::open(&folder.path().join("objects")).unwrap();
        storage.put_marker("{}".into()).await.unwrap();
        Self {
            storage: Arc::new(storage),
            folder,
            server: None,
        }
    }

    /// A bucket, of which a prefix is ours.
    pub async fn bucket() -> Self {
        let server = S3Server::start();
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path().join("spool");
        let storage = S3Storage::open(BUCKET, "ours/", server.variables(), &spool).unwrap();
        storage.put_marker("{}".into()).await.unwrap();
        Self {
            storage: Arc::new(storage),
            folder,
            server: Some(server),
        }
    }

    /// As [`Place::bucket`], behind a server that answers checksums so.
    pub async fn bucket_without_checksums(answer: &'static str) -> (Self, OldServer) {
        let server = S3Server::start();
        let old = OldServer::start(server.address(), answer);
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path().join("spool");
        let storage = S3Storage::open(BUCKET, "ours/", variables(old.address()), &spool).unwrap();
        storage.put_marker("{}".into()).await.unwrap();
        let place = Self {
            storage: Arc::new(storage),
            folder,
            server: Some(server),
        };
        (place, old)
    }

    /// The server, if that is what is behind it.
    pub fn server(&mut self) -> &mut S3Server {
        self.server.as_mut().unwrap()
    }

    /// The file in which something listed under this key is kept.
    pub fn file(&self, key: &str) -> PathBuf {
        match &self.server {
            Some(server) => server.file(&format!("ours/{key}")),
            None => self.folder.path().join("objects").join(key),
        }
    }

    /// Puts something there that is none of ours.
    pub fn put_foreign(&self, key: &str, bytes: &[u8]) {
        let file = self.file(key);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }

    /// A file of these bytes in a spool.
    pub async fn spooled(&self, bytes: &[u8]) -> Spooled {
        spooled(
            &Spool::join(&self.folder.path().join("spool")).unwrap(),
            bytes,
        )
        .await
    }

    /// Keeps an original of these bytes.
    pub async fn keep(&self, bytes: &[u8]) -> ObjectName {
        let name = original();
        let spooled = self.spooled(bytes).await;
        self.storage.put_original(&name, spooled).await.unwrap();
        name
    }

    /// Some of an object's bytes.
    pub async fn read(&self, name: &ObjectName, range: std::ops::Range<u64>) -> Vec<u8> {
        let object = self.storage.open(name).await.unwrap().unwrap();
        let pieces: Vec<Bytes> = object.read(range).try_collect().await.unwrap();
        pieces.concat()
    }

    /// All pages of the list.
    pub async fn list(&self) -> Vec<Listed> {
        let (mut listed, mut position) = (Vec::new(), None);
        loop {
            let page = self.storage.list(position.as_deref()).await.unwrap();
            listed.extend(page.entries);
            position = page.next;
            if position.is_none() {
                return listed;
            }
        }
    }
}

/// A file of these bytes in a spool.
pub async fn spooled(spool: &Spool, bytes: &[u8]) -> Spooled {
    let mut writer = spool.create().await.unwrap();
    writer.write(Bytes::copy_from_slice(bytes)).await.unwrap();
    writer.finish().await.unwrap()
}

/// The name of a new image's size.
pub fn name(size: Size) -> ObjectName {
    ObjectName::new(ImageId::new(), size, Format::Jpeg, &MediaKey::random())
}

/// The name of a new image's original.
pub fn original() -> ObjectName {
    name(Size::Original)
}

/// So many bytes, of which no two pieces are alike.
pub fn bytes(length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length + 8);
    for number in 0_u64.. {
        if bytes.len() >= length {
            break;
        }
        let scattered = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bytes.write_all(&scattered.to_le_bytes()).unwrap();
    }
    bytes.truncate(length);
    bytes
}
