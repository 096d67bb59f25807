//! Stands between a service and its database, and can keep notifications to itself, as a pooler or a broken network does.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// PostgreSQL's `NotificationResponse`.
const NOTIFICATION: u8 = b'A';

/// The name of a server's socket.
const SOCKET: &str = ".s.PGSQL.5432";

pub struct Pooler {
    folder: tempfile::TempDir,
    deaf: Arc<AtomicBool>,
}

impl Pooler {
    /// In front of the server whose socket is in this folder.
    pub fn new(server: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let deaf = Arc::new(AtomicBool::new(false));
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let (server, shared) = (server.join(SOCKET), deaf.clone());
        actix_web::rt::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                actix_web::rt::spawn(pass(client, server.clone(), shared.clone()));
            }
        });
        Self { folder, deaf }
    }

    /// The folder of its socket.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Whether notifications end here from now on.
    pub fn keep_notifications(&self, keep: bool) {
        self.deaf.store(keep, Ordering::Relaxed);
    }
}

async fn pass(client: UnixStream, server: PathBuf, deaf: Arc<AtomicBool>) {
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = UnixStream::connect(server).await.unwrap().into_split();
    actix_web::rt::spawn(async move {
        let _ = copy(&mut from_client, &mut to_server).await;
    });
    // Either has gone.
    let _ = pass_messages(from_server, to_client, &deaf).await;
}

/// A message is a letter, its length without the letter, and so many bytes.
async fn pass_messages(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    deaf: &AtomicBool,
) -> std::io::Result<()> {
    loop {
        let (kind, length) = (from.read_u8().await?, from.read_u32().await?);
        let mut message = vec![0; length as usize - 4];
        from.read_exact(&mut message).await?;
        if kind == NOTIFICATION && deaf.load(Ordering::Relaxed) {
            continue;
        }
        to.write_u8(kind).await?;
        to.write_u32(length).await?;
        to.write_all(&message).await?;
    }
}
