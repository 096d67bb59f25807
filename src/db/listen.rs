//! Hears from the database what changed, whoever changed it.

use std::{future::poll_fn, time::Duration};

use tokio::sync::watch;
use tokio_postgres::{AsyncMessage, Config, NoTls};

use super::DbError;

/// The channel on which the triggers of `sql/migrations` tell `<kind> <id>`.
const CHANNEL: &str = "tierpix_changed";

/// How long to wait before connecting again.
const RETRY: Duration = Duration::from_millis(250);

/// What a listener is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Listening from now on. What changed before may have been missed.
    Listening,
    /// The connection is lost: nothing will be heard until [`Notice::Listening`].
    Lost,
    /// A row changed or went.
    Changed {
        /// Of what kind: `tier`, `user`, `session`, `image`, `link` or `key`.
        kind: String,
        /// Its key.
        id: String,
    },
}

/// Listens until `stop` changes or its sender is gone, and connects again whenever the connection is lost.
pub async fn listen(config: Config, mut tell: impl FnMut(Notice), mut stop: watch::Receiver<bool>) {
    loop {
        let result = tokio::select! {
            result = listen_once(&config, &mut tell) => result,
            _ = stop.changed() => return,
        };
        tell(Notice::Lost);
        if let Err(error) = result {
            tracing::warn!(%error, "lost the connection that hears of changes");
        }
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Listens until the connection is lost.
async fn listen_once(config: &Config, tell: &mut impl FnMut(Notice)) -> Result<(), DbError> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let listen = format!("LISTEN {CHANNEL}");
    let mut listening = std::pin::pin!(client.batch_execute(&listen));
    let mut heard = false;
    loop {
        tokio::select! {
            result = &mut listening, if !heard => {
                result?;
                heard = true;
                tell(Notice::Listening);
            }
            message = poll_fn(|context| connection.poll_message(context)) => match message {
                Some(Ok(AsyncMessage::Notification(note))) => {
                    if let Some((kind, id)) = note.payload().split_once(' ') {
                        tell(Notice::Changed { kind: kind.to_owned(), id: id.to_owned() });
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            },
        }
    }
}
