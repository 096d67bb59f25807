//! A private PostgreSQL server, for those who have not set `DATABASE_URL`.
//!
//! ```text
//! <data directory>/            0700, or 0711 as root so that the server's account can pass
//!   postgres.lock              who runs the server; held by the server's processes as well
//!   postgres.log               the server's own words
//!   postgres/                  0700, the server's account: the Unix socket, and
//!     cluster/                 what PostgreSQL calls its data directory
//! ```
//!
//! [`Embedded::start`] finds the [`programs`], takes the [`lock`], chooses the [`account`], and hands all
//! to the [`supervisor`], which runs `initdb` on the first start, then the server, and stops it when this
//! process ends, however that happens. Then it waits until the server is [`ready`].
//!
//! Anyone who reaches the socket is let in without a password, and only the server's account (and root)
//! reaches it. A command joins the server of a running service; without one, it runs the server for itself,
//! and other commands and a service that starts meanwhile wait for their turn.

mod account;
mod error;
mod lock;
mod place;
mod programs;
mod ready;
mod settings;
mod supervisor;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_postgres::Config;

use self::account::Account;
pub use self::error::EmbeddedError;
use self::lock::{Holder, Role, ServerLock};
use self::place::Place;
use self::programs::Programs;
pub use self::programs::{Client, find_clients};
use self::ready::Answer;
use self::supervisor::Supervisor;
use crate::{datadir::DataDir, durable::sync_folder};

/// How often a waiting process looks whether it is its turn.
const POLL: Duration = Duration::from_millis(20);

/// How long to wait for a server that another process runs or that is stopping, in seconds.
const TURN_SECONDS: u64 = 30;

/// A private PostgreSQL server that this process has started or joined.
///
/// Dropping it stops a server that this process has started, without waiting for it;
/// [`Embedded::stop`] waits.
#[derive(Debug)]
pub struct Embedded {
    config: Config,
    created: bool,
    /// `None` if another process runs the server.
    server: Option<Supervisor>,
}

impl Embedded {
    /// Starts the server of a data directory, for the service. The first start makes the cluster.
    ///
    /// Waits up to 30 seconds for a server that is still stopping, or that a command has
    /// started. `pg_bin` is the folder of PostgreSQL's programs; without it they are searched.
    ///
    /// # Errors
    ///
    /// One line that says what to do: no PostgreSQL, a wrong version, a folder that the server
    /// cannot use, the end of the log of a server that did not start.
    pub async fn start(data_dir: &DataDir, pg_bin: Option<&Path>) -> Result<Self, EmbeddedError> {
        Self::take_turn(data_dir, pg_bin, Role::Service).await
    }

    /// For a command: joins the server of a running service, or starts it for the time of the command.
    ///
    /// # Errors
    ///
    /// Those of [`Embedded::start`].
    pub async fn join(data_dir: &DataDir, pg_bin: Option<&Path>) -> Result<Self, EmbeddedError> {
        Self::take_turn(data_dir, pg_bin, Role::Command).await
    }

    /// For tests: a server on a new cluster in a temporary folder, fast because it keeps nothing
    /// through a power cut. The folder goes with this process, however that ends.
    ///
    /// # Errors
    ///
    /// Those of [`Embedded::start`].
    pub async fn scratch(pg_bin: Option<&Path>) -> Result<Self, EmbeddedError> {
        let programs = find_programs(pg_bin, None).await?;
        // Last, so that a process that is killed meanwhile leaves no folder behind.
        Self::launch(programs, Place::scratch()?, None).await
    }

    /// The server's own folder in a data directory.
    pub fn home_in(data_dir: &DataDir) -> PathBuf {
        Place::home_in(data_dir)
    }

    /// How to connect: the socket, the user and the database.
    pub fn config(&self) -> Config {
        self.config.clone()
    }

    /// Whether this was the first start of the cluster.
    pub fn created(&self) -> bool {
        self.created
    }

    /// Waits until a server that this process has started ends by itself, and says why; waits for
    /// ever on a joined one. For a service that would rather end than go on without its database.
    pub async fn ended(&mut self) -> EmbeddedError {
        loop {
            if let Some(server) = &mut self.server
                && server.ended().is_some()
            {
                return EmbeddedError::Ended {
                    log: server.log_tail(),
                };
            }
            sleep(Duration::from_secs(1)).await;
        }
    }

    /// Stops the server and waits until it is gone: connections are cut, what was committed is kept.
    /// After 10 seconds it is stopped the hard way. Does nothing to a joined server.
    ///
    /// # Errors
    ///
    /// If the server is still there after 25 seconds.
    pub async fn stop(self) -> Result<(), EmbeddedError> {
        match self.server {
            Some(server) => server.stop().await,
            None => Ok(()),
        }
    }

    async fn take_turn(
        data_dir: &DataDir,
        pg_bin: Option<&Path>,
        role: Role,
    ) -> Result<Self, EmbeddedError> {
        let begun = Instant::now();
        let mut told = false;
        loop {
            if let Some(mut lock) = ServerLock::try_take(data_dir)? {
                let programs = find_programs(pg_bin, Some(data_dir)).await?;
                let place = Place::in_data_dir(data_dir)?;
                lock.announce(role, &place.socket)
                    .map_err(EmbeddedError::io("write the lock in", data_dir.path()))?;
                return Self::launch(programs, place, Some(lock)).await;
            }
            let holder = Holder::read(data_dir);
            if let Some(holder) = &holder
                && (role, holder.role) == (Role::Command, Role::Service)
                && place::socket_is_private(&holder.socket, &Place::home_in(data_dir))
            {
                let config = config(&holder.socket);
                if let Answer::Ready = ready::ask(&config).await {
                    return Ok(Self {
                        config,
                        created: false,
                        server: None,
                    });
                }
            }
            if begun.elapsed() > Duration::from_secs(TURN_SECONDS) {
                return Err(EmbeddedError::Busy {
                    path: data_dir.path().to_owned(),
                    holder: holder.map_or_else(String::new, |it| format!(" (pid {})", it.pid)),
                });
            }
            if !told && begun.elapsed() > Duration::from_secs(1) {
                tracing::info!(
                    pid = holder.map(|it| it.pid),
                    "waiting for the database server of another tierpix"
                );
                told = true;
            }
            sleep(POLL).await;
        }
    }

    async fn launch(
        programs: Programs,
        place: Place,
        lock: Option<ServerLock>,
    ) -> Result<Self, EmbeddedError> {
        let home = place.home.clone();
        let config = config(&place.socket);
        let (mut server, is_first) = blocking(&home, move || {
            let account = Account::of_server(&place.home)?;
            place.prepare(account.as_ref())?;
            account::require_owner(&place.cluster(), account.as_ref())?;
            let is_first = !place.cluster().exists();
            place.remove_stale_pid()?;
            // From here: the server is as urgent as the thread that starts it, so that those that serve come first.
            let server = Supervisor::spawn(&programs, place, account.as_ref(), lock)?;
            Ok((server, is_first))
        })
        .await?;
        let created = ready::wait(&config, &mut server, is_first).await?;
        if created {
            let folder = home.clone();
            blocking(&home, move || sync(&folder)).await?;
        }
        Ok(Self {
            config,
            created,
            server: Some(server),
        })
    }
}

/// How to connect by the socket in a folder.
fn config(socket: &Path) -> Config {
    let mut config = Config::new();
    config
        .host_path(socket)
        .port(settings::PORT)
        .user("tierpix")
        .dbname(ready::DATABASE)
        .application_name("tierpix");
    config
}

/// The programs for the cluster in a data directory, or for a new cluster.
async fn find_programs(
    pg_bin: Option<&Path>,
    data_dir: Option<&DataDir>,
) -> Result<Programs, EmbeddedError> {
    let cluster = data_dir.map(|dir| place::cluster_in(&Place::home_in(dir)));
    let pg_bin = pg_bin.map(Path::to_owned);
    blocking(Path::new("/"), move || {
        let version = cluster.as_deref().and_then(|cluster| {
            let major = place::cluster_version(cluster)?;
            Some((cluster, major))
        });
        Programs::find(pg_bin.as_deref(), version)
    })
    .await
}

/// Makes the names of the new cluster outlast a power cut; `initdb` has done so with its files.
fn sync(home: &Path) -> Result<(), EmbeddedError> {
    for folder in [Some(home), home.parent()].into_iter().flatten() {
        sync_folder(folder).map_err(EmbeddedError::io("sync", folder))?;
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(
    home: &Path,
    work: impl FnOnce() -> Result<T, EmbeddedError> + Send + 'static,
) -> Result<T, EmbeddedError> {
    crate::blocking::run(work)
        .await
        .map_err(|panic| EmbeddedError::io("start the database server in", home)(panic.into()))?
}
