//! Where a cluster and all that belongs to it lie.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::account::Account;
use super::error::EmbeddedError;
use crate::datadir::DataDir;

/// The longest folder for a socket, in bytes: an address has room for 104 with its closing zero on
/// macOS and the BSDs (108 on Linux), and PostgreSQL appends `/.s.PGSQL.5432`.
const LONGEST_SOCKET_FOLDER: usize = 103 - "/.s.PGSQL.5432".len();

/// A log longer than this is put aside at the next start, in bytes.
const LONGEST_LOG: u64 = 1024 * 1024;

/// The places of one server.
#[derive(Debug)]
pub(super) struct Place {
    /// The server's own folder, closed to every other account.
    pub(super) home: PathBuf,
    /// The folder of the Unix socket, closed to every other account.
    pub(super) socket: PathBuf,
    /// The server's log.
    pub(super) log: PathBuf,
    /// A folder to remove when the server has ended.
    pub(super) litter: Option<TempDir>,
    /// Whether the cluster itself goes with the server.
    pub(super) scratch: bool,
}

impl Place {
    /// The server's own folder in a data directory.
    pub(super) fn home_in(data_dir: &DataDir) -> PathBuf {
        data_dir.path().join("postgres")
    }

    /// The cluster that stays, in a data directory.
    pub(super) fn in_data_dir(data_dir: &DataDir) -> Result<Self, EmbeddedError> {
        let home = Self::home_in(data_dir);
        let mut place = Self {
            socket: home.clone(),
            home,
            log: data_dir.path().join("postgres.log"),
            litter: None,
            scratch: false,
        };
        if place.socket.as_os_str().len() > LONGEST_SOCKET_FOLDER {
            // Not below XDG_RUNTIME_DIR: that goes when its user logs out, and the server does not.
            let folder = temporary_folder("tierpix-socket-", Path::new("/tmp"))?;
            place.socket = folder.path().to_owned();
            place.litter = Some(folder);
        }
        Ok(place)
    }

    /// A throw-away cluster in a temporary folder.
    pub(super) fn scratch() -> Result<Self, EmbeddedError> {
        let prefix = "tierpix-scratch-";
        let temporary = std::env::temp_dir();
        let room = prefix.len() + "/123456".len();
        let parent = if temporary.as_os_str().len() + room > LONGEST_SOCKET_FOLDER {
            Path::new("/tmp")
        } else {
            &temporary
        };
        let folder = temporary_folder(prefix, parent)?;
        Ok(Self {
            home: folder.path().to_owned(),
            socket: folder.path().to_owned(),
            log: folder.path().join("server.log"),
            litter: Some(folder),
            scratch: true,
        })
    }

    /// The cluster of this server.
    pub(super) fn cluster(&self) -> PathBuf {
        cluster_in(&self.home)
    }

    /// Makes the folders that the server finds, and gives them to its account.
    pub(super) fn prepare(&self, account: Option<&Account>) -> Result<(), EmbeddedError> {
        match DirBuilder::new().mode(0o700).create(&self.home) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(EmbeddedError::io("make the folder", &self.home))?,
        }
        let Some(account) = account else {
            return Ok(());
        };
        for folder in [&self.home, &self.socket] {
            chown(folder, Some(account.uid), Some(account.gid))
                .map_err(EmbeddedError::io("give away the folder", folder))?;
        }
        Ok(())
    }

    /// Removes what a server that a power cut has ended left: PostgreSQL takes any process that has the server's number now
    /// for the server. We hold the lock that a server's processes hold, so that only one that was started past us can run.
    pub(super) fn remove_stale_pid(&self) -> Result<(), EmbeddedError> {
        let file = self.cluster().join("postmaster.pid");
        let Ok(text) = fs::read_to_string(&file) else {
            return Ok(());
        };
        if cfg!(not(target_os = "linux")) || works_in(&text, &self.cluster()) {
            return Ok(());
        }
        fs::remove_file(&file).map_err(EmbeddedError::io("remove", &file))
    }

    /// Opens the log for reading and appending; a long one is put aside first.
    pub(super) fn open_log(&self) -> Result<File, EmbeddedError> {
        if fs::metadata(&self.log).is_ok_and(|log| log.len() > LONGEST_LOG) {
            let mut old = self.log.clone().into_os_string();
            old.push(".1");
            fs::rename(&self.log, old).map_err(EmbeddedError::io("rename", &self.log))?;
        }
        OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.log)
            .map_err(EmbeddedError::io("open", &self.log))
    }
}

/// The cluster in a server's own folder: what PostgreSQL calls its data directory.
pub(super) fn cluster_in(home: &Path) -> PathBuf {
    home.join("cluster")
}

/// The major version that made a cluster; `None` if there is none yet.
pub(super) fn cluster_version(cluster: &Path) -> Option<u32> {
    let version = fs::read_to_string(cluster.join("PG_VERSION")).ok()?;
    version.trim().split('.').next()?.parse().ok()
}

/// Whether the process of this `postmaster.pid` works in this cluster, as every server of it does.
fn works_in(pid_file: &str, cluster: &Path) -> bool {
    let pid = pid_file.lines().next().unwrap_or_default().trim();
    fs::read_link(Path::new("/proc").join(pid).join("cwd")).is_ok_and(|cwd| cwd == cluster)
}

/// Whether a socket in this folder can only have been made by the account that `home` belongs to.
pub(super) fn socket_is_private(socket: &Path, home: &Path) -> bool {
    let (Ok(socket), Ok(home)) = (fs::symlink_metadata(socket), fs::metadata(home)) else {
        return false;
    };
    socket.is_dir() && socket.uid() == home.uid() && socket.mode() & 0o077 == 0
}

/// A new folder that only this account can enter.
fn temporary_folder(prefix: &str, parent: &Path) -> Result<TempDir, EmbeddedError> {
    parent
        .canonicalize()
        .and_then(|parent| {
            tempfile::Builder::new()
                .prefix(prefix)
                .permissions(Permissions::from_mode(0o700))
                .tempdir_in(parent)
        })
        .map_err(EmbeddedError::io("make a folder in", parent))
}

/// A folder as an item of the setting `unix_socket_directories`, which is a list with commas.
pub(super) fn quoted(folder: &Path) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for &byte in folder.as_os_str().as_bytes() {
        if byte == b'"' {
            quoted.push(b'"');
        }
        quoted.push(byte);
    }
    quoted.push(b'"');
    quoted
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_socket_of_a_long_data_directory_lies_in_a_short_folder_of_ours() {
        let temp = tempfile::tempdir().unwrap();
        let data_dir = DataDir::open(&temp.path().join("x".repeat(100))).unwrap();
        let place = Place::in_data_dir(&data_dir).unwrap();
        place.prepare(None).unwrap();
        assert!(place.socket.as_os_str().len() <= LONGEST_SOCKET_FOLDER);
        assert!(socket_is_private(&place.socket, &place.home));
    }

    #[test]
    fn a_socket_folder_that_is_a_link_or_open_to_others_is_not_believed() {
        let home = temporary_folder("home-", &std::env::temp_dir()).unwrap();
        let open = temporary_folder("open-", &std::env::temp_dir()).unwrap();
        let link = home.path().join("link");
        symlink(home.path(), &link).unwrap();
        assert!(socket_is_private(home.path(), home.path()));
        assert!(!socket_is_private(&link, home.path()));
        fs::set_permissions(open.path(), Permissions::from_mode(0o755)).unwrap();
        assert!(!socket_is_private(open.path(), home.path()));
    }

    #[test]
    fn a_long_log_is_put_aside() {
        let temp = tempfile::tempdir().unwrap();
        let place = Place::in_data_dir(&DataDir::open(temp.path()).unwrap()).unwrap();
        fs::write(&place.log, vec![b'x'; 1024 * 1024 + 1]).unwrap();
        assert_eq!(place.open_log().unwrap().metadata().unwrap().len(), 0);
        assert!(temp.path().join("postgres.log.1").exists());
    }

    #[test]
    fn quotes_in_a_folder_are_doubled() {
        assert_eq!(quoted(Path::new("/a, \"b\"")), b"\"/a, \"\"b\"\"\"");
    }
}
