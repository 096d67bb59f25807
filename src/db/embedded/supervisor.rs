//! The process that runs the server and outlives us for a moment, to stop it.
//!
//! A shell script holds one end of a pipe and we hold the other: the system closes ours when this
//! process ends, also by `kill -9`. (A parent-death signal would come when the *thread* that started
//! the server ends.) The standard library opens the pipe close-on-exec, so no other child has our end.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::account::Account;
use super::error::EmbeddedError;
use super::lock::ServerLock;
use super::place::Place;
use super::programs::Programs;
use super::settings;

const SCRIPT: &str = include_str!("supervisor.sh");

/// How often a child is asked whether it has ended.
const POLL: Duration = Duration::from_millis(10);

/// How long a stop may take, in seconds: the script's 10 of fast shutdown, 10 of immediate shutdown, and some.
const STOP_SECONDS: u64 = 25;

/// What the end of the log holds at most, in bytes, and in lines.
const LOG_TAIL: u64 = 4096;
const LOG_LINES: usize = 8;

/// A server that we have started.
#[derive(Debug)]
pub(super) struct Supervisor {
    child: Child,
    log: File,
    /// Where in the log this start begins.
    log_start: u64,
    /// Held by the child too; ours is for the time between a crash of the server and our own end.
    _lock: Option<ServerLock>,
}

impl Supervisor {
    /// Starts the server, after `initdb` if there is no cluster. From here on `place`'s litter is the script's to remove.
    pub(super) fn spawn(
        programs: &Programs,
        place: Place,
        account: Option<&Account>,
        lock: Option<ServerLock>,
    ) -> Result<Self, EmbeddedError> {
        let log = place.open_log()?;
        let log_failed = || EmbeddedError::io("use", &place.log);
        let log_start = log.metadata().map_err(log_failed())?.len();
        let held = match &lock {
            Some(lock) => lock.share().map_err(log_failed())?,
            None => Stdio::null(),
        };
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "tierpix-postgres"])
            .arg(&programs.bin)
            .arg(place.cluster())
            .args(if place.scratch {
                ["QUIT", "--no-sync"]
            } else {
                ["INT QUIT", ""]
            })
            .arg(
                place
                    .litter
                    .as_ref()
                    .map_or("".as_ref(), |dir| dir.path().as_os_str()),
            )
            .args(settings::options(&place))
            .current_dir(&place.home)
            // Passwords and keys in our environment are not the server's to know. macOS's
            // PostgreSQL does not start without a locale.
            .env_clear()
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(held)
            .stderr(log.try_clone().map_err(log_failed())?)
            // Ctrl-C on the terminal is for us: the server stays until the last request is answered.
            .process_group(0);
        for name in ["PATH", "LD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        if let Some(account) = account {
            // The standard library also drops root's supplementary groups.
            command.uid(account.uid).gid(account.gid);
        }
        let child = command.spawn().map_err(|source| match account {
            Some(account) if source.kind() == io::ErrorKind::PermissionDenied => {
                EmbeddedError::Unreachable {
                    user: account.name.clone(),
                    path: place.home.clone(),
                }
            }
            _ => EmbeddedError::io("start the database server in", &place.home)(source),
        })?;
        if let Some(litter) = place.litter {
            let _ = litter.keep();
        }
        Ok(Self {
            child,
            log,
            log_start,
            _lock: lock,
        })
    }

    /// Whether the server has ended by itself.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// The last lines that this start has written to the log.
    pub(super) fn log_tail(&self) -> String {
        let length = self.log.metadata().map_or(0, |log| log.len());
        let start = self.log_start.max(length.saturating_sub(LOG_TAIL));
        let mut tail = vec![0; usize::try_from(length.saturating_sub(start)).unwrap_or(0)];
        if self.log.read_exact_at(&mut tail, start).is_err() {
            return String::new();
        }
        let tail = String::from_utf8_lossy(&tail);
        let lines: Vec<&str> = tail
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let above = lines.len().saturating_sub(LOG_LINES);
        lines.into_iter().skip(above).collect::<Vec<_>>().join("\n")
    }

    /// Stops the server and waits until its last process is gone.
    pub(super) async fn stop(mut self) -> Result<(), EmbeddedError> {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + Duration::from_secs(STOP_SECONDS);
        while self.ended().is_none() {
            if Instant::now() > deadline {
                return Err(EmbeddedError::DidNotStop {
                    seconds: STOP_SECONDS,
                });
            }
            sleep(POLL).await;
        }
        Ok(())
    }
}
