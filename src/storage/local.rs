//! Objects as files under one folder.

mod at_hand;
mod buffer;

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

use self::buffer::Buffer;
use super::{Listed, Listing, Object, Spooled, Storage, StorageError, folder_of, private_folder};
use crate::{blocking, datadir::DataDir, domain::media::ObjectName};

/// Bytes read from the disk in one go, off the async threads.
const PIECE: u64 = 256 * 1024;

/// Folders that the objects are spread over.
const FOLDERS: u32 = 4096;

/// A page of a list ends with the folder that brings it to so many objects.
const PAGE: usize = 1000;

/// Files under one folder.
pub struct LocalStorage {
    root: Arc<PathBuf>,
}

impl LocalStorage {
    /// The folder of a data directory.
    pub fn in_data_dir(data_dir: &DataDir) -> io::Result<Self> {
        Self::open(&data_dir.path().join("objects"))
    }

    /// Opens the folder; it is made, for its owner alone, if it is not there.
    pub fn open(root: &Path) -> io::Result<Self> {
        private_folder(root)?;
        Ok(Self {
            root: Arc::new(root.to_owned()),
        })
    }

    fn path(&self, name: &ObjectName) -> PathBuf {
        self.root.join(folder_of(name)).join(name.to_string())
    }

    /// The object's path with its folder there; a new folder is on stable storage.
    fn path_to_write(root: &Path, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(root);
        match fs::create_dir(folder) {
            Ok(()) => sync_folder(root),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Storage for LocalStorage {
    async fn put_original(&self, name: &ObjectName, bytes: Spooled) -> Result<(), StorageError> {
        let (root, path) = (self.root.clone(), self.path(name));
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
        .map_err(StorageError::of_writing)
    }

    async fn put_thumbnail(&self, name: &ObjectName, bytes: Bytes) -> Result<(), StorageError> {
        let (root, path) = (self.root.clone(), self.path(name));
        blocking::run_io(move || {
            Self::path_to_write(&root, &path)?;
            let mut file = NamedTempFile::new_in(path.parent().unwrap_or(&root))?;
            file.write_all(&bytes)?;
            file.persist(&path)?;
            Ok(())
        })
        .await
        .map_err(StorageError::of_writing)
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
            None => blocking::run_io(move || File::open(path)).await,
        };
        match opened {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
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
        let path = self.path(name);
        match blocking::run_io(move || fs::remove_file(path)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn list(&self, after: Option<&str>) -> Result<Listing, StorageError> {
        let root = self.root.clone();
        let after = after.map(str::to_owned);
        Ok(blocking::run_io(move || list(&root, after.as_deref())).await?)
    }

    async fn delete_listed(&self, listed: &Listed) -> Result<(), StorageError> {
        let path = self.root.join(&listed.key);
        match blocking::run_io(move || fs::remove_file(path)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn check(&self) -> Result<(), StorageError> {
        let root = self.root.clone();
        blocking::run_io(move || NamedTempFile::new_in(&*root)?.write_all(b"ready?"))
            .await
            .map_err(StorageError::of_writing)
    }
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

/// A page of the files under the root: a page ends with a folder, whose name tells where the next one begins.
fn list(root: &Path, after: Option<&str>) -> io::Result<Listing> {
    let mut page = Listing::default();
    let first = match after {
        None => {
            list_folder(root, "", &mut page.objects)?;
            0
        }
        Some(folder) => 1 + u32::from_str_radix(folder, 16).map_err(io::Error::other)?,
    };
    for number in first..FOLDERS {
        let folder = format!("{number:03x}");
        match list_folder(&root.join(&folder), &folder, &mut page.objects) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if page.objects.len() >= PAGE {
            page.next = Some(folder);
            break;
        }
    }
    Ok(page)
}

fn list_folder(path: &Path, folder: &str, objects: &mut Vec<Listed>) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let metadata = match entry.metadata() {
            Ok(metadata) if metadata.is_file() => metadata,
            // It went in this moment.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
            Ok(_) => continue,
        };
        // A name that is not in UTF-8 is none of ours.
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        objects.push(Listed {
            // One that lies elsewhere than where it is looked for is nobody's.
            object: ObjectName::parse(&name).filter(|name| folder_of(name) == folder),
            key: Path::new(folder).join(name).display().to_string(),
            bytes: metadata.len(),
            modified: metadata.modified()?,
        });
    }
    Ok(())
}

/// Copies a file that lies on another file system; whole and on stable storage before it has its name.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(to.parent().unwrap_or(to))?;
    io::copy(&mut File::open(from)?, file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(to)?;
    Ok(())
}

/// Puts a folder's entries on stable storage.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
