//! `cargo bench --bench abuse`: a service that is asked for more than it can do, and one whose passwords are guessed.
//!
//! `TIERPIX_BENCH_SECONDS` (5) is how long each load lasts, `TIERPIX_BENCH_TURNS` (4) how often each takes its turn. The
//! clients share the machine with the service and its database;
//! `TIERPIX_BENCH_CORES=0 taskset -c 1 cargo bench --bench abuse` gives each a core of its own (on Linux).

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
mod login;
mod overload;
mod percentile;
#[path = "../../tests/pictures/mod.rs"]
mod pictures;
#[path = "../load/site.rs"]
mod site;

use std::time::Duration;

#[actix_web::main]
async fn main() {
    let seconds = harness::from_environment("TIERPIX_BENCH_SECONDS", 5);
    overload::run(Duration::from_secs(seconds)).await;
    login::run().await;
}
