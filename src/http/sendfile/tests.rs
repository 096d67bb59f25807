//! Bodies between files that behave in every way and connections.

use std::{
    fs::File,
    io::Write,
    pin::pin,
    sync::{Mutex, atomic::AtomicUsize, atomic::Ordering::Relaxed},
    time::SystemTime,
};

use actix_web::{body::MessageBody, rt::net::TcpStream};
use futures_util::stream::{self, BoxStream, StreamExt};
use prometheus_client::metrics::counter::Counter;
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_util::either::Either;

use std::{
    io,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Poll, ready},
};

use bytes::Bytes;

use super::*;
use crate::storage::Object;

const LENGTH: u64 = 5 << 20;

/// A file of which the test says what is in memory.
struct TestObject {
    file: File,
    is_file: bool,
    content: Bytes,
    in_memory: fn(u64) -> u64,
    /// What was asked for in one go, at most.
    most: Mutex<u64>,
    reads: AtomicUsize,
}

impl TestObject {
    fn new(in_memory: fn(u64) -> u64) -> Arc<Self> {
        let content: Vec<u8> = (0..LENGTH).map(|at| ((at * at) >> 9) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&content).unwrap();
        Arc::new(Self {
            file,
            is_file: true,
            content: content.into(),
            in_memory,
            most: Mutex::default(),
            reads: AtomicUsize::default(),
        })
    }
}

impl Object for TestObject {
    fn length(&self) -> u64 {
        LENGTH
    }

    fn modified(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn file(&self) -> Option<&File> {
        self.is_file.then_some(&self.file)
    }

    fn in_memory(&self, range: Range<u64>) -> u64 {
        let length = range.end - range.start;
        let mut most = self.most.lock().unwrap();
        *most = length.max(*most);
        (self.in_memory)(range.start).min(length)
    }

    fn read(self: Arc<Self>, range: Range<u64>) -> BoxStream<'static, io::Result<Bytes>> {
        self.reads.fetch_add(1, Relaxed);
        if self.file.metadata().unwrap().len() < range.end {
            return stream::iter([Err(io::ErrorKind::UnexpectedEof.into())]).boxed();
        }
        let bytes = self.content.slice(range.start as usize..range.end as usize);
        stream::iter([Ok(bytes)]).boxed()
    }
}

/// A connection and its client.
async fn connected() -> (Socket, Counter, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (server, _) = listener.accept().await.unwrap();
    let sent = Counter::default();
    (
        Socket::new(Either::Left(server), sent.clone()),
        sent,
        client,
    )
}

/// Sends a body as actix does: it is asked for bytes, and the connection is flushed when it has none.
async fn send(body: ObjectBody, socket: &mut Socket) -> io::Result<()> {
    let mut body = pin!(body);
    loop {
        let next = std::future::poll_fn(|context| match body.as_mut().poll_next(context) {
            Poll::Pending => {
                ready!(Pin::new(&mut *socket).poll_flush(context))?;
                Poll::Pending
            }
            Poll::Ready(next) => Poll::Ready(next.transpose()),
        });
        match next.await? {
            Some(bytes) => socket.write_all(&bytes).await?,
            None => return Ok(()),
        }
    }
}

/// What a client gets of these bytes of an object; how many the system has sent.
async fn received(object: &Arc<TestObject>, bytes: Range<u64>) -> (io::Result<()>, Vec<u8>, u64) {
    let (mut socket, sent, mut client) = connected().await;
    let body = ObjectBody::new(object.clone(), bytes, socket.outlet().clone());
    let sending = async {
        let outcome = send(body, &mut socket).await;
        drop(socket);
        outcome
    };
    let mut received = Vec::new();
    let (outcome, read) = tokio::join!(sending, client.read_to_end(&mut received));
    read.unwrap();
    (outcome, received, sent.get())
}

#[actix_web::test]
async fn what_is_in_memory_is_sent_by_the_system_a_part_at_a_time() {
    let object = TestObject::new(|_| u64::MAX);
    for bytes in [0..LENGTH, 1..LENGTH - 1, 5..6, 7..7] {
        let (outcome, received, sent) = received(&object, bytes.clone()).await;
        outcome.unwrap();
        assert!(received == object.content[bytes.start as usize..bytes.end as usize]);
        assert_eq!(sent, bytes.end - bytes.start);
    }
    assert_eq!(*object.most.lock().unwrap(), 1 << 20);
    assert_eq!(object.reads.load(Relaxed), 0);
}

#[actix_web::test]
async fn what_is_in_no_file_is_read_and_sent_from_where_it_lies() {
    let mut object = Arc::into_inner(TestObject::new(|_| u64::MAX)).unwrap();
    object.is_file = false;
    let object = Arc::new(object);
    for bytes in [0..LENGTH, 5..LENGTH, 5..6, 7..7] {
        let (outcome, received, sent) = received(&object, bytes.clone()).await;
        outcome.unwrap();
        assert!(received == object.content[bytes.start as usize..bytes.end as usize]);
        assert_eq!(sent, 0);
    }
    assert_eq!(object.reads.load(Relaxed), 3);
}

#[actix_web::test]
async fn what_is_not_is_read_between_what_is() {
    // Every other 300,000 bytes.
    let in_memory = |start: u64| match start / 300_000 % 2 {
        0 => 300_000 - start % 300_000,
        _ => 0,
    };
    let object = TestObject::new(in_memory);
    let (outcome, received, sent) = received(&object, 0..LENGTH).await;
    outcome.unwrap();
    assert!(received == object.content);
    assert!(sent > LENGTH / 8 && sent < LENGTH, "{sent}");
    let (outcome, received, sent) = self::received(&TestObject::new(|_| 0), 0..LENGTH).await;
    outcome.unwrap();
    assert_eq!((received.len() as u64, sent), (LENGTH, 0));
}

#[actix_web::test]
async fn a_file_that_has_become_shorter_breaks_the_answer_off() {
    let object = TestObject::new(|_| u64::MAX);
    object.file.set_len(LENGTH / 2).unwrap();
    let (outcome, received, sent) = received(&object, 0..LENGTH).await;
    assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!((received.len() as u64, sent), (LENGTH / 2, LENGTH / 2));
}

#[actix_web::test]
async fn a_file_that_the_system_cannot_send_is_read() {
    let mut object = Arc::into_inner(TestObject::new(|_| u64::MAX)).unwrap();
    let named = tempfile::NamedTempFile::new().unwrap();
    named.as_file().set_len(LENGTH).unwrap();
    object.file = File::options().write(true).open(named.path()).unwrap();
    let object = Arc::new(object);
    let (outcome, received, sent) = received(&object, 0..LENGTH).await;
    outcome.unwrap();
    assert!(received == object.content);
    assert_eq!((sent, object.reads.load(Relaxed)), (0, 1));
}

#[actix_web::test]
async fn a_body_has_not_ended_while_its_client_does_not_read() {
    let (mut socket, sent, mut client) = connected().await;
    let object = TestObject::new(|_| u64::MAX);
    // Many times what lies between.
    let bodies =
        (0..20).map(|_| ObjectBody::new(object.clone(), 0..LENGTH, socket.outlet().clone()));
    let bodies: Vec<_> = bodies.collect();
    let mut ended = 0;
    let reading = tokio::spawn(async move {
        let mut all = Vec::new();
        client.read_to_end(&mut all).await.unwrap();
        all.len() as u64
    });
    for body in bodies {
        send(body, &mut socket).await.unwrap();
        ended += 1;
        assert_eq!(sent.get(), ended * LENGTH);
    }
    drop(socket);
    assert_eq!(reading.await.unwrap(), 20 * LENGTH);
}

#[actix_web::test]
async fn a_body_that_is_given_up_leaves_nothing_to_be_sent() {
    let (mut socket, sent, client) = connected().await;
    let object = TestObject::new(|_| u64::MAX);
    let mut body = Box::pin(ObjectBody::new(
        object.clone(),
        0..LENGTH,
        socket.outlet().clone(),
    ));
    let asked = std::future::poll_fn(|context| Poll::Ready(body.as_mut().poll_next(context)));
    assert!(asked.await.is_pending());
    assert!(socket.outlet().is_sending());
    drop(body);
    assert!(!socket.outlet().is_sending());
    socket.flush().await.unwrap();
    assert_eq!(sent.get(), 0);
    assert_eq!(Arc::strong_count(&object), 1);
    drop(client);
}

#[actix_web::test]
async fn a_client_that_has_gone_ends_the_answer() {
    let (mut socket, _, client) = connected().await;
    drop(client);
    let object = TestObject::new(|_| u64::MAX);
    let mut outcome = Ok(());
    for _ in 0..3 {
        let body = ObjectBody::new(object.clone(), 0..LENGTH, socket.outlet().clone());
        outcome = outcome.and(send(body, &mut socket).await);
    }
    let kind = outcome.unwrap_err().kind();
    assert!(
        matches!(
            kind,
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
        ),
        "{kind}"
    );
}
