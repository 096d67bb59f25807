//! The right to run the server of a data directory.
//!
//! The lock is passed on to the server's own processes, so it is free again exactly when the last of
//! them has gone: after `kill -9` a new start waits here and never meets an old server.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::error::EmbeddedError;
use crate::datadir::DataDir;

/// For how long a server is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Until the service ends; commands join it.
    Service,
    /// For the time of one command; others wait.
    Command,
}

/// The lock, held.
#[derive(Debug)]
pub(super) struct ServerLock {
    file: File,
}

impl ServerLock {
    /// Takes the lock if it is free.
    pub(super) fn try_take(data_dir: &DataDir) -> Result<Option<Self>, EmbeddedError> {
        let path = path(data_dir);
        let refused = EmbeddedError::io("lock", &path);
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path);
        let file = match opened {
            Ok(file) => file,
            Err(error) => return Err(refused(error)),
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(refused(error)),
        }
    }

    /// Tells the others who runs the server, and where its socket is.
    pub(super) fn announce(&mut self, role: Role, socket: &Path) -> io::Result<()> {
        let word = match role {
            Role::Service => "service",
            Role::Command => "command",
        };
        let mut text = format!("{word}\n{}\n", std::process::id()).into_bytes();
        text.extend_from_slice(socket.as_os_str().as_bytes());
        self.file.set_len(0)?;
        self.file.write_all(&text)
    }

    /// The lock as a stream of a new process, which then holds it too.
    pub(super) fn share(&self) -> io::Result<Stdio> {
        self.file.try_clone().map(Stdio::from)
    }
}

/// Who holds the lock, by its own words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) role: Role,
    pub(super) pid: u32,
    pub(super) socket: PathBuf,
}

impl Holder {
    /// `None` while a new holder has not announced itself.
    pub(super) fn read(data_dir: &DataDir) -> Option<Self> {
        let text = fs::read(path(data_dir)).ok()?;
        let mut parts = text.splitn(3, |&byte| byte == b'\n');
        let role = match parts.next()? {
            b"service" => Role::Service,
            b"command" => Role::Command,
            _ => return None,
        };
        let pid = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
        let socket = PathBuf::from(OsStr::from_bytes(parts.next()?));
        Some(Self { role, pid, socket })
    }
}

fn path(data_dir: &DataDir) -> PathBuf {
    data_dir.path().join("postgres.lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_holds_the_lock_and_the_others_see_who() {
        let temp = tempfile::tempdir().unwrap();
        let data_dir = DataDir::open(temp.path()).unwrap();
        let mut lock = ServerLock::try_take(&data_dir).unwrap().unwrap();
        assert_eq!(Holder::read(&data_dir), None);
        lock.announce(Role::Service, Path::new("/a\nb")).unwrap();
        assert!(ServerLock::try_take(&data_dir).unwrap().is_none());
        let holder = Holder {
            role: Role::Service,
            pid: std::process::id(),
            socket: PathBuf::from("/a\nb"),
        };
        assert_eq!(Holder::read(&data_dir), Some(holder));
    }

    #[test]
    fn a_process_that_shares_the_lock_holds_it_alone_when_we_are_gone() {
        let temp = tempfile::tempdir().unwrap();
        let data_dir = DataDir::open(temp.path()).unwrap();
        let lock = ServerLock::try_take(&data_dir).unwrap().unwrap();
        let mut child = std::process::Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(lock.share().unwrap())
            .spawn()
            .unwrap();
        drop(lock);
        assert!(ServerLock::try_take(&data_dir).unwrap().is_none());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(ServerLock::try_take(&data_dir).unwrap().is_some());
    }
}
