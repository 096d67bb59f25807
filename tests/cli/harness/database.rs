//! A PostgreSQL server that is not the program's own, for `DATABASE_URL`.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use tierpix::db::embedded::Embedded;
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls, config::Host};

/// One a test binary; it ends with the process.
static SERVER: OnceCell<Embedded> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(1);

/// The server, a connection to it, and the folder of its socket.
async fn server() -> (&'static Embedded, Client, PathBuf) {
    let server = SERVER
        .get_or_init(async || {
            Embedded::scratch(None)
                .await
                .unwrap_or_else(|error| panic!("{error}"))
        })
        .await;
    let config = server.config();
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let [Host::Unix(socket)] = config.get_hosts() else {
        panic!("a scratch server has one Unix socket")
    };
    (server, client, socket.clone())
}

/// Makes an empty database and says how to connect to it.
pub(super) async fn create() -> String {
    let (server, client, socket) = server().await;
    let name = format!("tierpix_cli_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    let (config, socket) = (server.config(), socket.display());
    let user = config.get_user().unwrap();
    format!("host='{socket}' user='{user}' dbname='{name}'")
}

/// The folder of PostgreSQL's programs, and the account that may run a server: its user and its group.
pub async fn programs() -> (PathBuf, u32, u32) {
    let (_, client, socket) = server().await;
    let setting = "SELECT setting FROM pg_config WHERE name = 'BINDIR'";
    let folder: String = client.query_one(setting, &[]).await.unwrap().get(0);
    let owner = fs::metadata(socket).unwrap();
    (folder.into(), owner.uid(), owner.gid())
}
