//! PostgreSQL: the pool, the migrations, and one struct a query.
//!
//! A query is a file under `sql/queries/` and a struct here that implements [`Query`]. Adding one touches
//! nothing else: [`Database::run`] runs them all, and so does the `DbActor` in front of it.

use std::{future::Future, time::Duration};

use deadpool_postgres::{ManagerConfig, Pool, RecyclingMethod, Runtime};

pub mod api_tokens;
pub mod audit_log;
mod change;
mod connection;
pub mod daily_figures;
mod effects;
pub mod embedded;
mod error;
pub mod expiry;
pub mod idempotency_keys;
pub mod images;
pub mod jobs;
pub mod links;
pub mod listen;
pub mod migrations;
pub mod orphans;
pub mod pages;
mod password_file;
mod server;
pub mod sessions;
pub mod signing_keys;
pub mod site;
mod snapshot;
pub mod tiers;
mod tls;
pub mod uploads;
pub mod users;

pub use change::{Change, NotMade};
pub use connection::Connection;
pub use effects::{Effects, Made};
pub use error::DbError;
pub use server::Server;
pub use snapshot::Snapshot;

/// How long a query may take that somebody waits for.
const PATIENCE: Duration = Duration::from_millis(2500);

/// How much of that may be the wait for a connection. What is given up on one closes it, and a new one costs the database
/// more than most queries: who got one late must have time left to use it.
const CONNECTION_PATIENCE: Duration = Duration::from_secs(1);

/// One thing to ask of the database.
pub trait Query: Send + 'static {
    /// What the database answers.
    type Output: Send + 'static;

    /// How long it may take, the wait for a connection included, before its caller is told that the database is
    /// unavailable.
    const PATIENCE: Duration = PATIENCE;

    /// Asks.
    fn run(self, db: &mut Connection)
    -> impl Future<Output = Result<Self::Output, DbError>> + Send;
}

/// A pool of connections to one database.
#[derive(Clone, Debug)]
pub struct Database {
    pool: Pool,
    server: Server,
    /// Where connections last: the same server, past a pooler if there is one.
    direct: Server,
}

impl Database {
    /// A pool of at most `connections` without TLS; none is opened yet.
    pub fn new(config: tokio_postgres::Config, connections: usize) -> Result<Self, DbError> {
        let server = Server::without_tls(config)?;
        Self::at(server.clone(), server, connections)
    }

    /// A pool of at most `connections`; none is opened yet. `direct` is the same database past whatever passes connections
    /// from hand to hand.
    pub fn at(server: Server, direct: Server, connections: usize) -> Result<Self, DbError> {
        let manager = server.manager(ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        });
        let pool = Pool::builder(manager)
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(CONNECTION_PATIENCE))
            .create_timeout(Some(PATIENCE))
            .build()
            .map_err(|error| DbError::unavailable(&error))?;
        Ok(Self {
            pool,
            server,
            direct,
        })
    }

    /// A pool of at most `connections` besides this one, to the same database.
    pub fn beside(&self, connections: usize) -> Result<Self, DbError> {
        Self::at(self.server.clone(), self.direct.clone(), connections)
    }

    /// Where the database is: for connections of one's own, outside the pool.
    pub fn config(&self) -> &tokio_postgres::Config {
        self.server.config()
    }

    /// Where connections last, as listening needs it.
    pub fn direct(&self) -> &Server {
        &self.direct
    }

    /// Runs a query within its patience.
    pub async fn run<Q: Query>(&self, query: Q) -> Result<Q::Output, DbError> {
        let work = async {
            let client = self.pool.get().await.map_err(DbError::from)?;
            let mut connection = Connection::new(client);
            let answer = query.run(&mut connection).await;
            connection.settle();
            answer
        };
        // A query given up drops its connection unsettled, which closes it: the next one must not wait
        // behind what hangs there.
        tokio::time::timeout(Q::PATIENCE, work)
            .await
            .unwrap_or_else(|_| Err(DbError::Unavailable("no answer in time".into())))
    }

    /// How the connections are used now.
    pub fn status(&self) -> deadpool_postgres::Status {
        self.pool.status()
    }

    /// Closes the connections that nobody uses now; new ones are opened as they are needed.
    pub fn drop_idle(&self) {
        self.pool.retain(|_, _| false);
    }

    /// Closes the pool: queries after this are refused.
    pub fn close(&self) {
        self.pool.close();
    }
}
