//! A client that writes HTTP byte by byte: it sends what no proper client would.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::TestService;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection.
pub struct RawClient {
    stream: TcpStream,
    received: Vec<u8>,
}

impl RawClient {
    /// Connects.
    pub async fn connect(service: &TestService) -> Self {
        let address = service.url.trim_start_matches("http://");
        Self {
            stream: TcpStream::connect(address).await.unwrap(),
            received: Vec::new(),
        }
    }

    /// Sends bytes; panics if the service does not take them.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends no more, but still reads.
    pub async fn end(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Waits for an answer with a `Content-Length`; returns its status and its body.
    pub async fn answer(&mut self) -> (u16, String) {
        let (head, body) = self.whole_answer().await;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body)
    }

    /// The same, with the head as it was sent.
    pub async fn whole_answer(&mut self) -> (String, String) {
        let (head, length) = loop {
            if let Some(end) = self
                .received
                .windows(4)
                .position(|four| four == b"\r\n\r\n")
            {
                let head = String::from_utf8(self.received.drain(..end + 4).collect()).unwrap();
                let length = content_length(&head);
                break (head, length);
            }
            self.receive().await;
        };
        while self.received.len() < length {
            self.receive().await;
        }
        let body = String::from_utf8(self.received.drain(..length).collect()).unwrap();
        (head, body)
    }

    /// Waits until the service closes the connection; returns all that it has sent.
    pub async fn rest(self) -> String {
        String::from_utf8_lossy(&self.all().await).into_owned()
    }

    /// The same, as bytes.
    pub async fn all(mut self) -> Vec<u8> {
        let all = self.stream.read_to_end(&mut self.received);
        let all = tokio::time::timeout(PATIENCE, all).await;
        // What was sent and never read resets the connection.
        let _ = all.expect("the connection is still open after ten seconds");
        self.received
    }

    async fn receive(&mut self) {
        let read = self.stream.read_buf(&mut self.received);
        let count = tokio::time::timeout(PATIENCE, read).await;
        let count = count.expect("no answer in ten seconds").unwrap();
        let text = String::from_utf8_lossy(&self.received);
        assert!(count > 0, "the connection was closed after {text:?}");
    }
}

fn content_length(head: &str) -> usize {
    let head = head.to_ascii_lowercase();
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    line.map_or(0, |length| length.trim().parse().unwrap())
}
