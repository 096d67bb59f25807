//! Clients that ask without a pause, and what their answers took.

use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use crate::site::{Kind, Site};

/// The head of the table of [`Row`]s.
pub const HEADER: &str = "\
| request | requests/s | p50 ms | p90 ms | p99 ms | CPU ms a request |
| --- | --- | --- | --- | --- | --- |";

/// So many clients for so long.
pub struct Load {
    pub clients: usize,
    pub time: Duration,
}

/// What came of it.
pub struct Row {
    latencies: Vec<Duration>,
    time: Duration,
    cpu_ms: u64,
}

impl Load {
    /// Asks what `kind` says for the first, second, … request.
    pub async fn run(&self, site: &Site, kind: impl Fn(usize) -> Kind) -> Row {
        let count = AtomicUsize::new(0);
        let (began, cpu_before) = (Instant::now(), site.cpu_ms());
        let client = async || {
            let mut latencies = Vec::new();
            while began.elapsed() < self.time {
                let kind = kind(count.fetch_add(1, Ordering::Relaxed));
                let asked = Instant::now();
                site.request(kind).await;
                latencies.push(asked.elapsed());
            }
            latencies
        };
        let clients = join_all((0..self.clients).map(|_| client())).await;
        let mut latencies = clients.concat();
        latencies.sort_unstable();
        Row {
            latencies,
            time: began.elapsed(),
            cpu_ms: site.cpu_ms() - cpu_before,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.latencies.len();
        let at = |percent: usize| {
            let latency = self.latencies[(count * percent / 100).min(count - 1)];
            latency.as_secs_f64() * 1000.0
        };
        write!(
            f,
            "| {:.0} | {:.2} | {:.2} | {:.2} | {:.3} |",
            count as f64 / self.time.as_secs_f64(),
            at(50),
            at(90),
            at(99),
            self.cpu_ms as f64 / count as f64,
        )
    }
}
