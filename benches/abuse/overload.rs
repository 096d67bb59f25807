//! Uploads at four times the rate that the service can take, thumbnails and links meanwhile.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use actix_web::rt::{System, spawn, time::interval};
use futures_util::future::join_all;
use reqwest::StatusCode;

use crate::{
    harness::{Installation, from_environment},
    percentile::percentile,
    site::{Kind, Site},
};

/// Clients that upload without a pause, to learn how many uploads there can be.
const CLIENTS: usize = 16;

/// How often somebody wants a thumbnail, and somebody a link's original.
const READING: Duration = Duration::from_millis(20);

/// What is offered, of what the service can take.
const OFFERED: [f64; 3] = [0.5, 1.0, 4.0];

/// What came of some requests.
#[derive(Default)]
struct Outcome {
    time: Duration,
    stored: usize,
    refused: Vec<Duration>,
    failed: usize,
    /// CPU time of the service.
    cpu: Duration,
    thumbnails: Vec<Duration>,
    links: Vec<Duration>,
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.time += other.time;
        self.stored += other.stored;
        self.refused.extend(other.refused);
        self.failed += other.failed;
        self.cpu += other.cpu;
        self.thumbnails.extend(other.thumbnails);
        self.links.extend(other.links);
    }

    fn stored_a_second(&self) -> f64 {
        self.stored as f64 / self.time.as_secs_f64()
    }

    fn print(&mut self, what: &str) {
        println!(
            "| {what} | {:.1} | {:.1} | {:.1} | {:.1}, {:.1} | {:.1} | {:.1} | {} |",
            self.stored_a_second(),
            self.cpu.as_secs_f64() * 1000.0 / self.stored as f64,
            self.refused.len() as f64 / self.time.as_secs_f64(),
            percentile(&mut self.refused, 50),
            percentile(&mut self.refused, 99),
            percentile(&mut self.thumbnails, 99),
            percentile(&mut self.links, 99),
            self.failed,
        );
    }
}

/// Prints what becomes of them. The loads take turns: what the machine can do changes from minute to minute.
pub async fn run(time: Duration) {
    let mut tierpix = Installation::new().with("TIERPIX_LOG", "warn");
    if let Ok(cores) = std::env::var("TIERPIX_BENCH_CORES") {
        tierpix = tierpix.launched_by(["taskset".to_owned(), "--cpu-list".to_owned(), cores]);
    }
    let site = Arc::new(Site::open(&tierpix).await);
    let turns = from_environment("TIERPIX_BENCH_TURNS", 4);
    let mut full = Outcome::default();
    let mut offered = OFFERED.map(|times| (times, Outcome::default()));
    for _ in 0..turns {
        let outcome = load(&site, time, None).await;
        let capacity = outcome.stored_a_second();
        full.add(outcome);
        for (times, sum) in &mut offered {
            sum.add(load(&site, time, Some(capacity * *times)).await);
        }
    }
    println!(
        "\n## Overload\n\n{CLIENTS} clients without a pause, then what they stored a second times\n"
    );
    println!(
        "| | stored a second | CPU ms of the service for each | 503 a second | 503: p50, p99 ms | thumbnail p99 ms | link p99 ms | broken |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    full.print("without a pause");
    for (times, outcome) in &mut offered {
        outcome.print(&times.to_string());
    }
    let [(_, usual), _, (_, over)] = &mut offered;
    let ratio =
        |over: &mut Vec<_>, usual: &mut Vec<_>| percentile(over, 99) / percentile(usual, 99);
    println!(
        "\nAt four times the capacity {:.0}% of it remain; thumbnails take {:.1} times, links {:.1} times what they take at half of it (p99)",
        100.0 * over.stored_a_second() / full.stored_a_second(),
        ratio(&mut over.thumbnails, &mut usual.thumbnails),
        ratio(&mut over.links, &mut usual.links),
    );
    println!("\nMost memory of the service: {} MB", site.peak_memory_mb());
    Arc::into_inner(site)
        .expect("all requests have ended")
        .close()
        .await;
}

/// Uploads for a while, so many a second or without a pause; others read meanwhile.
async fn load(site: &Arc<Site>, time: Duration, rate: Option<f64>) -> Outcome {
    let (began, cpu_before) = (Instant::now(), site.cpu_ms());
    // On a thread of its own: what is measured is not to wait for those who upload.
    let reading = {
        let site = site.clone();
        thread::spawn(move || System::new().block_on(read(&site, began, time)))
    };
    let outcome = Rc::new(RefCell::new(Outcome::default()));
    match rate {
        None => {
            let client = async || {
                while began.elapsed() < time {
                    upload(site.clone(), outcome.clone()).await;
                }
            };
            join_all((0..CLIENTS).map(|_| client())).await;
        }
        Some(rate) => {
            let mut uploads = Vec::new();
            let mut tick = interval(Duration::from_secs_f64(1.0 / rate));
            while began.elapsed() < time {
                tick.tick().await;
                uploads.push(spawn(upload(site.clone(), outcome.clone())));
            }
            join_all(uploads).await;
        }
    }
    let mut outcome = outcome.take();
    outcome.time = began.elapsed();
    outcome.cpu = Duration::from_millis(site.cpu_ms() - cpu_before);
    (outcome.thumbnails, outcome.links) = reading.join().unwrap();
    outcome
}

async fn upload(site: Arc<Site>, outcome: Rc<RefCell<Outcome>>) {
    let asked = Instant::now();
    let status = site.status_of(Kind::Upload).await;
    let took = asked.elapsed();
    let mut outcome = outcome.borrow_mut();
    match status {
        Ok(StatusCode::CREATED) => outcome.stored += 1,
        Ok(StatusCode::SERVICE_UNAVAILABLE) => outcome.refused.push(took),
        Ok(status) => panic!("{status}"),
        Err(_) => outcome.failed += 1,
    }
}

/// What thumbnails and links took meanwhile.
async fn read(site: &Site, began: Instant, time: Duration) -> (Vec<Duration>, Vec<Duration>) {
    let (mut thumbnails, mut links) = (Vec::new(), Vec::new());
    let mut tick = interval(READING);
    while began.elapsed() < time {
        for (kind, times) in [(Kind::Thumbnail, &mut thumbnails), (Kind::Link, &mut links)] {
            tick.tick().await;
            let asked = Instant::now();
            site.request(kind).await;
            times.push(asked.elapsed());
        }
    }
    (thumbnails, links)
}
