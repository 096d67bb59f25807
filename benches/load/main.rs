//! `cargo bench --bench load`: the whole program over HTTP, on a database and a folder of its own.
//!
//! First each kind of request alone, then all of them mixed, by clients that wait for nothing but their answers. The
//! clients and PostgreSQL share the machine with the service; the CPU time is the service's own.
//! `TIERPIX_BENCH_CLIENTS` (8) and `TIERPIX_BENCH_SECONDS` (5, for each line) change the load.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench that cannot go on ends"
)]

#[path = "../cpu.rs"]
mod cpu;
#[path = "../../tests/cli/harness/mod.rs"]
mod harness;
mod measure;
#[path = "../../tests/pictures/mod.rs"]
mod pictures;
mod site;

use std::time::Duration;

use harness::Installation;
use measure::{HEADER, Load};
use site::{Kind, Site};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

#[actix_web::main]
async fn main() {
    let load = Load {
        clients: setting("TIERPIX_BENCH_CLIENTS", 8) as usize,
        time: Duration::from_secs(setting("TIERPIX_BENCH_SECONDS", 5)),
    };
    let tierpix = Installation::new().with("TIERPIX_LOG", "warn");
    let site = Site::open(&tierpix).await;
    println!("{HEADER}");
    for kind in Kind::ALL {
        let row = load.run(&site, |_| kind).await;
        println!("| {kind} {row}");
    }
    let row = load.run(&site, Kind::of_a_mix).await;
    println!("| mixed {row}");
    println!("\nMost memory of the service: {} MB", site.peak_memory_mb());
    site.close().await;
}
