//! A server that knows nothing of checksums, as many were before 2022: it stands in front of another one.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

/// How such servers answer: some have not implemented the header, others call the request malformed.
pub const ANSWERS: [&str; 2] = ["501 Not Implemented", "400 Bad Request"];

/// The server. Its threads end with the test's process.
#[derive(Clone)]
pub struct OldServer {
    address: SocketAddr,
    answer: &'static str,
    behind: SocketAddr,
    refused: Arc<AtomicUsize>,
    alters: Arc<AtomicBool>,
}

impl OldServer {
    /// Passes on to this server what brings no checksum, and answers so what does.
    pub fn start(behind: SocketAddr, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            answer,
            behind,
            refused: Arc::default(),
            alters: Arc::default(),
        };
        let serving = server.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let serving = serving.clone();
                // A client that hangs up is none of our business.
                std::thread::spawn(move || drop(serving.serve(client)));
            }
        });
        server
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many requests with a checksum came.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// Gives another last byte from now on of all that is read.
    pub fn alter(&self) {
        self.alters.store(true, Ordering::Relaxed);
    }

    /// One request; the connection ends with its answer.
    fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        let mut request = BufReader::new(client.try_clone()?);
        let (mut head, mut length) = (Vec::new(), 0);
        let mut has_checksum = false;
        loop {
            let mut line = String::new();
            if request.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let lower = line.to_ascii_lowercase();
            has_checksum |= lower.starts_with("x-amz-checksum-sha256:");
            if let Some(text) = lower.strip_prefix("content-length:") {
                length = text.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
            head.extend(line.into_bytes());
        }
        let mut body = vec![0; length];
        request.read_exact(&mut body)?;
        if has_checksum {
            self.refused.fetch_add(1, Ordering::Relaxed);
            let answer = self.answer;
            let refusal =
                format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return client.write_all(refusal.as_bytes());
        }
        let is_get = head.starts_with(b"GET ") && !head.windows(9).any(|part| part == b"list-type");
        let mut behind = TcpStream::connect(self.behind)?;
        behind.write_all(&head)?;
        behind.write_all(b"Connection: close\r\n\r\n")?;
        behind.write_all(&body)?;
        let mut answer = Vec::new();
        behind.read_to_end(&mut answer)?;
        if is_get
            && self.alters.load(Ordering::Relaxed)
            && let Some(last) = answer.last_mut()
        {
            *last ^= 1;
        }
        client.write_all(&answer)?;
        client.shutdown(Shutdown::Both)
    }
}
