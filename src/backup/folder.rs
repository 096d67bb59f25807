//! The folder of a backup.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, macros::format_description};
use uuid::Uuid;

use super::BackupError;
use crate::{domain::site::SiteId, durable::sync_folder};

/// What a person finds who opens the folder.
const README: &str = "A backup of a tierpix site, made by `tierpix backup`.\n\
    `tierpix restore FOLDER` brings it back into an empty database and an empty storage.\n\
    Each folder of snapshots/ is one backup; all of them share objects/. secret.key and the dumps are secret.\n";

/// The version of this layout.
const FORMAT: u32 = 1;

/// What one backup is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the folder's layout.
    pub format: u32,
    /// Whose it is.
    pub site: SiteId,
    /// When it shows the site.
    #[serde(with = "time::serde::rfc3339")]
    pub taken_at: OffsetDateTime,
    /// By which program.
    pub made_by: String,
    /// The major version of the `pg_dump` that made the dump.
    pub postgres: u32,
    /// How many objects the dump names.
    pub objects: i64,
    /// How many bytes they have.
    pub bytes: i64,
    /// Images that were deleted while the backup was made: the dump still has their rows.
    pub deleted: Vec<Uuid>,
    /// Originals that the storage did not have as they were stored.
    pub damaged: Vec<String>,
}

impl Manifest {
    /// Of a backup that is being made.
    pub(super) fn new(site: SiteId, postgres: u32) -> Self {
        Self {
            format: FORMAT,
            site,
            taken_at: OffsetDateTime::now_utc(),
            made_by: concat!("tierpix ", env!("CARGO_PKG_VERSION")).to_owned(),
            postgres,
            objects: 0,
            bytes: 0,
            deleted: Vec::new(),
            damaged: Vec::new(),
        }
    }
}

/// The folder of a backup, which nobody else works on.
pub struct BackupFolder {
    path: PathBuf,
    _lock: File,
}

impl BackupFolder {
    /// Opens the folder, or makes it. One that holds anything but a backup is refused, and so is one that is in the way of
    /// what is backed up: `data_dir` and the folder of the storage.
    pub fn to_write(
        path: &Path,
        data_dir: &Path,
        storage: Option<&Path>,
    ) -> Result<Self, BackupError> {
        private_folder(path)?;
        let real = path.canonicalize().map_err(BackupError::at(path))?;
        let own = ["objects", "spool", "postgres"].map(|name| data_dir.join(name));
        let storage = storage.and_then(|storage| storage.canonicalize().ok());
        if data_dir.starts_with(&real)
            || own.iter().any(|own| real.starts_with(own))
            || storage
                .is_some_and(|storage| storage.starts_with(&real) || real.starts_with(storage))
        {
            return Err(BackupError::Refused(format!(
                "{} is part of what is backed up, or holds it: name another folder",
                path.display()
            )));
        }
        let readme = path.join("README.txt");
        match fs::read_to_string(&readme) {
            Ok(text) if text.lines().next() == README.lines().next() => {}
            _ => {
                let mut entries = fs::read_dir(path).map_err(BackupError::at(path))?;
                if entries.next().is_some() {
                    return Err(BackupError::Refused(format!(
                        "{} is neither empty nor a backup: name another folder",
                        path.display()
                    )));
                }
                fs::write(&readme, README).map_err(BackupError::at(&readme))?;
            }
        }
        private_folder(&path.join("snapshots"))?;
        Self::lock(path)
    }

    /// Opens a backup that there is.
    pub fn to_read(path: &Path) -> Result<Self, BackupError> {
        let snapshots = path.join("snapshots");
        if snapshots
            .try_exists()
            .map_err(BackupError::at(&snapshots))?
        {
            Self::lock(path)
        } else {
            Err(BackupError::Refused(format!(
                "{} holds no backup of `tierpix backup`",
                path.display()
            )))
        }
    }

    fn lock(path: &Path) -> Result<Self, BackupError> {
        let lock = path.join("backup.lock");
        let opened = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock);
        let file = match opened {
            // Nobody else writes there either.
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => File::open(path),
            opened => opened,
        };
        let file = file.map_err(BackupError::at(&lock))?;
        match file.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: file,
            }),
            Err(TryLockError::WouldBlock) => Err(BackupError::Refused(format!(
                "another backup or restore works on {}",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(BackupError::at(lock)(error)),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of all objects.
    pub fn objects(&self) -> PathBuf {
        self.path.join("objects")
    }

    /// Where files stay while they are being compared.
    pub fn spool(&self) -> PathBuf {
        self.path.join("spool")
    }

    /// The secret of the site.
    pub fn secret(&self) -> PathBuf {
        self.path.join("secret.key")
    }

    /// Keeps the secret. One that is there already and is another one is never replaced: links of older snapshots need it.
    pub fn keep_secret(&self, secret: &[u8]) -> Result<(), BackupError> {
        let path = self.secret();
        match fs::read(&path) {
            Ok(there) if there == secret => Ok(()),
            Ok(_) => Err(BackupError::Refused(format!(
                "{} is another secret than the service's: set TIERPIX_SECRET_KEY to the service's, or begin a new backup folder",
                path.display()
            ))),
            Err(_) => write_private(&path, secret),
        }
    }

    fn snapshots(&self) -> PathBuf {
        self.path.join("snapshots")
    }

    /// Begins a snapshot. What an interrupted one left is removed.
    pub fn begin(&self) -> Result<Snapshot, BackupError> {
        let snapshots = self.snapshots();
        for name in names(&snapshots)? {
            if name.ends_with(PARTIAL) {
                let left = snapshots.join(name);
                fs::remove_dir_all(&left).map_err(BackupError::at(&left))?;
            }
        }
        // No colons: not every file system takes them.
        let stamp = format_description!("[year]-[month]-[day]T[hour]-[minute]-[second]Z");
        let name = OffsetDateTime::now_utc().format(&stamp);
        let stamp = name.map_err(|error| BackupError::Refused(error.to_string()))?;
        // Two may be made within a second; the later one sorts behind.
        let mut name = stamp.clone();
        let mut count = 1;
        while snapshots.join(&name).exists() {
            count += 1;
            name = format!("{stamp}-{count}");
        }
        let folder = snapshots.join(format!("{name}{PARTIAL}"));
        private_folder(&folder)?;
        Ok(Snapshot { folder })
    }

    /// A snapshot by its name, or the newest.
    pub fn snapshot(&self, name: Option<&str>) -> Result<Snapshot, BackupError> {
        let mut complete = names(&self.snapshots())?;
        complete.retain(|one| {
            !one.ends_with(PARTIAL)
                && name.is_none_or(|name| name == one)
                && self.snapshots().join(one).join(MANIFEST).exists()
        });
        complete.sort();
        match complete.pop() {
            Some(name) => Ok(Snapshot {
                folder: self.snapshots().join(name),
            }),
            None => Err(BackupError::Refused(format!(
                "{} holds no complete snapshot{}",
                self.path.display(),
                name.map_or_else(String::new, |name| format!(" {name}"))
            ))),
        }
    }
}

/// What a snapshot is, in its folder.
const MANIFEST: &str = "manifest.json";

/// What the name of a snapshot that is not complete ends with.
const PARTIAL: &str = ".partial";

/// One backup in the folder.
pub struct Snapshot {
    folder: PathBuf,
}

impl Snapshot {
    /// The name of the snapshot.
    pub fn name(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The dump of the database.
    pub fn dump(&self) -> PathBuf {
        self.folder.join("database.dump")
    }

    /// The list of objects.
    pub fn index(&self) -> PathBuf {
        self.folder.join("objects.tsv")
    }

    /// What the backup is.
    pub fn manifest(&self) -> Result<Manifest, BackupError> {
        let path = self.folder.join(MANIFEST);
        let text = fs::read(&path).map_err(BackupError::at(&path))?;
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|error| BackupError::at(&path)(error.into()))?;
        if manifest.format > FORMAT {
            return Err(BackupError::Refused(format!(
                "{} was made by a newer program ({}): install that",
                self.folder.display(),
                manifest.made_by
            )));
        }
        Ok(manifest)
    }

    /// Says that the backup is complete.
    pub fn complete(self, manifest: &Manifest) -> Result<Self, BackupError> {
        let path = self.folder.join(MANIFEST);
        let mut text = serde_json::to_vec_pretty(manifest)
            .map_err(|error| BackupError::at(&path)(error.into()))?;
        text.push(b'\n');
        write_private(&path, &text)?;
        for file in [self.dump(), self.index()] {
            sync(&file)?;
        }
        let name = self.folder.to_string_lossy();
        let complete = PathBuf::from(name.trim_end_matches(PARTIAL));
        fs::rename(&self.folder, &complete).map_err(BackupError::at(&complete))?;
        if let Some(parent) = complete.parent() {
            sync_folder(parent).map_err(BackupError::at(parent))?;
        }
        Ok(Self { folder: complete })
    }
}

fn names(folder: &Path) -> Result<Vec<String>, BackupError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(BackupError::at(folder))? {
        let entry = entry.map_err(BackupError::at(folder))?;
        names.extend(entry.file_name().into_string().ok());
    }
    Ok(names)
}

fn private_folder(path: &Path) -> Result<(), BackupError> {
    let mut builder = DirBuilder::new();
    builder
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(BackupError::at(path))
}

/// Writes a file that only its owner can read; on stable storage when this returns.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let partial = path.with_extension("partial");
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&partial)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&partial, path)
        });
    written.map_err(BackupError::at(path))
}

fn sync(path: &Path) -> Result<(), BackupError> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(BackupError::at(path))
}
