//! tierpix: an image upload service with account tiers.
//!
//! This is the library behind the program; `docs/ARCHITECTURE.md` has the whole picture. To read it, follow an upload:
//!
//! 1. [`http::routes`] lists the paths; [`auth::identify`] settles who is asking before a handler runs.
//! 2. The handler, in `http/upload/`, is a list of steps. It looks the tier up in the [`cache`], lets the file stream
//!    into the [`storage`]'s spool, and has [`imaging::probe()`] read the header.
//! 3. It gets a permit from the [`actors::Admission`] and sends the picture to the pool behind
//!    [`actors::Thumbnailer`], which calls [`imaging::render()`].
//! 4. [`actors::LinkSigner`] signs a link ([`signing`]); the files go to the [`storage`]; [`actors::Db`] runs the
//!    [`db::Query`] that commits the rows.
//!
//! [`domain`] has the types that hold the rules, [`error`] what a client is told when one is broken, and [`app`] puts
//! it all together.

pub mod actors;
pub mod admin;
pub mod app;
pub mod auth;
pub mod background;
pub mod backup;
mod blocking;
pub mod cache;
pub mod cli;
pub mod config;
pub mod datadir;
pub mod db;
pub mod domain;
mod durable;
pub mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod http;
pub mod integrity;
pub mod link_uses;
pub mod machine;
pub mod metrics;
pub mod ops;
pub mod reconcile;
pub mod secret;
pub mod service;
pub mod signing;
pub mod site;
pub mod storage;
pub mod telemetry;
pub mod thumbnails;
pub mod tls;
pub mod transfer;

pub use tierpix_imaging as imaging;
