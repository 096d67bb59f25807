//! Hears from the database what changed, whoever changed it.

use std::{convert::Infallible, future::poll_fn, time::Duration};

use tokio::sync::watch;
use tokio_postgres::{AsyncMessage, Config, NoTls};

use super::DbError;

/// The channel on which the triggers of `sql/migrations` tell `<kind> <id>`.
const CHANNEL: &str = "tierpix_changed";

/// How long to wait before connecting again.
const RETRY: Duration = Duration::from_millis(250);

/// How long the connection is silent before it is asked for a sign of life, and how long that may take: a change that a node
/// does not hear of counts within a second.
const BEAT: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_millis(600);

/// What a listener is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Listening from now on. What changed before may have been missed.
    Listening,
    /// The connection is lost: nothing will be heard until [`Notice::Listening`].
    Lost,
    /// Nor could another one be made.
    Unreachable,
    /// A row changed or went.
    Changed {
        /// Of what kind: `tier`, `user`, `session`, `image`, `link` or `key`.
        kind: String,
        /// Its key.
        id: String,
    },
}

/// Listens until `stop` changes or its sender is gone, and connects again whenever the connection is lost.
pub async fn listen(config: Config, tell: impl Fn(Notice), mut stop: watch::Receiver<bool>) {
    let mut unreachable = false;
    loop {
        let (notice, error) = tokio::select! {
            lost = listen_once(&config, &tell) => lost,
            _ = stop.changed() => return,
        };
        // An outage is told once, not with each attempt.
        if !unreachable {
            tracing::warn!(%error, "no connection that hears of changes");
        }
        unreachable = notice == Notice::Unreachable;
        tell(notice);
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Listens until the connection is lost, and says how and why.
async fn listen_once(config: &Config, tell: &impl Fn(Notice)) -> (Notice, DbError) {
    let (client, mut connection) = match in_time(config.connect(NoTls)).await {
        Ok(connected) => connected,
        Err(error) => return (Notice::Unreachable, error),
    };
    let listen = format!("LISTEN {CHANNEL}");
    let talk = async {
        in_time(client.batch_execute(&listen)).await?;
        tell(Notice::Listening);
        loop {
            // A network that has gone silent tells nobody.
            tokio::time::sleep(BEAT).await;
            in_time(client.check_connection()).await?;
        }
    };
    let hear = async {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(note) = message?
                && let Some((kind, id)) = note.payload().split_once(' ')
            {
                let (kind, id) = (kind.to_owned(), id.to_owned());
                tell(Notice::Changed { kind, id });
            }
        }
        Err(DbError::Unavailable("the connection was closed".into()))
    };
    let lost: Result<Infallible, DbError> = tokio::select! {
        lost = talk => lost,
        lost = hear => lost,
    };
    let Err(error) = lost;
    (Notice::Lost, error)
}

/// What comes within the patience.
async fn in_time<T>(
    answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, DbError> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(DbError::Unavailable("no answer in time".into())),
    }
}
