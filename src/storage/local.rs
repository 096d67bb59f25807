//! Objects as files under one folder.

mod at_hand;
mod buffer;
mod listing;

use std::{
    fs::{self, File},
    io::{self, Write},
    ops::Range,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt, unfold};
use tempfile::NamedTempFile;

use self::{
    buffer::Buffer,
    listing::{any_entry, folder_name, list},
};
use super::{
    Listing, MARKER, Object, Spooled, Storage, StorageError, StorageUrl, key_of,
    listing::{PARTIAL_PREFIX, is_object_folder},
    private_folder,
};
use crate::{
    blocking,
    datadir::{DataDir, explain, is_usable},
    domain::media::ObjectName,
    durable::sync_folder,
};

/// Bytes read from the disk in one go, off the async threads.
const PIECE: u64 = 256 * 1024;

/// Folders that the objects are spread over.
const FOLDERS: u32 = 4096;

/// Files under one folder.
pub struct LocalStorage {
    root: Arc<PathBuf>,
}

impl LocalStorage {
    /// The folder of a data directory.
    pub fn in_data_dir(data_dir: &DataDir) -> io::Result<Self> {
        Self::open(&data_dir.path().join("objects"))
    }

    /// Opens the folder. It is made, for its owner alone, when the marker is written: a folder that is missing before
    /// may be a disk that is not mounted.
    pub fn open(root: &Path) -> io::Result<Self> {
        match fs::metadata(root).map_err(|error| explain(root, error)) {
            Ok(found) if !found.is_dir() => return Err(io::ErrorKind::NotADirectory.into()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(Self {
            root: Arc::new(root.to_owned()),
        })
    }

    /// Fails if there is a folder of objects in which files cannot be made and read, as one that root has made.
    pub fn require_usable_folders(root: &Path) -> io::Result<()> {
        let entries = match fs::read_dir(root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(|error| explain(root, error))?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(is_object_folder) && !is_usable(&entry.path())
            {
                return Err(explain(
                    &entry.path(),
                    io::ErrorKind::PermissionDenied.into(),
                ));
            }
        }
        Ok(())
    }

    fn path(&self, name: &ObjectName) -> PathBuf {
        self.root.join(key_of(name))
    }

    /// The object's path with its folder there; a new folder is on stable storage.
    fn path_to_write(root: &Path, path: &Path) -> io::Result<()> {
        require_marker(root)?;
        let folder = path.parent().unwrap_or(root);
        match fs::create_dir(folder) {
            Ok(()) => sync_folder(root),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// That a file is not there tells something only while the storage is.
    async fn nothing_there<T>(&self, error: io::Error) -> Result<Option<T>, StorageError> {
        if error.kind() != io::ErrorKind::NotFound {
            return Err(error.into());
        }
        let root = self.root.clone();
        blocking::run_io(move || require_marker(&root)).await?;
        Ok(None)
    }
}

/// Fails in a folder that lost its marker, as the empty mount point of a disk that was unmounted.
fn require_marker(root: &Path) -> io::Result<()> {
    if root.join(MARKER).try_exists()? {
        return Ok(());
    }
    let missing = format!(
        "{} is missing: is the disk mounted?",
        root.join(MARKER).display()
    );
    Err(io::Error::other(missing))
}

#[async_trait]
impl Storage for LocalStorage {
    fn url(&self) -> StorageUrl {
        StorageUrl::Folder(self.root.to_path_buf())
    }

    async fn put_original(&self, name: &ObjectName, bytes: Spooled) -> Result<(), StorageError> {
        let (root, path) = (self.root.clone(), self.path(name));
        let target = path.clone();
        blocking::run_io(move || {
            Self::path_to_write(&root, &path)?;
            bytes.file.as_file().sync_all()?;
            match bytes.file.persist(&path) {
                Err(failed) if failed.error.kind() == io::ErrorKind::CrossesDevices => {
                    copy(failed.file.path(), &path)?;
                }
                kept => drop(kept?),
            }
            sync_folder(path.parent().unwrap_or(&root))
        })
        .await
        .map_err(|error| StorageError::of_writing(explain(&target, error)))
    }

    async fn put_thumbnail(&self, name: &ObjectName, bytes: Bytes) -> Result<(), StorageError> {
        let (root, path) = (self.root.clone(), self.path(name));
        let target = path.clone();
        blocking::run_io(move || {
            Self::path_to_write(&root, &path)?;
            let mut file = partial(path.parent().unwrap_or(&root))?;
            file.write_all(&bytes)?;
            file.persist(&path)?;
            Ok(())
        })
        .await
        .map_err(|error| StorageError::of_writing(explain(&target, error)))
    }

    async fn open(&self, name: &ObjectName) -> Result<Option<Arc<dyn Object>>, StorageError> {
        let Some(file) = self.fetch(name).await? else {
            return Ok(None);
        };
        // Of a file that is open the system has this in memory.
        let metadata = file.metadata()?;
        Ok(Some(Arc::new(LocalObject {
            length: metadata.len(),
            modified: metadata.modified()?,
            file,
        })))
    }

    async fn fetch(&self, name: &ObjectName) -> Result<Option<File>, StorageError> {
        let path = self.path(name);
        let opened = match at_hand::open(&path) {
            Some(opened) => opened,
            None => {
                let path = path.clone();
                blocking::run_io(move || File::open(path)).await
            }
        };
        match opened {
            Ok(file) => Ok(Some(file)),
            Err(error) => self.nothing_there(explain(&path, error)).await,
        }
    }

    async fn length(&self, name: &ObjectName) -> Result<Option<u64>, StorageError> {
        let path = self.path(name);
        match blocking::run_io(move || fs::metadata(path)).await {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn delete(&self, name: &ObjectName) -> Result<(), StorageError> {
        remove(self.path(name)).await
    }

    async fn list(&self, after: Option<&str>) -> Result<Listing, StorageError> {
        let root = self.root.clone();
        let after = after.map(str::to_owned);
        Ok(blocking::run_io(move || list(&root, after.as_deref())).await?)
    }

    async fn delete_key(&self, key: &str) -> Result<(), StorageError> {
        remove(self.root.join(key)).await
    }

    async fn marker(&self) -> Result<Option<Bytes>, StorageError> {
        let path = self.root.join(MARKER);
        let read = move || fs::read(&path).map_err(|error| explain(&path, error));
        match blocking::run_io(read).await {
            Ok(marker) => Ok(Some(marker.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn put_marker(&self, marker: Bytes) -> Result<(), StorageError> {
        let root = self.root.clone();
        blocking::run_io(move || {
            private_folder(&root).map_err(|error| explain(&root, error))?;
            let mut file = partial(&root).map_err(|error| explain(&root, error))?;
            file.write_all(&marker)?;
            file.as_file().sync_all()?;
            file.persist(root.join(MARKER))?;
            sync_folder(&root)
        })
        .await
        .map_err(StorageError::of_writing)
    }

    async fn any_entry(&self) -> Result<Option<String>, StorageError> {
        let root = self.root.clone();
        Ok(blocking::run_io(move || any_entry(&root)).await?)
    }

    async fn check(&self) -> Result<(), StorageError> {
        let root = self.root.clone();
        blocking::run_io(move || {
            // A folder that another user made takes no file: which one, chance finds.
            let folder = root.join(folder_name(rand::random_range(0..FOLDERS)));
            let folder = if folder.is_dir() { &folder } else { &*root };
            partial(folder)
                .map_err(|error| explain(folder, error))?
                .write_all(b"ready?")
        })
        .await
        .map_err(StorageError::of_writing)
    }
}

/// Removes a file. That there is none is no error.
async fn remove(path: PathBuf) -> Result<(), StorageError> {
    match blocking::run_io(move || fs::remove_file(path)).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// A file that is removed unless it gets its name.
fn partial(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(PARTIAL_PREFIX)
        .tempfile_in(folder)
}

struct LocalObject {
    file: File,
    length: u64,
    modified: SystemTime,
}

impl Object for LocalObject {
    fn length(&self) -> u64 {
        self.length
    }

    fn modified(&self) -> SystemTime {
        self.modified
    }

    fn file(&self) -> Option<&File> {
        Some(&self.file)
    }

    fn in_memory(&self, range: Range<u64>) -> u64 {
        at_hand::count(&self.file, &range)
    }

    fn read(self: Arc<Self>, range: Range<u64>) -> BoxStream<'static, io::Result<Bytes>> {
        unfold(range.start, move |position| {
            let (object, end) = (self.clone(), range.end);
            async move {
                let left = end.saturating_sub(position);
                if left == 0 {
                    return None;
                }
                // After an error the stream ends: the caller must not take it for whole.
                Some(match object.piece(position, left).await {
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

impl LocalObject {
    /// Some of the bytes from `position` on, `left` at most and at least one.
    async fn piece(self: Arc<Self>, position: u64, left: u64) -> io::Result<Bytes> {
        let mut buffer = Buffer::take();
        let wanted = left.min(buffer::LENGTH as u64) as usize;
        let space = buffer.space().get_mut(..wanted).unwrap_or_default();
        if let Some(length) = at_hand::read(&self.file, space, position) {
            return Ok(buffer.first(length));
        }
        drop(buffer);
        blocking::run_io(move || {
            let mut piece = vec![0; left.min(PIECE) as usize];
            self.file.read_exact_at(&mut piece, position)?;
            Ok(piece.into())
        })
        .await
    }
}

/// Copies a file that lies on another file system; whole and on stable storage before it has its name.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut file = partial(to.parent().unwrap_or(to))?;
    io::copy(&mut File::open(from)?, file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(to)?;
    Ok(())
}
