//! `cargo bench --bench link`: the CPU time that serving a picture takes, beside nginx that sends the same bytes as files.
//!
//! A thumbnail, a signed link to it and an original of 12 MP, over connections that stay open. Each server has one
//! worker; they take turns, so that a noisy machine harms both alike. `TIERPIX_BENCH_SECONDS` (2) is how long a turn lasts.
//! Without nginx on this machine, ours is measured alone.

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
#[path = "../../tests/pictures/mod.rs"]
mod pictures;

use std::time::Duration;

use clients::Clients;
use cpu::median;
use harness::{Answer, Installation, Service};
use nginx::Nginx;
use pictures::Jpeg;
use serde_json::json;

/// How often each is measured; the median counts.
const ROUNDS: usize = 5;

/// What is asked for.
struct Case {
    name: &'static str,
    /// At our service.
    url: String,
    /// Among nginx's files.
    file: &'static str,
    goal: f64,
}

#[actix_web::main]
async fn main() {
    let seconds = std::env::var("TIERPIX_BENCH_SECONDS").map_or(2, |value| value.parse().unwrap());
    let tierpix = Installation::new().with("TIERPIX_WORKERS", "1");
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
    println!("| request | bytes | nginx, CPU µs | ours, CPU µs | ratio | goal |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let clients = Clients {
        time: Duration::from_secs(seconds),
    };
    for (case, (_, body)) in cases.iter().zip(&files) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(clients.cost(service.id(), &case.url, body.len()));
            if let Some(nginx) = &nginx {
                theirs.push(clients.cost(nginx.id(), &nginx.url(case.file), body.len()));
            }
        }
        let (ours, theirs) = (median(ours), median(theirs));
        println!(
            "| {} | {} | {theirs:.1} | {ours:.1} | {:.2} | {:.1} |",
            case.name,
            body.len(),
            ours / theirs,
            case.goal
        );
    }
    service.stop().await;
}

async fn cases(service: &Service) -> [Case; 3] {
    let answer = service
        .upload("anna", "anna-password", Jpeg::photo(4000, 3000).encode())
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let link = service
        .request("POST", &format!("/api/v1/images/{id}/links/"))
        .basic_auth("anna", Some("anna-password"))
        .json(&json!({ "expiring_time_seconds": 300_000, "size": "200px" }));
    let link = Answer::of(link).await;
    assert_eq!(link.status, 201, "{link:?}");
    let case = |name, url: &str, file, goal| Case {
        name,
        url: url.to_owned(),
        file,
        goal,
    };
    [
        case("thumbnail", &answer.url_of("200px"), "thumbnail.jpg", 2.0),
        case(
            "signed link to it",
            link.json()["expiring_link"].as_str().unwrap(),
            "thumbnail.jpg",
            2.0,
        ),
        case("original", &answer.url_of("original"), "original.jpg", 1.5),
    ]
}
