//! Where pictures are kept: the same contract for every place, and what is peculiar to object storage.
//!
//! The S3 server is `s3s-fs`, which `scripts/ensure-s3` installs.

#![cfg(feature = "s3")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../cli/harness/mod.rs"]
mod harness;
#[path = "../pictures/mod.rs"]
mod pictures;

mod checksums;
mod contract;
mod migrate;
mod mistakes;
mod old_server;
mod outage;
mod place;
mod program;
mod redirect;
mod server;
mod transfer;
