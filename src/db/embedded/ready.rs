//! Asks a server whether it takes connections, and makes the service's database on the first start.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};

use super::error::EmbeddedError;
use super::supervisor::Supervisor;

/// How often a server is asked.
const POLL: Duration = Duration::from_millis(10);

/// How long one question may take.
const ANSWER: Duration = Duration::from_secs(5);

/// How long a server may be silent, in seconds; one that ends is noticed at once.
const SILENT_SECONDS: u64 = 60;

/// How long `initdb` may take besides, in seconds: it writes 40 MB to stable storage, a file after the other.
const INITDB_SECONDS: u64 = 900;

/// How long a server may replay what was written before a crash, in seconds.
const RECOVERY_SECONDS: u64 = 600;

/// The name of the service's database.
pub(super) const DATABASE: &str = "tierpix";

/// What a server said.
#[derive(Debug)]
pub(super) enum Answer {
    /// It takes connections.
    Ready,
    /// It takes connections, but the service's database is not there yet.
    NoDatabase,
    /// It is starting, stopping, or replaying its log.
    NotYet(String),
    /// Nothing.
    Silence(String),
}

/// Asks once.
pub(super) async fn ask(config: &Config) -> Answer {
    let error = match timeout(ANSWER, config.connect(NoTls)).await {
        Ok(Ok(_)) => return Answer::Ready,
        Ok(Err(error)) => error,
        Err(elapsed) => return Answer::Silence(elapsed.to_string()),
    };
    match error.as_db_error() {
        Some(answer) if *answer.code() == SqlState::INVALID_CATALOG_NAME => Answer::NoDatabase,
        Some(answer) => Answer::NotYet(answer.message().to_owned()),
        None => Answer::Silence(error.to_string()),
    }
}

/// Waits until the server that we have started takes connections, and says whether this made its
/// database: the first start.
pub(super) async fn wait(
    config: &Config,
    server: &mut Supervisor,
    is_first: bool,
) -> Result<bool, EmbeddedError> {
    let begun = Instant::now();
    let silent_seconds = SILENT_SECONDS + if is_first { INITDB_SECONDS } else { 0 };
    loop {
        let (last, seconds) = match ask(config).await {
            Answer::Ready => return Ok(false),
            Answer::NoDatabase => {
                create_database(config)
                    .await
                    .map_err(EmbeddedError::NoDatabase)?;
                return Ok(true);
            }
            Answer::NotYet(last) => (last, RECOVERY_SECONDS),
            Answer::Silence(last) => (last, silent_seconds),
        };
        if server.ended().is_some() {
            return Err(EmbeddedError::Ended {
                log: server.log_tail(),
            });
        }
        if begun.elapsed() > Duration::from_secs(seconds) {
            return Err(EmbeddedError::Silent { seconds, last });
        }
        sleep(POLL).await;
    }
}

async fn create_database(config: &Config) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = config.clone().dbname("postgres").connect(NoTls).await?;
    let connection = tokio::spawn(connection);
    let made = client
        .batch_execute(&format!("CREATE DATABASE {DATABASE}"))
        .await;
    drop(client);
    let _ = connection.await;
    made
}
