//! The program as a person runs it: one file a command, one behaviour a test.
//!
//! Each test has an installation of its own: see [`harness`].

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod harness;
#[path = "../pictures/mod.rs"]
mod pictures;

mod backup;
mod backup_command;
mod createsuperuser;
mod database_tls;
mod first_start;
mod health;
mod keys;
mod listening;
mod log;
mod migrate;
mod mistakes;
#[cfg(feature = "otlp")]
mod otlp;
mod owner;
mod places;
#[cfg(target_os = "linux")]
mod prompts;
mod refusals;
mod rolling_upgrade;
mod settings;
mod signals;
mod storage;
mod thumbnails;
mod tier;
mod usage;
mod user;
