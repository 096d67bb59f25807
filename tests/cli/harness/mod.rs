//! The program `tierpix`, run in a folder of its own.
//!
//! ```ignore
//! let tierpix = Installation::new();
//! tierpix.run("tier add Gold --heights 300").await.done();
//! let service = tierpix.serve().await;
//! assert_eq!(service.upload("anna", "password", photo).await.status, 201);
//! ```
#![allow(
    dead_code,
    unused_imports,
    reason = "a test's tool, of which each binary uses a part"
)]

#[path = "../../api/harness/answer.rs"]
mod answer;
mod database;
mod outcome;
mod service;
#[cfg(target_os = "linux")]
mod terminal;

use std::{
    ffi::OsString,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, process::Command};
use tokio_postgres::{Client, NoTls};

pub use answer::Answer;
pub use database::programs;
pub use outcome::Outcome;
pub use service::{Service, ended, send};
#[cfg(target_os = "linux")]
pub use terminal::Terminal;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program. Benches may measure another build of it.
fn program() -> OsString {
    let other = std::env::var_os("TIERPIX_BENCH_PROGRAM");
    other.unwrap_or_else(|| env!("CARGO_BIN_EXE_tierpix").into())
}

/// How often a waiting test looks again.
const POLL: Duration = Duration::from_millis(5);

/// A folder to run in, with a data directory that is not there yet, and an environment.
pub struct Installation {
    folder: TempDir,
    environment: Vec<(String, String)>,
    /// What starts the service, with the program and its arguments behind it.
    launcher: Vec<String>,
    /// How to look behind the program.
    database: tokio_postgres::Config,
}

impl Installation {
    /// With an embedded database.
    pub fn new() -> Self {
        // As root the embedded database's server runs under another account, which must be able to pass.
        let folder = tempfile::Builder::new()
            .prefix("tierpix-cli-")
            .permissions(Permissions::from_mode(0o711))
            .tempdir()
            .unwrap();
        // The program knows the folder by its real name.
        let socket = folder.path().canonicalize().unwrap().join("data/postgres");
        let mut database = tokio_postgres::Config::new();
        database.host_path(socket).user("tierpix").dbname("tierpix");
        Self {
            folder,
            environment: Vec::new(),
            launcher: Vec::new(),
            database,
        }
        .with("TIERPIX_BIND", "127.0.0.1:0")
    }

    /// With an embedded database that a command has made.
    pub async fn migrated() -> Self {
        let tierpix = Self::new();
        tierpix.run("migrate").await.done();
        tierpix
    }

    /// With an empty database on another server, named in `DATABASE_URL`.
    pub async fn on_another_server() -> Self {
        let url = database::create().await;
        let mut tierpix = Self::new().with("DATABASE_URL", &url);
        tierpix.database = url.parse().unwrap();
        tierpix
    }

    /// With this variable in the environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without this variable in the environment.
    pub fn without(mut self, name: &str) -> Self {
        self.environment.retain(|(other, _)| other != name);
        self
    }

    /// Whose service is started by another program.
    pub fn launched_by(mut self, launcher: impl IntoIterator<Item = String>) -> Self {
        self.launcher = launcher.into_iter().collect();
        self
    }

    /// A variable of the environment.
    pub fn variable(&self, name: &str) -> &str {
        let found = self.environment.iter().rfind(|(other, _)| other == name);
        &found.unwrap().1
    }

    /// The folder to run in.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// The data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// What the services have logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder().join("serve.log")).unwrap()
    }

    /// The program, with these arguments.
    pub fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        self.prepared(Command::new(program()), arguments)
    }

    /// What starts the service, with these arguments.
    fn command_to_serve<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let [launcher, rest @ ..] = &self.launcher[..] else {
            return self.command(arguments);
        };
        let mut command = Command::new(launcher);
        command.args(rest).arg(program());
        self.prepared(command, arguments)
    }

    fn prepared<'a>(
        &self,
        mut command: Command,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Command {
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let is_setting = text == "DATABASE_URL"
                || ["TIERPIX_", "AWS_"]
                    .iter()
                    .any(|start| text.starts_with(start));
            // Where this machine has PostgreSQL is not the test's to know.
            if is_setting && text != "TIERPIX_PG_BIN" {
                command.env_remove(&name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.folder())
            .env("TIERPIX_DATA_DIR", self.data_dir())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs a command line to its end.
    pub async fn run(&self, line: &str) -> Outcome {
        Outcome::of(self.command(line.split_whitespace()).spawn().unwrap()).await
    }

    /// Runs a command line that reads this from a pipe.
    pub async fn run_with_input(&self, line: &str, input: &str) -> Outcome {
        let mut command = self.command(line.split_whitespace());
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        // It may have refused before it read.
        let _ = pipe.write_all(input.as_bytes()).await;
        drop(pipe);
        Outcome::of(child).await
    }

    /// Makes a user whose password is `<name>-password`.
    pub async fn add_user(&self, name: &str, tier: &str) {
        let is_embedded = !self
            .environment
            .iter()
            .any(|(name, _)| name == "DATABASE_URL");
        if is_embedded && !self.data_dir().join("postgres").exists() {
            // No other command makes a database.
            self.run("migrate").await.done();
        }
        let line = format!("user add {name} --tier {tier} --password-stdin");
        self.run_with_input(&line, &format!("{name}-password\n"))
            .await
            .done();
    }

    /// What a `list --json` command prints.
    pub async fn json(&self, line: &str) -> serde_json::Value {
        serde_json::from_str(&self.run(line).await.done()).unwrap()
    }

    /// Starts the service and waits until it serves.
    pub async fn serve(&self) -> Service {
        self.serve_with("").await
    }

    /// Starts the service with these flags.
    pub async fn serve_with(&self, flags: &str) -> Service {
        Service::start(self, flags).await
    }

    /// A connection to the database, to look behind the program; to an embedded one only while a service runs.
    pub async fn connect(&self) -> Client {
        let (client, connection) = self.database.connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// A connection to another database.
    pub async fn connect_to(&self, url: &str) -> Client {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// The stored files.
    pub fn files(&self) -> Vec<PathBuf> {
        objects_in(&self.data_dir().join("objects"))
    }

    /// The processes of the embedded database, by the folder in which they work (on Linux).
    pub fn database_processes(&self) -> Vec<PathBuf> {
        let works_here = |process: &PathBuf| {
            fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(self.data_dir()))
                // The last breath of the script that has stopped the server.
                && fs::read_to_string(process.join("comm")).is_ok_and(|name| name != "sleep\n")
        };
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        processes
            .map(|entry| entry.path())
            .filter(works_here)
            .collect()
    }

    /// Waits until no process of the embedded database is left.
    pub async fn database_is_gone(&self) {
        eventually("the database's processes are gone", async || {
            self.database_processes().is_empty()
        })
        .await;
    }

    /// Fails unless a command that was refused has left nothing running.
    #[track_caller]
    pub fn assert_nothing_runs(&self) {
        assert_eq!(self.database_processes(), Vec::<PathBuf>::new());
    }
}

impl Drop for Installation {
    /// The folder can go only after the database's server that still writes into it.
    fn drop(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.database_processes().is_empty() && Instant::now() < deadline {
            std::thread::sleep(POLL);
        }
    }
}

/// Waits until the condition holds; fails after a minute.
pub async fn eventually(what: &str, condition: impl AsyncFnMut() -> bool) {
    within(PATIENCE, what, condition).await;
}

/// Waits until a running service has heard of a change; fails long before its caches forget by themselves.
pub async fn soon(what: &str, condition: impl AsyncFnMut() -> bool) {
    within(Duration::from_secs(10), what, condition).await;
}

async fn within(patience: Duration, what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + patience;
    while !condition().await {
        assert!(Instant::now() < deadline, "{what}: not within {patience:?}");
        tokio::time::sleep(POLL).await;
    }
}

/// The files in the folders of a folder.
pub fn objects_in(folder: &Path) -> Vec<PathBuf> {
    let in_it = |folder: PathBuf| {
        names_in(&folder)
            .into_iter()
            .map(move |name| folder.join(name))
    };
    in_it(folder.to_owned())
        .filter(|entry| entry.is_dir())
        .flat_map(in_it)
        .collect()
}

/// A number that a variable of the environment sets.
pub fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

/// The names in a folder.
pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let name =
        |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
}
