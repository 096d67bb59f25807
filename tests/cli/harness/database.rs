//! A PostgreSQL server that is not the program's own, for `DATABASE_URL`.

use std::sync::atomic::{AtomicU32, Ordering};

use tierpix::db::embedded::Embedded;
use tokio::sync::OnceCell;
use tokio_postgres::{NoTls, config::Host};

/// One a test binary; it ends with the process.
static SERVER: OnceCell<Embedded> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(1);

/// Makes an empty database and says how to connect to it.
pub(super) async fn create() -> String {
    let server = SERVER
        .get_or_init(async || {
            Embedded::scratch(None)
                .await
                .unwrap_or_else(|error| panic!("{error}"))
        })
        .await;
    let config = server.config();
    let name = format!("tierpix_cli_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    let [Host::Unix(socket)] = config.get_hosts() else {
        panic!("a scratch server has one Unix socket")
    };
    let (socket, user) = (socket.display(), config.get_user().unwrap());
    format!("host='{socket}' user='{user}' dbname='{name}'")
}
