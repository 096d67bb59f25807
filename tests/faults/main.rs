//! The service when the worst comes: `kill -9`, of the service and of its database; files made to do harm.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../cli/harness/mod.rs"]
mod harness;
#[path = "../pictures/mod.rs"]
mod pictures;

mod backfill;
mod database;
mod kill;
#[cfg(target_os = "linux")]
mod mutations;
mod network;
mod outage;
