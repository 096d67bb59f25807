//! tierpix: an image upload service with account tiers.

pub mod actors;
pub mod app;
pub mod auth;
pub mod cache;
pub mod cli;
pub mod config;
pub mod datadir;
pub mod db;
pub mod domain;
pub mod error;
pub mod http;
pub mod imaging;
pub mod machine;
pub mod secret;
pub mod service;
pub mod signing;
pub mod storage;
pub mod telemetry;
pub mod thumbnails;
