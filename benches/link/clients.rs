//! Clients that ask for the same again and again, with as little work of their own as can be.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

/// Connections that stay open, each with a client that waits for its answer.
const CONNECTIONS: usize = 4;

pub struct Clients {
    pub time: Duration,
}

/// What some turns came to.
#[derive(Default)]
pub struct Turns {
    /// Microseconds of CPU time that the server took for a request, of each turn.
    pub costs: Vec<f64>,
    /// What each request took, in all turns.
    pub latencies: Vec<Duration>,
}

impl Clients {
    /// Asks for a URL whose answer has a body of this length. `cpu` tells the CPU time that the server has used so far.
    pub fn take_turn(
        &self,
        turns: &mut Turns,
        url: &str,
        length: usize,
        cpu: impl Fn() -> Duration,
    ) {
        let before = cpu();
        let latencies = thread::scope(|scope| {
            let clients: Vec<_> = (0..CONNECTIONS)
                .map(|_| scope.spawn(|| self.ask(url, length)))
                .collect();
            clients
                .into_iter()
                .flat_map(|client| client.join().unwrap())
                .collect::<Vec<_>>()
        });
        let used = cpu() - before;
        turns
            .costs
            .push(used.as_secs_f64() * 1e6 / latencies.len() as f64);
        turns.latencies.extend(latencies);
    }

    /// What each answer to one client took.
    fn ask(&self, url: &str, length: usize) -> Vec<Duration> {
        let (host, path) = url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut buffer = vec![0; 256 * 1024];
        let (began, mut latencies) = (Instant::now(), Vec::new());
        while began.elapsed() < self.time {
            let asked = Instant::now();
            stream.write_all(request.as_bytes()).unwrap();
            read_answer(&mut stream, &mut buffer, length);
            latencies.push(asked.elapsed());
        }
        latencies
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
