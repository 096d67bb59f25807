//! The data directory: pictures, the generated secret, and the embedded database.
//!
//! `flock` holds a lock as long as some process has the file open, so a lock never outlives its
//! holder, whatever ended it. The file stays; only the lock on it counts.

mod owner;
mod uses;

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use nix::unistd::geteuid;

pub use owner::{become_owner, explain, is_usable};
pub use uses::Uses;

/// A data directory that exists and that this process can write.
#[derive(Debug, Clone)]
pub struct DataDir {
    path: PathBuf,
}

impl DataDirError {
    /// Puts into words what cannot be used; made for `map_err`.
    pub fn unusable(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Unusable {
            source: explain(&path, source),
            path,
        }
    }
}

impl DataDir {
    /// Opens the data directory, making it (and the folders above it) on the first use.
    ///
    /// A new one is closed to everybody else. As root it can be passed through but not read, because
    /// the embedded database's server, which refuses root, has its folder inside.
    ///
    /// # Errors
    ///
    /// When the directory cannot be made or written.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        let unusable = |source| DataDirError::Unusable {
            path: path.to_owned(),
            source: explain(path, source),
        };
        if !path.exists() {
            make(path).map_err(unusable)?;
        }
        let path = path.canonicalize().map_err(unusable)?;
        // A nameless file: nothing stays behind, and unlike permission bits it cannot lie.
        tempfile::tempfile_in(&path).map_err(unusable)?;
        Ok(Self { path })
    }

    /// The directory's absolute path, without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes this process the only one that serves from this directory, until the lock is dropped
    /// or the process ends. Blocks for up to half a second.
    ///
    /// # Errors
    ///
    /// When another process serves from it.
    pub fn lock_for_serving(&self) -> Result<ServeLock, DataDirError> {
        let path = self.path.join("serve.lock");
        let unusable = |source| DataDirError::Unusable {
            path: path.clone(),
            source: explain(&path, source),
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(unusable)?;
        match try_for_a_moment(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = fs::read_to_string(&path).unwrap_or_default();
                return Err(DataDirError::InUse {
                    path: self.path.clone(),
                    holder: match pid.trim() {
                        "" => String::new(),
                        pid => format!(" (pid {pid})"),
                    },
                });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(unusable)?;
        Ok(ServeLock { _file: file })
    }
}

/// Tries again for half a second: a process that was killed, or its child on the way to being
/// another program, takes a moment to let go.
fn try_for_a_moment(file: &File) -> Result<(), TryLockError> {
    for _ in 0..50 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(10)),
            other => return other,
        }
    }
    file.try_lock()
}

fn make(path: &Path) -> io::Result<()> {
    let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
    DirBuilder::new().recursive(true).mode(mode).create(path)?;
    // Again, because the umask has had its say.
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// The right to serve from a data directory; see [`DataDir::lock_for_serving`].
#[derive(Debug)]
#[must_use = "the lock ends when it is dropped"]
pub struct ServeLock {
    _file: File,
}

/// Why a data directory cannot be used: one line for the person who started the program.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made, entered or written.
    #[error("cannot use the data directory {}: {source}; set TIERPIX_DATA_DIR to a folder that can be written", path.display())]
    Unusable {
        /// The directory, or the file in it that could not be opened.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another process serves from it.
    #[error("another tierpix{holder} is serving from {}; stop it first, or set TIERPIX_DATA_DIR to another folder", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
        /// ` (pid 123)` where known, else empty.
        holder: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_data_directory_is_made_with_the_folders_above_it() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a/b");
        let dir = DataDir::open(&path).unwrap();
        let mode = fs::metadata(dir.path()).unwrap().permissions().mode() & 0o777;
        let expected = if geteuid().is_root() { 0o711 } else { 0o700 };
        assert_eq!(mode, expected, "{mode:o}");
    }

    #[test]
    fn a_data_directory_that_cannot_be_written_is_refused_by_its_setting() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("file");
        fs::write(&file, "").unwrap();
        let error = DataDir::open(&file.join("below a file")).unwrap_err();
        assert!(error.to_string().contains("TIERPIX_DATA_DIR"), "{error}");
        let error = DataDir::open(&file).unwrap_err();
        assert!(error.to_string().contains("TIERPIX_DATA_DIR"), "{error}");
    }

    #[test]
    fn a_second_service_on_one_data_directory_is_refused_by_name() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(temp.path()).unwrap();
        let _lock = dir.lock_for_serving().unwrap();
        let error = dir.lock_for_serving().unwrap_err().to_string();
        let pid = std::process::id();
        assert!(error.contains(&format!("another tierpix (pid {pid}) is serving")));
        assert!(error.contains(dir.path().to_str().unwrap()), "{error}");
    }

    #[test]
    fn a_data_directory_can_be_served_from_again_when_the_lock_is_gone() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(temp.path()).unwrap();
        drop(dir.lock_for_serving().unwrap());
        assert!(dir.lock_for_serving().is_ok());
    }
}
