//! `cargo bench --bench backfill`: what uploads take while thumbnails are made in the background.
//!
//! Clients upload photos of 2 MP at a third of what the service can do, without a backfill and during one, in turns.
//! `TIERPIX_BENCH_IMAGES` (10000) is the number of images of 2 MP that lack a thumbnail, `TIERPIX_BENCH_SECONDS` (10) how long
//! each turn lasts, `TIERPIX_BENCH_TURNS` (5) how many there are. The clients share the machine with the service and its database;
//! `TIERPIX_BENCH_CORES=0 taskset -c 1 cargo bench --bench backfill` gives each a core of its own (on Linux).

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench that cannot go on ends, and uses a part of the tests' tools"
)]

#[path = "../../tests/faults/copies.rs"]
mod copies;
#[path = "../cpu.rs"]
mod cpu;
#[path = "../../tests/cli/harness/mod.rs"]
mod harness;
#[path = "../abuse/percentile.rs"]
mod percentile;
#[path = "../../tests/pictures/mod.rs"]
mod pictures;
#[path = "../load/site.rs"]
mod site;

use std::time::{Duration, Instant};

use actix_web::rt::time::interval;
use futures_util::future::join_all;
use tokio_postgres::Client;

use copies::upload_copies;
use harness::{Installation, eventually, from_environment};
use percentile::percentile;
use pictures::Jpeg;
use site::{Kind, Site};

const CLIENTS: u32 = 4;

#[actix_web::main]
async fn main() {
    let time = Duration::from_secs(from_environment("TIERPIX_BENCH_SECONDS", 10));
    let images = from_environment("TIERPIX_BENCH_IMAGES", 10_000);
    let mut tierpix = Installation::new().with("TIERPIX_LOG", "warn");
    if let Ok(cores) = std::env::var("TIERPIX_BENCH_CORES") {
        tierpix = tierpix.launched_by(["taskset".to_owned(), "--cpu-list".to_owned(), cores]);
    }
    let site = Site::open(&tierpix).await;
    let picture = Jpeg::photo(1632, 1224).encode().into();
    upload_copies(&tierpix, &site.service, picture, images as usize).await;
    let database = tierpix.connect().await;
    let lack = "UPDATE tiers SET thumbnail_heights = '{200,400,100}' WHERE name = 'Bench'";
    database.execute(lack, &[]).await.unwrap();

    let without_pause = upload(&site, time, Duration::ZERO).await.len();
    let capacity = without_pause as f64 / time.as_secs_f64();
    let pause = Duration::from_secs_f64(3.0 * f64::from(CLIENTS) / capacity);
    println!(
        "\n{capacity:.1} uploads of 2 MP a second by {CLIENTS} clients without a pause, of which a third from now on\n"
    );
    println!("| | uploads | p50 ms | p99 ms | images of the backfill a second |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    let (mut usual, mut during) = (Vec::new(), Vec::new());
    for _ in 0..from_environment("TIERPIX_BENCH_TURNS", 5) {
        let mut times = upload(&site, time, pause).await;
        print("without", &mut times, "");
        usual.extend(times);
        let job = start_backfill(&database).await;
        let mut times = upload(&site, time, pause).await;
        let made = stop_backfill(&database, job).await;
        let rate = format!("{:.1}", made as f64 / time.as_secs_f64());
        print("during", &mut times, &rate);
        during.extend(times);
    }
    print("all without", &mut usual, "");
    print("all during", &mut during, "");
    let ratio = percentile(&mut during, 99) / percentile(&mut usual, 99);
    println!("\np99 during a backfill is {ratio:.2} times the usual");
    site.close().await;
}

/// Uploads for a while, each client as often as that; what the uploads took.
async fn upload(site: &Site, time: Duration, pause: Duration) -> Vec<Duration> {
    let began = Instant::now();
    let client = async |number: u32| {
        let mut times = Vec::new();
        // Not all at once.
        tokio::time::sleep(pause * number / CLIENTS).await;
        let mut tick = (!pause.is_zero()).then(|| interval(pause));
        while began.elapsed() < time {
            if let Some(tick) = &mut tick {
                tick.tick().await;
            }
            let asked = Instant::now();
            site.request(Kind::Upload).await;
            times.push(asked.elapsed());
        }
        times
    };
    join_all((0..CLIENTS).map(client)).await.concat()
}

/// Starts a backfill and waits until it makes thumbnails.
async fn start_backfill(database: &Client) -> i64 {
    let start = "INSERT INTO jobs (kind) VALUES ('backfill') RETURNING id";
    let job = database.query_one(start, &[]).await.unwrap().get(0);
    eventually("the backfill has begun", async || {
        done(database, job).await > 0
    })
    .await;
    job
}

/// How many images a job has done.
async fn done(database: &Client, job: i64) -> i64 {
    let done = "SELECT done FROM jobs WHERE id = $1";
    database.query_one(done, &[&job]).await.unwrap().get(0)
}

/// Stops a backfill; how many images it has done.
async fn stop_backfill(database: &Client, job: i64) -> i64 {
    let made = done(database, job).await;
    let stop = "UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = $1";
    database.execute(stop, &[&job]).await.unwrap();
    // Its runner hears of that with its next sign of life.
    tokio::time::sleep(Duration::from_secs(2)).await;
    made
}

fn print(when: &str, times: &mut [Duration], made: &str) {
    println!(
        "| {when} | {} | {:.1} | {:.1} | {made} |",
        times.len(),
        percentile(times, 50),
        percentile(times, 99),
    );
}
