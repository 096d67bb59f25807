//! `cargo bench --bench link`: what serving a picture takes, beside nginx that sends the same bytes as files.
//!
//! A thumbnail, an original of its size and one of 3.6 MB, each by its media URL and the originals by signed links, over four
//! connections that stay open. Each server has two workers; they take turns, so that a noisy machine harms both alike. Ours
//! writes its log of requests, nginx none. `TIERPIX_BENCH_SECONDS` (2) is how long a turn lasts. Without nginx on this
//! machine, ours is measured alone.
//!
//! The goals are those of the profile `dist`: `cargo bench --profile dist --bench link`.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench that cannot go on ends, and uses a part of the tests' tools"
)]

mod clients;
#[path = "../cpu.rs"]
mod cpu;
#[path = "../../tests/cli/harness/mod.rs"]
mod harness;
mod nginx;
#[path = "../abuse/percentile.rs"]
mod percentile;
#[path = "../../tests/pictures/mod.rs"]
mod pictures;
mod uploads;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use clients::{Clients, Turns};
use cpu::{cpu_of, median};
use harness::{Answer, Installation, Service};
use nginx::Nginx;
use percentile::percentile;
use pictures::Jpeg;
use serde_json::json;
use uploads::Upload;

/// How often each is measured; the median counts.
const ROUNDS: usize = 5;

/// Clients that upload at the same time: more than there are cores.
const UPLOADERS: usize = 4;

/// What is asked for.
struct Case {
    name: &'static str,
    /// At our service.
    url: String,
    /// Among nginx's files.
    file: &'static str,
    /// How many times nginx's CPU time it may take.
    goal: f64,
}

#[actix_web::main]
async fn main() {
    let seconds = std::env::var("TIERPIX_BENCH_SECONDS").map_or(2, |value| value.parse().unwrap());
    let tierpix = Installation::new().with("TIERPIX_WORKERS", "2");
    tierpix.run("migrate").await.done();
    tierpix
        .run("tier add Bench --heights 200 --original --expiring-links")
        .await
        .done();
    tierpix.add_user("anna", "Bench").await;
    let service = tierpix.serve().await;
    let cases = cases(&service).await;
    let mut files = Vec::new();
    for case in &cases {
        let answer = service.get(&case.url).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        files.push((case.file, answer.body));
    }
    let nginx = Nginx::serving(&files);
    if nginx.is_none() {
        println!("nginx is not on this machine: ours alone");
    }
    println!(
        "| request | bytes | nginx, CPU µs | ours, CPU µs | ratio | goal | nginx p50, p99 µs | ours p50, p99 µs |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let clients = Clients {
        time: Duration::from_secs(seconds),
    };
    for (case, (_, body)) in cases.iter().zip(&files) {
        let (mut ours, mut theirs) = (Turns::default(), Turns::default());
        for _ in 0..ROUNDS {
            let cpu = || cpu_of(service.id());
            clients.take_turn(&mut ours, &case.url, body.len(), cpu);
            if let Some(nginx) = &nginx {
                let url = nginx.url(case.file);
                clients.take_turn(&mut theirs, &url, body.len(), || nginx.cpu());
            }
        }
        row(case, body.len(), ours, theirs);
    }
    beside_uploads(&service, &clients, &cases[0], files[0].1.len());
    service.stop().await;
}

fn row(case: &Case, bytes: usize, mut ours: Turns, mut theirs: Turns) {
    let times = |turns: &mut Turns| {
        [50, 99].map(|percent| 1000.0 * percentile(&mut turns.latencies, percent))
    };
    let ([their_p50, their_p99], [our_p50, our_p99]) = (times(&mut theirs), times(&mut ours));
    let (ours, theirs) = (median(ours.costs), median(theirs.costs));
    println!(
        "| {} | {bytes} | {theirs:.1} | {ours:.1} | {:.2} | {:.1} | {their_p50:.0}, {their_p99:.0} | {our_p50:.0}, {our_p99:.0} |",
        case.name,
        ours / theirs,
        case.goal
    );
}

/// What those wait who ask for a thumbnail while uploads keep every core busy.
fn beside_uploads(service: &Service, clients: &Clients, case: &Case, length: usize) {
    let photo = Jpeg::photo(4000, 3000).encode();
    let upload = Upload::new(&service.url, "anna", "anna-password", &photo);
    let (mut rest, mut busy) = (Turns::default(), Turns::default());
    let mut stored = 0;
    for _ in 0..ROUNDS {
        clients.take_turn(&mut rest, &case.url, length, || cpu_of(service.id()));
        let is_enough = AtomicBool::new(false);
        stored += thread::scope(|scope| {
            let uploads: Vec<_> = (0..UPLOADERS)
                .map(|_| scope.spawn(|| upload.repeat(&is_enough)))
                .collect();
            clients.take_turn(&mut busy, &case.url, length, || cpu_of(service.id()));
            is_enough.store(true, Ordering::Relaxed);
            let stored = uploads.into_iter().map(|upload| upload.join().unwrap());
            stored.sum::<usize>()
        });
    }
    let [rest, busy] =
        [&mut rest, &mut busy].map(|turns| 1000.0 * percentile(&mut turns.latencies, 99));
    println!(
        "{} beside {stored} uploads: p99 {busy:.0} µs, {:.1} times {rest:.0} µs at rest; goal 3",
        case.name,
        busy / rest
    );
}

async fn cases(service: &Service) -> [Case; 5] {
    let large = Jpeg::photo(4000, 3000).quality(94).encode();
    let (large, large_link) = shared(service, large).await;
    let small = Jpeg::photo(320, 240).encode();
    let (small, small_link) = shared(service, small).await;
    let case = |name, url: &str, file, goal| Case {
        name,
        url: url.to_owned(),
        file,
        goal,
    };
    let (thumbnail, small, large) = (
        large.url_of("200px"),
        small.url_of("original"),
        large.url_of("original"),
    );
    [
        case("thumbnail", &thumbnail, "thumbnail.jpg", 1.5),
        case("small original", &small, "small.jpg", 1.5),
        case("link to it", &small_link, "small.jpg", 1.7),
        case("large original", &large, "large.jpg", 1.1),
        case("link to it", &large_link, "large.jpg", 1.1),
    ]
}

/// Uploads a picture; the answer, and a link to the original.
async fn shared(service: &Service, picture: Vec<u8>) -> (Answer, String) {
    let answer = service.upload("anna", "anna-password", picture).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let link = service
        .request("POST", &format!("/api/v1/images/{id}/links/"))
        .basic_auth("anna", Some("anna-password"))
        .json(&json!({ "expiring_time_seconds": 300_000, "size": "original" }));
    let link = Answer::of(link).await;
    assert_eq!(link.status, 201, "{link:?}");
    let link = link.json()["expiring_link"].as_str().unwrap().to_owned();
    (answer, link)
}
