//! Two nodes on one database and one bucket, which is on the S3 server that `scripts/ensure-s3` installs.

#![cfg(feature = "s3")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../cli/harness/mod.rs"]
mod harness;
#[path = "../faults/kept.rs"]
mod kept;
#[path = "../pictures/mod.rs"]
mod pictures;
#[path = "../storage/server.rs"]
mod server;

mod cluster;
mod disturbances;
mod endurance;
mod load;
mod people;
mod shared;
mod site;
