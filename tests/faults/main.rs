//! The service when the worst comes: `kill -9`, a database that is away, a disk without room, a clock that jumps, files made
//! to do harm.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../cli/harness/mod.rs"]
mod harness;
#[path = "../pictures/mod.rs"]
mod pictures;

mod backfill;
mod busy;
#[cfg(target_os = "linux")]
mod clients;
#[cfg(target_os = "linux")]
mod clock;
mod copies;
mod database;
#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod fsync;
mod kept;
mod kill;
#[cfg(target_os = "linux")]
mod logins;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod mutations;
mod network;
mod outage;
#[cfg(target_os = "linux")]
mod shim;
