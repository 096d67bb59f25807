//! `cargo bench --bench upload`: the CPU time that an upload of 12 MP takes, all of it.
//!
//! Sent over HTTP with a password that was seen before, rendered, stored for good and acknowledged; beside the render alone,
//! and beside a bare Node server with fastify and sharp (`npm install` in `benches/upload/node` first). The three take turns,
//! so that a noisy machine harms all alike. The database's own time is not in it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench that cannot go on ends, and uses a part of the tests' tools"
)]

#[path = "../cpu.rs"]
mod cpu;
#[path = "../../tests/cli/harness/mod.rs"]
mod harness;
mod node;
#[path = "../../tests/pictures/mod.rs"]
mod pictures;

use std::{hint::black_box, io::Cursor, time::Duration};

use cpu::{cpu_of, median};
use harness::{Installation, Service};
use node::Node;
use pictures::Jpeg;
use tierpix_imaging::{Deadline, Limits, probe, render};

/// How often each is measured; the median counts.
const ROUNDS: usize = 7;

/// Uploads in a turn.
const UPLOADS: usize = 10;

#[actix_web::main]
async fn main() {
    let tierpix = Installation::new();
    tierpix.add_user("anna", "Enterprise").await;
    let service = tierpix.serve().await;
    let node = Node::start();
    if node.is_none() {
        println!("benches/upload/node is not installed: ours alone");
    }
    let photo = Jpeg::photo(4000, 3000).encode();
    let (mut whole, mut alone, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..=ROUNDS {
        let before = cpu_of(service.id());
        for _ in 0..UPLOADS {
            upload(&service, &photo).await;
        }
        whole.push(each(cpu_of(service.id()) - before));
        let before = cpu_of(std::process::id());
        for _ in 0..UPLOADS {
            thumbnails(&photo);
        }
        alone.push(each(cpu_of(std::process::id()) - before));
        if let Some(node) = &node {
            let before = cpu_of(node.id());
            for _ in 0..UPLOADS {
                node.upload(&photo).await;
            }
            theirs.push(each(cpu_of(node.id()) - before));
        }
    }
    // The first turn warms up.
    let [whole, alone, theirs] =
        [whole, alone, theirs].map(|turns| median(turns.into_iter().skip(1)));
    println!(
        "| a 12 MP JPEG, {} bytes | CPU ms | ours to it | goal |",
        photo.len()
    );
    println!("| --- | ---: | ---: | ---: |");
    println!("| uploaded, all of it | {whole:.1} | | |");
    println!(
        "| rendered alone | {alone:.1} | {:.2} | 1.5 |",
        whole / alone
    );
    println!(
        "| fastify and sharp | {theirs:.1} | {:.2} | 0.7 |",
        whole / theirs
    );
    service.stop().await;
}

/// Milliseconds for each upload of a turn.
fn each(turn: Duration) -> f64 {
    turn.as_secs_f64() * 1000.0 / UPLOADS as f64
}

async fn upload(service: &Service, photo: &[u8]) {
    let answer = service
        .upload("anna", "anna-password", photo.to_owned())
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

/// As the service makes them, in this process.
fn thumbnails(photo: &[u8]) {
    let mut source = Cursor::new(photo);
    let limits = Limits {
        max_pixels: 100_000_000,
    };
    let probe = probe(&mut source, &limits).unwrap();
    black_box(render(&mut source, &probe, &[200, 400], &Deadline::NEVER).unwrap());
}
