//! Hears from the database what changed, whoever changed it.

use std::{cell::Cell, convert::Infallible, future::poll_fn, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_postgres::{AsyncMessage, Client};
use uuid::Uuid;

use super::{Connection, Database, DbError, Query, server::Wire};

/// The channel on which the triggers of `sql/migrations` tell `<kind> <id>`.
const CHANNEL: &str = "tierpix_changed";

/// How long to wait before connecting again.
const RETRY: Duration = Duration::from_millis(250);

/// How long the connection is silent before it is asked for a sign of life, and how long that may take: a change that a node
/// does not hear of counts within a second.
const BEAT: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_millis(600);

/// The kind of notice by which a node tells itself that it hears, how often it does, and how long that may be on its way.
const ECHO: &str = "echo";
const ECHO_EVERY: Duration = Duration::from_secs(6);
const ECHO_WITHIN: Duration = Duration::from_secs(2);

/// The kind of notice of a login that failed on another node; it names no row.
pub const FAILED_LOGIN: &str = "failed_login";

/// The kind of notice of an account that is opened again after failed logins; the id is its username.
pub const UNLOCKED: &str = "unlocked";

/// The kind of notice of a job that was added.
pub const NEW_JOB: &str = "job";

/// For the log.
const DEAF: &str = "nothing is heard over it; where DATABASE_URL leads through a pooler, \
                    TIERPIX_DIRECT_DATABASE_URL has to lead past it";

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
        /// Of what kind: `tier`, `user`, `session`, `token`, `image`, `link` or `key`; [`FAILED_LOGIN`], [`UNLOCKED`] or [`NEW_JOB`].
        kind: String,
        /// Its key.
        id: String,
    },
}

/// Listens until `stop` changes or its sender is gone, and connects again whenever the connection is lost.
pub async fn listen(database: Database, tell: impl Fn(Notice), mut stop: watch::Receiver<bool>) {
    // An outage is told once, not with each attempt.
    let warned = Cell::new(false);
    let tell = |notice| {
        if notice == Notice::Listening {
            warned.set(false);
        }
        tell(notice);
    };
    loop {
        let (notice, error) = tokio::select! {
            lost = listen_once(&database, &tell) => lost,
            _ = stop.changed() => return,
        };
        if !warned.replace(true) {
            tracing::warn!(%error, "no connection that hears of changes");
        }
        tell(notice);
        tokio::select! {
            () = sleep(RETRY) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Listens until the connection is lost or deaf, and says how and why.
async fn listen_once(database: &Database, tell: &impl Fn(Notice)) -> (Notice, DbError) {
    let (client, mut wire) = match in_time(database.direct().dial()).await {
        Ok(connected) => connected,
        Err(error) => return (Notice::Unreachable, error),
    };
    let (id, heard) = (Uuid::new_v4().to_string(), Notify::new());
    let echo = |beat: &str| {
        if beat == id {
            heard.notify_one();
        }
    };
    let talk = async {
        in_time(client.batch_execute(&format!("LISTEN {CHANNEL}"))).await?;
        tokio::select! {
            lost = live(&client) => lost,
            lost = echoes(database, &id, &heard, tell) => lost,
        }
    };
    let lost: Result<Infallible, DbError> = tokio::select! {
        lost = talk => lost,
        lost = hear(&mut wire, tell, echo) => lost,
    };
    let Err(error) = lost;
    (Notice::Lost, error)
}

/// Passes on what comes over the wire.
async fn hear(
    wire: &mut Wire,
    tell: &impl Fn(Notice),
    echo: impl Fn(&str),
) -> Result<Infallible, DbError> {
    while let Some(message) = poll_fn(|context| wire.poll_message(context)).await {
        if let AsyncMessage::Notification(note) = message?
            && let Some((kind, id)) = note.payload().split_once(' ')
        {
            match kind {
                ECHO => echo(id),
                _ => tell(Notice::Changed {
                    kind: kind.to_owned(),
                    id: id.to_owned(),
                }),
            }
        }
    }
    Err(DbError::Unavailable("the connection was closed".into()))
}

/// Asks for signs of life: a network that has gone silent tells nobody.
async fn live(client: &Client) -> Result<Infallible, DbError> {
    loop {
        sleep(BEAT).await;
        in_time(client.check_connection()).await?;
    }
}

/// Tells itself something over another connection now and then, and that it listens once that is heard: a pooler takes
/// `LISTEN` and passes nothing on.
async fn echoes(
    database: &Database,
    id: &str,
    heard: &Notify,
    tell: &impl Fn(Notice),
) -> Result<Infallible, DbError> {
    let mut listening = false;
    loop {
        // A database with no time for it now says nothing about the listening connection.
        if database.run(Echo(id.to_owned())).await.is_ok() {
            if timeout(ECHO_WITHIN, heard.notified()).await.is_err() {
                return Err(DbError::Unavailable(DEAF.to_owned()));
            }
            if !listening {
                listening = true;
                tell(Notice::Listening);
            }
        }
        sleep(if listening { ECHO_EVERY } else { RETRY }).await;
    }
}

/// What comes within the patience.
async fn in_time<T, E: Into<DbError>>(
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, DbError> {
    match timeout(PATIENCE, answer).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(DbError::Unavailable("no answer in time".into())),
    }
}

/// Tells every node that this one speaks.
struct Echo(String);

impl Query for Echo {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/notices/echo.sql");
        db.execute(sql, &[&self.0]).await?;
        Ok(())
    }
}

/// Tells every node of a login that failed.
pub struct TellOfFailedLogin(pub String);

impl Query for TellOfFailedLogin {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/notices/failed_login.sql");
        db.execute(sql, &[&self.0]).await?;
        Ok(())
    }
}
