//! A database for each test, copied from one that was migrated once.

use std::sync::atomic::{AtomicU32, Ordering};

use tierpix::db::{embedded::Embedded, migrations};
use tokio::sync::{Mutex, OnceCell};
use tokio_postgres::{Client, Config, NoTls};

/// One server a test binary: `TEST_DATABASE_URL`, else a scratch cluster that ends with the process.
struct Server {
    config: Config,
    /// The name of the migrated database that the others are copied from.
    template: String,
    _scratch: Option<Embedded>,
}

static SERVER: OnceCell<Server> = OnceCell::const_new();
/// PostgreSQL copies a database only while nobody is connected to it.
static COPYING: Mutex<()> = Mutex::const_new(());
static COUNT: AtomicU32 = AtomicU32::new(1);

impl Server {
    async fn start() -> Self {
        let (config, scratch) = match std::env::var("TEST_DATABASE_URL") {
            Ok(url) => (
                url.parse()
                    .expect("TEST_DATABASE_URL is the URL of a PostgreSQL server"),
                None,
            ),
            Err(_) => {
                let scratch = Embedded::scratch(None)
                    .await
                    .unwrap_or_else(|error| panic!("{error}"));
                (scratch.config(), Some(scratch))
            }
        };
        let template = format!("tierpix_template_{}", std::process::id());
        let admin = connect(&config).await;
        admin
            .batch_execute(&format!("DROP DATABASE IF EXISTS {template}"))
            .await
            .unwrap();
        admin
            .batch_execute(&format!("CREATE DATABASE {template}"))
            .await
            .unwrap();
        let mut own = config.clone();
        migrations::apply(&mut connect(own.dbname(&template)).await)
            .await
            .unwrap();
        Self {
            config,
            template,
            _scratch: scratch,
        }
    }
}

/// A database that is dropped with this.
pub struct TestDatabase {
    name: String,
    config: Config,
    server: Config,
}

impl TestDatabase {
    pub async fn create() -> Self {
        let server = SERVER.get_or_init(Server::start).await;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tierpix_test_{}_{number}", std::process::id());
        let _alone = COPYING.lock().await;
        let admin = connect(&server.config).await;
        let create = format!("CREATE DATABASE {name} TEMPLATE {}", server.template);
        // The connection that migrated the template may take a moment to go.
        while let Err(error) = admin.batch_execute(&create).await {
            assert!(error.to_string().contains("db error"), "{error}");
            let busy = error
                .as_db_error()
                .is_some_and(|error| error.message().contains("accessed by other users"));
            assert!(busy, "{error:?}");
            tokio::task::yield_now().await;
        }
        let mut config = server.config.clone();
        config.dbname(&name);
        Self {
            name,
            config,
            server: server.config.clone(),
        }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Ends every connection to it.
    pub async fn end_connections(&self) {
        let admin = connect(&self.server).await;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        admin.query(end, &[&self.name]).await.unwrap();
    }

    /// Takes or refuses new connections to it.
    pub async fn allow_connections(&self, allow: bool) {
        let admin = connect(&self.server).await;
        let alter = format!("ALTER DATABASE {} ALLOW_CONNECTIONS {allow}", self.name);
        admin.batch_execute(&alter).await.unwrap();
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (name, server) = (self.name.clone(), self.server.clone());
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let admin = connect(&server).await;
                admin
                    .batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
                    .await
                    .unwrap();
            });
        });
        assert!(
            dropped.join().is_ok() || std::thread::panicking(),
            "the test's database was not dropped"
        );
    }
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
