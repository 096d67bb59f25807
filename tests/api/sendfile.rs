//! Originals that the system sends itself, as Linux does from a disk: whatever a client does, it gets what it gets otherwise.

use std::{fs::File, time::Duration};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use rustix::fs::{Advice, fadvise};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::{
    harness::{Answer, TestService, eventually},
    pictures::Jpeg,
};

/// More than what lies between a server and a client.
const LENGTH: usize = 12 << 20;

const FIGURE: &str = "tierpix_sendfile_bytes_total";

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A service with an original on a disk.
struct Site {
    service: TestService,
    picture: Vec<u8>,
    url: String,
    link: String,
}

impl Site {
    async fn open() -> Self {
        Self::with(&[], LENGTH).await
    }

    async fn with(flags: &[&str], length: usize) -> Self {
        let service = TestService::start_on_disk(flags).await;
        let mut picture = Jpeg::photo(320, 240).encode();
        let mut rest = vec![0; length - picture.len()];
        StdRng::seed_from_u64(27).fill(&mut rest[..]);
        picture.append(&mut rest);
        let anna = service.account("Enterprise").await;
        let answer = anna.upload_with_link(picture.clone(), "300").await;
        assert_eq!(answer.status, 201, "{answer:?}");
        Self {
            url: answer.url_of("original"),
            link: answer.link(),
            service,
            picture,
        }
    }

    /// The head of a request for the original, as far as the lines that follow.
    fn head(&self, method: &str, version: &str) -> String {
        let path = self.url.strip_prefix(&self.service.url).unwrap();
        format!("{method} {path} HTTP/{version}\r\nHost: a\r\n")
    }

    async fn connect(&self) -> TcpStream {
        let address = self.service.url.trim_start_matches("http://");
        TcpStream::connect(address).await.unwrap()
    }

    /// A client that takes in few bytes before it reads.
    async fn connect_slowly(&self) -> TcpStream {
        let address = self.service.url.trim_start_matches("http://");
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket.connect(address.parse().unwrap()).await.unwrap()
    }

    /// Sends these bytes and reads until the service closes the connection.
    async fn all(&self, sent: &str) -> Vec<u8> {
        let mut client = self.connect().await;
        client.write_all(sent.as_bytes()).await.unwrap();
        rest(client).await
    }

    /// The bytes that the system has sent so far. They are counted nowhere else, so that a test that sees them move tests what
    /// it says.
    async fn sent(&self) -> usize {
        self.service.figure(FIGURE).await as usize
    }

    /// Others are served.
    async fn assert_serves(&self) {
        let answer = timeout(PATIENCE, self.service.get(&self.url))
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
        assert!(answer.body == self.picture);
    }
}

async fn rest(mut client: TcpStream) -> Vec<u8> {
    let mut received = Vec::new();
    let read = client.read_to_end(&mut received);
    timeout(PATIENCE, read)
        .await
        .expect("it is closed")
        .unwrap();
    received
}

/// Cuts an answer into its head and what follows.
fn cut(answer: &[u8]) -> (String, &[u8]) {
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    (head, &answer[end..])
}

#[actix_web::test]
async fn an_original_and_a_part_of_it_are_sent_by_the_system_and_counted_as_ever() {
    let site = Site::open().await;
    for url in [&site.url, &site.link] {
        let before = site.sent().await;
        let answer = site.service.get(url).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body == site.picture, "{url}");
        assert_eq!(answer.header("content-length"), LENGTH.to_string());
        assert_eq!(answer.header("transfer-encoding"), "");
        assert_eq!(site.sent().await - before, LENGTH, "{url}");
    }
    let before = site.sent().await;
    let (from, to) = (1_234_567, 3_456_789);
    let part = site.service.request("GET", &site.url);
    let part = Answer::of(part.header("range", format!("bytes={from}-{to}"))).await;
    assert_eq!(part.status, 206);
    assert!(part.body == site.picture[from..=to]);
    assert_eq!(site.sent().await - before, to - from + 1);
    let labels = "{method=\"GET\",route=\"/media/{name}\"}";
    let figure = format!("tierpix_http_response_body_bytes_total{labels}");
    let counted = site.service.figure(&figure).await as usize;
    assert_eq!(counted, LENGTH + to - from + 1);
}

#[actix_web::test]
async fn what_is_small_is_not_and_no_part_of_several() {
    let site = Site::open().await;
    for range in ["bytes=0-999", "bytes=0-99999,200000-299999"] {
        let part = site
            .service
            .request("GET", &site.url)
            .header("range", range);
        assert_eq!(Answer::of(part).await.status, 206, "{range}");
    }
    let thumbnail = site.url.replace("original", "nothing");
    assert_eq!(site.service.get(&thumbnail).await.status, 404);
    assert_eq!(site.sent().await, 0);
}

#[actix_web::test]
async fn the_head_of_an_original_goes_without_it_and_the_connection_on() {
    let site = Site::open().await;
    let mut client = site.connect().await;
    let request = site.head("HEAD", "1.1") + "\r\n";
    client.write_all(request.as_bytes()).await.unwrap();
    let mut first = Vec::new();
    while !first.ends_with(b"\r\n\r\n") {
        first.push(client.read_u8().await.unwrap());
    }
    let first = String::from_utf8(first).unwrap();
    assert!(
        first.contains(&format!("content-length: {LENGTH}\r\n")),
        "{first}"
    );
    let last = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    client.write_all(last).await.unwrap();
    assert!(rest(client).await.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert_eq!(site.sent().await, 0);
}

#[actix_web::test]
async fn a_connection_that_was_to_be_closed_is_closed_behind_the_last_byte() {
    let site = Site::open().await;
    let (new, old) = (site.head("GET", "1.1"), site.head("GET", "1.0"));
    for request in [
        format!("{new}Connection: close\r\n\r\n"),
        format!("{old}\r\n"),
    ] {
        let answer = site.all(&request).await;
        let (head, body) = cut(&answer);
        assert!(
            head.contains(&format!("content-length: {LENGTH}\r\n")),
            "{head}"
        );
        assert!(!head.contains("transfer-encoding"), "{head}");
        assert!(body == site.picture, "{} bytes behind {head}", body.len());
    }
    assert_eq!(site.sent().await, 2 * LENGTH);
}

#[actix_web::test]
async fn requests_that_were_sent_at_once_are_answered_one_behind_the_other() {
    let site = Site::open().await;
    let one = site.head("GET", "1.1") + "\r\n";
    let part = site.head("GET", "1.1") + "Range: bytes=100000-299999\r\n\r\n";
    let other = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    let last = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answers = site.all(&format!("{one}{other}{part}{one}{last}")).await;
    let mut left = &answers[..];
    for expected in [
        &site.picture[..],
        b"",
        &site.picture[100_000..300_000],
        &site.picture,
        b"",
    ] {
        let (head, behind) = cut(left);
        assert!(head.starts_with("HTTP/1.1 20"), "{head}");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.unwrap().parse().unwrap();
        if !expected.is_empty() {
            assert!(behind[..length] == *expected, "{head}");
        }
        left = &behind[length..];
    }
    assert_eq!(left.len(), 0);
}

#[actix_web::test]
async fn a_client_that_has_said_all_still_gets_all() {
    let site = Site::open().await;
    let mut client = site.connect().await;
    let request = site.head("GET", "1.1") + "\r\n";
    client.write_all(request.as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    let answer = rest(client).await;
    assert!(cut(&answer).1 == site.picture);
}

#[actix_web::test]
async fn a_slow_reader_gets_all_and_holds_nobody_up() {
    let site = Site::with(&["--workers", "1"], LENGTH).await;
    let mut client = site.connect_slowly().await;
    let request = site.head("GET", "1.1") + "Connection: close\r\n\r\n";
    client.write_all(request.as_bytes()).await.unwrap();
    let mut received = vec![0; 1000];
    client.read_exact(&mut received).await.unwrap();
    site.assert_serves().await;
    received.append(&mut rest(client).await);
    assert!(cut(&received).1 == site.picture);
}

#[actix_web::test]
async fn a_client_may_go_away_in_the_middle() {
    let site = Site::with(&["--workers", "1"], LENGTH).await;
    for resets in [true, false] {
        for received in [1, 100_000, 3_000_000] {
            let mut client = site.connect_slowly().await;
            let request = site.head("GET", "1.1") + "\r\n";
            client.write_all(request.as_bytes()).await.unwrap();
            client.read_exact(&mut vec![0; received]).await.unwrap();
            if resets {
                client.set_zero_linger().unwrap();
            }
        }
        site.assert_serves().await;
    }
    eventually("their files are closed", async || !has_open(&site).await).await;
}

/// Whether this process has a file of the site's storage open.
async fn has_open(site: &Site) -> bool {
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
        .any(|path| path.starts_with(&site.service.objects))
}

#[actix_web::test]
async fn hundreds_who_never_read_hold_nobody_up() {
    let site = Site::with(&["--workers", "1"], LENGTH).await;
    let mut clients = Vec::new();
    for _ in 0..300 {
        let mut client = site.connect_slowly().await;
        let request = site.head("GET", "1.1") + "\r\n";
        client.write_all(request.as_bytes()).await.unwrap();
        clients.push(client);
    }
    site.assert_serves().await;
    drop(clients);
    eventually("their files are closed", async || !has_open(&site).await).await;
    site.assert_serves().await;
}

#[actix_web::test]
async fn what_has_to_come_from_the_disk_is_read_by_another_thread_and_comes_all_the_same() {
    let site = Site::open().await;
    // It is hashed when it is opened first, and in memory then.
    site.assert_serves().await;
    let original = site.service.files().into_iter();
    let original = original
        .max_by_key(|file| file.metadata().unwrap().len())
        .unwrap();
    let original = File::open(original).unwrap();
    for (from, length) in [(0, None), (5 << 20, std::num::NonZeroU64::new(3 << 20))] {
        // The system keeps what is still in some connection.
        eventually("some of it comes from the disk", async || {
            fadvise(&original, from, length, Advice::DontNeed).unwrap();
            let before = site.sent().await;
            site.assert_serves().await;
            site.sent().await - before < LENGTH
        })
        .await;
    }
}

#[actix_web::test]
async fn an_original_that_was_altered_is_not_sent() {
    let site = Site::open().await;
    site.assert_serves().await;
    let before = site.sent().await;
    let original = site.service.files().into_iter();
    let original = original
        .max_by_key(|file| file.metadata().unwrap().len())
        .unwrap();
    let mut altered = site.picture.clone();
    altered[LENGTH / 2] ^= 1;
    std::fs::write(original, altered).unwrap();
    for url in [&site.url, &site.link] {
        assert_eq!(site.service.get(url).await.status, 404, "{url}");
    }
    assert_eq!(site.sent().await, before);
}

#[actix_web::test]
async fn who_is_being_sent_an_original_gets_the_rest_of_it_when_the_service_stops() {
    let mut site = Site::open().await;
    let mut client = site.connect_slowly().await;
    let request = site.head("GET", "1.1") + "\r\n";
    client.write_all(request.as_bytes()).await.unwrap();
    let mut received = vec![0; 1000];
    client.read_exact(&mut received).await.unwrap();
    let reading = tokio::spawn(rest(client));
    site.service.stop().await;
    received.append(&mut reading.await.unwrap());
    assert!(cut(&received).1 == site.picture);
}
