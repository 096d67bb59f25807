//! A whole service for each test.
//!
//! ```ignore
//! let service = TestService::start().await;
//! let anna = service.account("Premium").await;
//! let answer = anna.upload(pictures::Jpeg::photo(400, 300).encode()).await;
//! assert_eq!(answer.status, 201);
//! ```

mod account;
mod answer;
mod calls;
mod database;
mod raw;

use std::sync::Arc;

use clap::Parser;
use tempfile::TempDir;
use tierpix::{
    app::{self, Listener, Parts, Running},
    config::{HttpSettings, UpkeepSettings, UploadSettings},
    db::{Change, Database, Query, signing_keys::ListSigningKeys},
    domain::staff::{Refusal, StaffRole},
    secret::SecretKey,
    signing::KeyRing,
    storage::{LocalStorage, Spool},
};

pub use account::{Account, basic, hash, image_form, session_of};
pub use answer::Answer;
pub use calls::picture;
use database::TestDatabase;
pub use raw::RawClient;

/// The root of the keys of every test's service.
const SECRET: &str = "a secret that every test's service has";

/// A path that a user who is known gets 404 for, and everyone else 401.
pub const PRIVATE: &str = "/api/v1/images/0198c0de-0000-7000-8000-000000000000/";

/// A service on a free port, with a database and a data directory of its own.
pub struct TestService {
    /// `http://127.0.0.1:<port>`.
    pub url: String,
    /// The database, to look behind the API.
    pub database: Database,
    /// The folder of the stored objects.
    pub objects: std::path::PathBuf,
    /// The folder of uploads that stream in.
    pub spool: std::path::PathBuf,
    client: reqwest::Client,
    running: Option<Running>,
    // Dropped last, and in this order.
    _folder: TempDir,
    test_database: TestDatabase,
}

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    http: HttpSettings,
    #[command(flatten)]
    uploads: UploadSettings,
    #[command(flatten)]
    upkeep: UpkeepSettings,
}

impl TestService {
    /// With the default settings.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With these flags of `tierpix serve`, as in `&["--max-pixels", "1000"]`.
    pub async fn start_with(flags: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), flags).await
    }

    /// With its data on a disk, where others may have theirs in memory.
    pub async fn start_on_disk(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        Self::start_in(folder.unwrap(), flags).await
    }

    async fn start_in(folder: TempDir, flags: &[&str]) -> Self {
        // For the clients that tests ask with.
        tierpix::tls::use_ring();
        let fixed = ["test", "--bind", "127.0.0.1:0"];
        let settings = Settings::parse_from(fixed.iter().chain(flags));
        let test_database = TestDatabase::create().await;
        let database = Database::new(test_database.config().clone(), 8).unwrap();
        let (objects, spool) = (folder.path().join("objects"), folder.path().join("spool"));
        let running = app::start(Parts {
            listener: Listener::bind(&settings.http.bind).unwrap(),
            http: settings.http,
            uploads: settings.uploads,
            upkeep: settings.upkeep,
            database: database.clone(),
            storage: Arc::new(LocalStorage::open(&objects).unwrap()),
            spool: Spool::open(&spool).unwrap(),
            secret: SecretKey::from_text(SECRET).unwrap(),
        })
        .await
        .unwrap();
        Self {
            url: format!("http://{}", running.address()),
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                // Reading the system's certificates takes longer than most requests.
                .tls_certs_only([])
                .build()
                .unwrap(),
            database,
            objects,
            spool,
            running: Some(running),
            _folder: folder,
            test_database,
        }
    }

    /// An account of this tier, with a name of its own; `""` for none.
    pub async fn account(&self, tier: &str) -> Account {
        Account::create(self, tier, None).await
    }

    /// An account of the staff, without a tier.
    pub async fn staff(&self, role: StaffRole) -> Account {
        Account::create(self, "", Some(role)).await
    }

    /// A request of nobody's. The path may be a whole URL of this service.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.url)
        };
        self.client.request(method.parse().unwrap(), url)
    }

    /// What nobody gets.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request("GET", path)).await
    }

    /// One of the figures for Prometheus, by its name and labels as they are written.
    pub async fn figure(&self, series: &str) -> f64 {
        let answer = self.get("/metrics").await;
        let text = answer.text();
        let line = text.lines().find_map(|line| {
            line.strip_prefix(series)?
                .strip_prefix(' ')
                .map(str::to_owned)
        });
        line.unwrap_or_else(|| panic!("no {series} in\n{text}"))
            .parse()
            .unwrap()
    }

    /// A request with a session's cookie.
    pub fn request_in(&self, session: &str, method: &str, path: &str) -> reqwest::RequestBuilder {
        let request = self.request(method, path);
        request.header("cookie", format!("sessionid={session}"))
    }

    /// Whether a session's cookie still says who is asking.
    pub async fn is_alive(&self, session: &str) -> bool {
        let answer = Answer::of(self.request_in(session, "GET", PRIVATE)).await;
        match answer.status {
            404 => true,
            401 => false,
            _ => panic!("{answer:?}"),
        }
    }

    /// The keys with which this service signs links, to sign what it would not.
    pub async fn key_ring(&self) -> KeyRing {
        let keys = self.query(ListSigningKeys).await;
        let secret = SecretKey::from_text(SECRET).unwrap();
        KeyRing::derive(
            &secret,
            keys.iter().map(|key| (key.id, key.salt.as_slice())),
        )
    }

    /// Asks the database directly.
    pub async fn query<Q: Query>(&self, query: Q) -> Q::Output {
        self.database.run(query).await.unwrap()
    }

    /// Makes a change on the database directly, as another node would: this one hears of it.
    pub async fn make<C: Change>(&self, change: C) -> Result<C::Output, Refusal> {
        let made = self.query(change).await?;
        let (outcome, _) = made.into_parts();
        Ok(outcome)
    }

    /// Runs a statement on the database directly; returns the rows changed.
    pub async fn execute(&self, sql: &str) -> u64 {
        let (client, connection) = self
            .database
            .config()
            .connect(tokio_postgres::NoTls)
            .await
            .unwrap();
        let connection = tokio::spawn(connection);
        let changed = client.execute(sql, &[]).await.unwrap();
        connection.abort();
        changed
    }

    /// A number from the database directly, such as a count of rows.
    pub async fn number(&self, sql: &str) -> i64 {
        let (client, connection) = self
            .database
            .config()
            .connect(tokio_postgres::NoTls)
            .await
            .unwrap();
        let connection = tokio::spawn(connection);
        let row = client.query_one(sql, &[]).await.unwrap();
        connection.abort();
        row.get(0)
    }

    /// The stored files, by name.
    pub fn files(&self) -> Vec<std::path::PathBuf> {
        let folders = std::fs::read_dir(&self.objects)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = folders
            .filter(|folder| folder.is_dir())
            .flat_map(|folder| {
                std::fs::read_dir(folder)
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
            })
            .collect();
        files.sort();
        files
    }

    /// How many files are in the spool.
    pub fn spooled(&self) -> usize {
        std::fs::read_dir(&self.spool).unwrap().count()
    }

    /// Fails unless nothing is stored: no row, no file, nothing in the spool.
    pub async fn assert_nothing_stored(&self) {
        assert_eq!(self.number("SELECT count(*) FROM images").await, 0, "rows");
        assert_eq!(self.files(), Vec::<std::path::PathBuf>::new(), "files");
        assert_eq!(self.spooled(), 0, "spool files");
    }

    /// Stops the service as a signal would.
    pub async fn stop(&mut self) {
        let running = self.running.take().expect("a service is stopped once");
        running.stop().await.unwrap();
    }

    /// Ends every connection to the database; new ones are refused until [`TestService::let_database_in`].
    pub async fn shut_database_out(&self) {
        self.test_database.allow_connections(false).await;
        self.test_database.end_connections().await;
    }

    /// Takes connections to the database again.
    pub async fn let_database_in(&self) {
        self.test_database.allow_connections(true).await;
    }

    /// Ends every connection to the database, as a restart of its server would.
    pub async fn end_database_connections(&self) {
        self.test_database.end_connections().await;
    }
}

/// An address that nobody listens on, so far.
pub fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Waits until the condition holds; fails after ten seconds.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while !condition().await {
        assert!(
            std::time::Instant::now() < deadline,
            "{what}: not within ten seconds"
        );
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
