//! Bytes that change on their way or in the bucket, and who may ask for them.

use std::{
    fs,
    io::Read,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tierpix::storage::{S3Storage, Spool, Storage};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    place::{Place, bytes, original, spooled},
    server::{BUCKET, S3Server, variables},
};

/// Which byte of a connection is altered: behind the head of its first request.
const ALTERED: usize = 3_000;

/// Relays to the server, but alters a byte of each connection.
async fn altering_relay(server: SocketAddr) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let altered = Arc::new(AtomicUsize::new(0));
    let count = altered.clone();
    actix_web::rt::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(server).await.unwrap();
            actix_web::rt::spawn(relay(client, server, count.clone()));
        }
    });
    (address, altered)
}

async fn relay(client: TcpStream, server: TcpStream, altered: Arc<AtomicUsize>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    actix_web::rt::spawn(async move {
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
    });
    let mut buffer = vec![0; 1 << 20];
    let mut relayed = 0;
    while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
        let read = &mut buffer[..count];
        if (relayed..relayed + count).contains(&ALTERED) {
            read[ALTERED - relayed] ^= 1;
            altered.fetch_add(1, Ordering::Relaxed);
        }
        relayed += count;
        if to_server.write_all(read).await.is_err() {
            return;
        }
    }
}

#[actix_web::test]
async fn an_original_that_is_altered_on_its_way_is_refused_and_sent_again() {
    for length in [9_000, 9 << 20] {
        let server = S3Server::start();
        let bytes = bytes(length);
        let (relay, altered) = altering_relay(server.address()).await;
        let folder = tempfile::tempdir().unwrap();
        let open =
            |address| S3Storage::open(BUCKET, "", variables(address), folder.path()).unwrap();
        let spool = Spool::join(folder.path()).unwrap();
        let (name, spooled) = (original(), spooled(&spool, &bytes).await);
        open(relay).put_original(&name, spooled).await.unwrap();
        assert!(altered.load(Ordering::Relaxed) > 0);
        let mut kept = Vec::new();
        let file = open(server.address()).fetch(&name).await.unwrap();
        file.unwrap().read_to_end(&mut kept).unwrap();
        assert!(kept == bytes, "{length}");
    }
}

#[actix_web::test]
async fn an_object_that_was_altered_in_the_bucket_has_another_digest() {
    let place = Place::bucket().await;
    let bytes = bytes(1_000);
    let name = place.keep(&bytes).await;
    let before = place.storage.open(&name).await.unwrap().unwrap();
    let key = place.list().await[0].key.clone();
    let mut altered = fs::read(place.file(&key)).unwrap();
    altered[500] ^= 1;
    fs::write(place.file(&key), altered).unwrap();
    let after = place.storage.open(&name).await.unwrap().unwrap();
    assert!(before.sha256().is_some() && after.sha256().is_some());
    assert_ne!(before.sha256(), after.sha256());
}

#[actix_web::test]
async fn wrong_credentials_are_a_failure() {
    let server = S3Server::start();
    let mut wrong = server.variables();
    wrong[2].1 = "another-secret".to_owned();
    let folder = tempfile::tempdir().unwrap();
    let storage = S3Storage::open(BUCKET, "", wrong, folder.path()).unwrap();
    assert!(storage.check().await.is_err());
    assert!(storage.open(&original()).await.is_err());
}

#[actix_web::test]
async fn half_of_the_credentials_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let half = [("AWS_ACCESS_KEY_ID".to_owned(), "tests".to_owned())];
    let opened = S3Storage::open(BUCKET, "", half, folder.path());
    let error = opened.err().unwrap().to_string();
    assert!(error.contains("SecretAccessKey"), "{error}");
}
