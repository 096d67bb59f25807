//! Files that an upload streams into.

use std::{
    fs, io,
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{StorageError, private_folder};
use crate::{blocking, db::images::Sha256Digest};

/// Bytes gathered before they are written and hashed in one go off the async threads.
const BATCH: usize = 256 * 1024;

/// The folder of spool files: best on the same file system as the objects, so that a file is kept by renaming it.
#[derive(Clone)]
pub struct Spool {
    folder: PathBuf,
}

impl Spool {
    /// Opens the folder and removes what a crash left there. Nobody else may be using it.
    pub fn open(folder: &Path) -> io::Result<Self> {
        private_folder(folder)?;
        for entry in fs::read_dir(folder)? {
            fs::remove_file(entry?.path())?;
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Joins a folder that a service may be using.
    pub fn join(folder: &Path) -> io::Result<Self> {
        private_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// A new empty file, removed when it is dropped.
    pub async fn create(&self) -> Result<SpoolWriter, StorageError> {
        let folder = self.folder.clone();
        let file = blocking::run_io(move || NamedTempFile::new_in(folder))
            .await
            .map_err(StorageError::of_writing)?;
        Ok(SpoolWriter {
            state: Some(WriterState {
                file,
                hash: Sha256::new(),
            }),
            pending: Vec::new(),
            pending_length: 0,
            length: 0,
        })
    }
}

/// A spool file that is being written.
pub struct SpoolWriter {
    /// `None` only while a batch is being written, and after one failed.
    state: Option<WriterState>,
    pending: Vec<Bytes>,
    pending_length: usize,
    length: u64,
}

struct WriterState {
    file: NamedTempFile,
    hash: Sha256,
}

impl WriterState {
    fn write(&mut self, batch: Vec<Bytes>) -> io::Result<()> {
        for bytes in batch {
            self.hash.update(&bytes);
            self.file.write_all(&bytes)?;
        }
        Ok(())
    }
}

impl SpoolWriter {
    /// The bytes taken so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Appends bytes.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), StorageError> {
        self.length += bytes.len() as u64;
        self.pending_length += bytes.len();
        self.pending.push(bytes);
        if self.pending_length >= BATCH {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), StorageError> {
        let batch = self.take_batch();
        let mut state = self.state.take().ok_or_else(after_failure)?;
        let state = blocking::run_io(move || state.write(batch).map(|()| state));
        self.state = Some(state.await.map_err(StorageError::of_writing)?);
        Ok(())
    }

    fn take_batch(&mut self) -> Vec<Bytes> {
        self.pending_length = 0;
        std::mem::take(&mut self.pending)
    }

    /// Ends writing.
    pub async fn finish(mut self) -> Result<Spooled, StorageError> {
        let (length, batch) = (self.length, self.take_batch());
        let mut state = self.state.take().ok_or_else(after_failure)?;
        // Another thread is woken once for what is left and for reading.
        let spooled = blocking::run_io(move || {
            state.write(batch)?;
            Ok(Spooled {
                reader: state.file.reopen()?,
                file: state.file,
                length,
                sha256: state.hash.finalize().into(),
            })
        });
        spooled.await.map_err(StorageError::of_writing)
    }
}

fn after_failure() -> StorageError {
    StorageError::Failed(io::Error::other(
        "an earlier write to this spool file failed",
    ))
}

/// A spool file that was written to its end.
pub struct Spooled {
    pub(super) file: NamedTempFile,
    reader: fs::File,
    length: u64,
    sha256: Sha256Digest,
}

impl Spooled {
    /// The length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The digest of the bytes.
    pub fn sha256(&self) -> Sha256Digest {
        self.sha256
    }

    /// Changes the file where it is, off the async threads. `edit` says whether it changed anything.
    ///
    /// # Errors
    /// Those of `edit`, and of reading the changed file.
    pub async fn edit<E>(
        mut self,
        edit: impl FnOnce(&fs::File) -> Result<bool, E> + Send + 'static,
    ) -> Result<Self, E>
    where
        E: From<io::Error> + Send + 'static,
    {
        let edited = blocking::run(move || {
            if edit(self.file.as_file())? {
                (self.length, self.sha256) = describe(self.file.path())?;
            }
            Ok(self)
        });
        edited
            .await
            .unwrap_or_else(|failed| Err(io::Error::other(failed).into()))
    }

    /// The file, for reading from its start. There is but one cursor, whoever asks.
    pub fn reader(&self) -> Result<fs::File, StorageError> {
        let mut reader = self.reader.try_clone()?;
        reader.rewind()?;
        Ok(reader)
    }
}

/// A file's length and the digest of its bytes.
fn describe(path: &Path) -> io::Result<(u64, Sha256Digest)> {
    let mut file = fs::File::open(path)?;
    let (mut length, mut hash) = (0, Sha256::new());
    let mut piece = vec![0; BATCH];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((length, hash.finalize().into())),
            count => {
                length += count as u64;
                hash.update(&piece[..count]);
            }
        }
    }
}
