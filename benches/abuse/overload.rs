//! Uploads at four times the rate that the service can take, thumbnails and links meanwhile.

use std::{
    cell::RefCell,
    rc::Rc,
    time::{Duration, Instant},
};

use actix_web::rt::{spawn, time::interval};
use futures_util::future::join_all;
use reqwest::StatusCode;

use crate::{
    harness::Installation,
    percentile::percentile,
    site::{Kind, Site},
};

/// Clients that upload without a pause, to learn how many uploads there can be.
const CLIENTS: usize = 16;

/// How often somebody wants a thumbnail, and somebody a link's original.
const READING: Duration = Duration::from_millis(20);

/// What came of some requests.
#[derive(Default)]
struct Outcome {
    stored: Vec<Duration>,
    refused: Vec<Duration>,
    failed: usize,
    /// Milliseconds of CPU that the service took.
    cpu_ms: u64,
}

/// What thumbnails and links took.
#[derive(Default)]
struct Reading {
    thumbnails: Vec<Duration>,
    links: Vec<Duration>,
}

/// Prints what becomes of them.
pub async fn run(time: Duration) {
    let mut tierpix = Installation::new().with("TIERPIX_LOG", "warn");
    if let Ok(cores) = std::env::var("TIERPIX_BENCH_CORES") {
        tierpix = tierpix.launched_by(["taskset".to_owned(), "--cpu-list".to_owned(), cores]);
    }
    let site = Rc::new(Site::open(&tierpix).await);
    let (uploads, mut usual) = offered(&site, time, None).await;
    let capacity = rate(&uploads.stored, time);
    let cpu = uploads.cpu_ms as f64 / uploads.stored.len() as f64;
    println!(
        "\n## Overload\n\n{capacity:.1} uploads of 2 MP a second by {CLIENTS} clients without a pause\n"
    );
    println!(
        "| offered a second | stored a second | CPU ms of the service for each stored | 503 a second | 503: p50, p99 ms | thumbnail p99 ms | link p99 ms |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let usual = [&mut usual.thumbnails, &mut usual.links].map(|times| percentile(times, 99));
    println!(
        "| (without a pause) | {capacity:.1} | {cpu:.1} | 0 | | {:.1} | {:.1} |",
        usual[0], usual[1]
    );
    for times in [0.5, 1.0, 4.0] {
        let (mut uploads, mut reading) = offered(&site, time, Some(capacity * times)).await;
        println!(
            "| {:.1} | {:.1} | {:.1} | {:.1} | {:.1}, {:.1} | {:.1} | {:.1} |",
            capacity * times,
            rate(&uploads.stored, time),
            uploads.cpu_ms as f64 / uploads.stored.len() as f64,
            rate(&uploads.refused, time),
            percentile(&mut uploads.refused, 50),
            percentile(&mut uploads.refused, 99),
            percentile(&mut reading.thumbnails, 99),
            percentile(&mut reading.links, 99),
        );
        if uploads.failed > 0 {
            println!("{} connections broke", uploads.failed);
        }
    }
    println!("\nMost memory of the service: {} MB", site.peak_memory_mb());
    Rc::into_inner(site)
        .expect("all requests have ended")
        .close()
        .await;
}

/// Uploads for a while, so many a second or without a pause; others read meanwhile.
async fn offered(site: &Rc<Site>, time: Duration, rate: Option<f64>) -> (Outcome, Reading) {
    let (began, cpu_before) = (Instant::now(), site.cpu_ms());
    let reading = spawn(read(site.clone(), began, time));
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
    let reading = reading.await.unwrap();
    let mut outcome = outcome.take();
    outcome.cpu_ms = site.cpu_ms() - cpu_before;
    (outcome, reading)
}

async fn upload(site: Rc<Site>, outcome: Rc<RefCell<Outcome>>) {
    let asked = Instant::now();
    let status = site.status_of(Kind::Upload).await;
    let took = asked.elapsed();
    let mut outcome = outcome.borrow_mut();
    match status {
        Ok(StatusCode::CREATED) => outcome.stored.push(took),
        Ok(StatusCode::SERVICE_UNAVAILABLE) => outcome.refused.push(took),
        Ok(status) => panic!("{status}"),
        Err(_) => outcome.failed += 1,
    }
}

async fn read(site: Rc<Site>, began: Instant, time: Duration) -> Reading {
    let mut reading = Reading::default();
    let mut tick = interval(READING);
    while began.elapsed() < time {
        for (kind, times) in [
            (Kind::Thumbnail, &mut reading.thumbnails),
            (Kind::Link, &mut reading.links),
        ] {
            tick.tick().await;
            let asked = Instant::now();
            site.request(kind).await;
            times.push(asked.elapsed());
        }
    }
    reading
}

fn rate(done: &[Duration], time: Duration) -> f64 {
    done.len() as f64 / time.as_secs_f64()
}
