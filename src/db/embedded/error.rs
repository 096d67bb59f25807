//! Why there is no embedded database: each one line for the person who started the program.

use std::io;
use std::path::{Path, PathBuf};

use super::programs::OLDEST;
use crate::datadir::explain;

/// Why the embedded database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// PostgreSQL is not on this machine, or hides.
    #[error(
        "PostgreSQL's programs `postgres` and `initdb` were not found: install them (`apt-get install postgresql`, `brew install postgresql`), name their folder in TIERPIX_PG_BIN, or name a server in DATABASE_URL"
    )]
    NotInstalled,
    /// `TIERPIX_PG_BIN` names a folder without the programs.
    #[error("TIERPIX_PG_BIN is {}, which does not hold PostgreSQL's programs `postgres` and `initdb`", .0.display())]
    NoProgramsIn(PathBuf),
    /// All of PostgreSQL that was found is older than what the service needs.
    #[error("PostgreSQL {major} in {} is too old: tierpix needs version {OLDEST} or later; install it or name its folder in TIERPIX_PG_BIN", bin.display())]
    TooOld {
        /// Its programs' folder.
        bin: PathBuf,
        /// Its major version.
        major: u32,
    },
    /// The cluster was made by a major version that is not on this machine.
    #[error("the database in {} was made by PostgreSQL {cluster}, but the programs in {} are of version {found}; install PostgreSQL {cluster} or name its folder in TIERPIX_PG_BIN. To move to PostgreSQL {found}, run `tierpix backup` with {cluster} and then, in an empty data directory, `tierpix restore` with {found}", path.display(), bin.display())]
    OtherVersion {
        /// The cluster's folder.
        path: PathBuf,
        /// The major version that made it.
        cluster: u32,
        /// The programs that would be used.
        bin: PathBuf,
        /// Their major version.
        found: u32,
    },
    /// PostgreSQL refuses to run as root, and there is nobody else.
    #[error(
        "PostgreSQL refuses to run as root and there is no user `postgres` or `nobody` to run it; start tierpix as another user"
    )]
    NoAccount,
    /// The server's account cannot enter the folder of its own cluster.
    #[error("the database server runs as user {user}, who cannot enter {}; open the folders above it (chmod o+x) or set TIERPIX_DATA_DIR to another folder, such as /var/lib/tierpix", path.display())]
    Unreachable {
        /// The account that runs the server.
        user: String,
        /// The folder that it cannot enter.
        path: PathBuf,
    },
    /// The cluster's folder belongs to another user.
    #[error("the database in {} belongs to user {owner}, its server runs as {account}: start tierpix as {owner}, or run `chown -R {account}: {}`", path.display(), path.display())]
    NotOurs {
        /// The cluster's folder, or the one above it.
        path: PathBuf,
        /// Whose it is.
        owner: String,
        /// Who runs the server.
        account: String,
    },
    /// Another process runs the server and did not end in time.
    #[error("the database in {} is in use by another tierpix{holder}; try again when that has ended", path.display())]
    Busy {
        /// The data directory.
        path: PathBuf,
        /// ` (pid 123)` where known, else empty.
        holder: String,
    },
    /// The server ended by itself, before it answered or later.
    #[error("the database server has ended; the end of its log:\n{log}")]
    Ended {
        /// The last lines of its log.
        log: String,
    },
    /// The server runs but did not answer in time.
    #[error("the database server did not answer within {seconds} seconds: {last}")]
    Silent {
        /// How long was waited.
        seconds: u64,
        /// The last answer, or what came instead of one.
        last: String,
    },
    /// The server was told to stop and is still there.
    #[error("the database server did not stop within {seconds} seconds")]
    DidNotStop {
        /// How long was waited.
        seconds: u64,
    },
    /// The server refused to make the service's database.
    #[error("the database cannot be made: {0}")]
    NoDatabase(#[source] tokio_postgres::Error),
    /// The operating system refused something.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried, as in "cannot `doing` `path`".
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl EmbeddedError {
    /// Puts into words what was tried; made for `map_err`.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            source: explain(&path, source),
            path,
        }
    }
}
