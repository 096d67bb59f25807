//! Clients that ask for the same again and again, with as little work of their own as can be.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use crate::cpu::cpu_of;

/// Connections that stay open, each with a client that waits for its answer.
const CONNECTIONS: usize = 8;

pub struct Clients {
    pub time: Duration,
}

impl Clients {
    /// Asks a process for a URL whose answer has a body of this length; the microseconds of CPU that it takes for a request.
    pub fn cost(&self, process: u32, url: &str, length: usize) -> f64 {
        let before = cpu_of(process);
        let requests: usize = thread::scope(|scope| {
            let clients: Vec<_> = (0..CONNECTIONS)
                .map(|_| scope.spawn(|| self.ask(url, length)))
                .collect();
            clients
                .into_iter()
                .map(|client| client.join().unwrap())
                .sum()
        });
        (cpu_of(process) - before).as_secs_f64() * 1e6 / requests as f64
    }

    /// How often one client was answered.
    fn ask(&self, url: &str, length: usize) -> usize {
        let (host, path) = url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut buffer = vec![0; 256 * 1024];
        let (began, mut requests) = (Instant::now(), 0);
        while began.elapsed() < self.time {
            stream.write_all(request.as_bytes()).unwrap();
            read_answer(&mut stream, &mut buffer, length);
            requests += 1;
        }
        requests
    }
}

/// Reads a head and a body of this length.
fn read_answer(stream: &mut TcpStream, buffer: &mut [u8], length: usize) {
    let mut filled = 0;
    let head = loop {
        let bytes = stream.read(&mut buffer[filled..]).unwrap();
        assert!(bytes > 0, "the answer ends within its head");
        filled += bytes;
        if let Some(end) = buffer[..filled]
            .windows(4)
            .position(|end| end == b"\r\n\r\n")
        {
            break end + 4;
        }
    };
    assert!(buffer.starts_with(b"HTTP/1.1 200"));
    let mut left = (head + length) - filled;
    while left > 0 {
        let bytes = stream.read(buffer).unwrap();
        assert!(bytes > 0, "the answer ends within its body");
        left -= bytes;
    }
}
