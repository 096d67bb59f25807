//! `cargo bench --bench upload`: the CPU time that an upload takes, all of it, for every kind of picture and two sets of heights.
//!
//! Sent over HTTP with a password that was seen before, rendered, stored for good and acknowledged; beside the render alone,
//! and beside a bare Node server with fastify and sharp (`npm install` in `benches/upload/node` first). The three take turns,
//! so that a noisy machine harms all alike. The database's own time is not in it. An argument measures only the kinds that have
//! it in their name.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench that cannot go on ends, and uses a part of the tests' tools"
)]

#[path = "../cpu.rs"]
mod cpu;
#[path = "../drawn/mod.rs"]
mod drawn;
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
const ROUNDS: usize = 5;

/// The CPU time of the reference that a turn takes at least: it is counted in steps of 10 ms.
const TURN: Duration = Duration::from_millis(500);

/// The users, their tiers' heights, and those of the other server.
const USERS: [(&str, &[u32], &str); 2] = [
    ("anna", &[200, 400], "200,400"),
    ("berta", &[250, 500, 1000], "250,500,1000"),
];

#[actix_web::main]
async fn main() {
    let tierpix = Installation::new();
    for (name, _, heights) in USERS {
        let line = format!("tier add of-{name} --heights {heights} --original");
        tierpix.run(&line).await.done();
        tierpix.add_user(name, &format!("of-{name}")).await;
    }
    let service = tierpix.serve().await;
    let node = Node::start();
    if node.is_none() {
        println!("benches/upload/node is not installed: ours alone");
    }
    println!(
        "| picture | bytes | heights | uploaded, ms | rendered alone, ms | sharp's server, ms | ours to it |"
    );
    println!("| --- | ---: | --- | ---: | ---: | ---: | ---: |");
    let asked = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    for (name, file) in pictures() {
        if asked
            .as_ref()
            .is_some_and(|part| !name.contains(part.as_str()))
        {
            continue;
        }
        for (user, heights, query) in USERS {
            let (mut whole, mut alone, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
            // The first turn warms up, and tells how many uploads a turn has.
            let mut uploads = 4;
            for round in 0..=ROUNDS {
                let before = cpu_of(service.id());
                for _ in 0..uploads {
                    upload(&service, user, &file).await;
                }
                let turn = cpu_of(service.id()) - before;
                whole.push(each(turn, uploads));
                let before = cpu_of(std::process::id());
                for _ in 0..uploads {
                    thumbnails(&file, heights);
                }
                alone.push(each(cpu_of(std::process::id()) - before, uploads));
                if let Some(node) = &node {
                    let before = cpu_of(node.id());
                    for _ in 0..uploads {
                        node.upload(&file, query).await;
                    }
                    theirs.push(each(cpu_of(node.id()) - before, uploads));
                }
                if round == 0 {
                    uploads = (TURN.as_secs_f64() * 1000.0 / whole[0].max(1.0))
                        .ceil()
                        .max(4.0) as usize;
                }
            }
            let [whole, alone, theirs] =
                [whole, alone, theirs].map(|turns| median(turns.into_iter().skip(1)));
            println!(
                "| {name} | {} | {query} | {whole:.1} | {alone:.1} | {theirs:.1} | {:.2} |",
                file.len(),
                whole / theirs
            );
        }
    }
    service.stop().await;
}

/// Photographs as JPEG, and every kind of PNG.
fn pictures() -> Vec<(&'static str, Vec<u8>)> {
    let mut pictures = vec![
        ("JPEG, 320 × 240", Jpeg::photo(320, 240).encode()),
        ("JPEG, 2 MP", Jpeg::photo(1632, 1224).encode()),
        ("JPEG, 12 MP", Jpeg::photo(4000, 3000).encode()),
        (
            "JPEG, 12 MP, progressive",
            Jpeg::photo(4000, 3000).progressive().encode(),
        ),
        ("JPEG, 24 MP", Jpeg::photo(6000, 4000).encode()),
        ("PNG, photo", drawn::photo()),
    ];
    pictures.extend(
        drawn::drawings()
            .into_iter()
            .map(|drawing| (drawing.name, drawing.file)),
    );
    pictures
}

/// Milliseconds for each upload of a turn.
fn each(turn: Duration, uploads: usize) -> f64 {
    turn.as_secs_f64() * 1000.0 / uploads as f64
}

async fn upload(service: &Service, user: &str, file: &[u8]) {
    let password = format!("{user}-password");
    let answer = service.upload(user, &password, file.to_owned()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

/// As the service makes them, in this process.
fn thumbnails(file: &[u8], heights: &[u32]) {
    let mut source = Cursor::new(file);
    let limits = Limits {
        max_pixels: 100_000_000,
    };
    let probe = probe(&mut source, &limits).unwrap();
    black_box(render(&mut source, &probe, heights, &Deadline::NEVER).unwrap());
}
