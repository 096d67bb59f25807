//! The service over HTTP: one file a resource, one behaviour a test.
//!
//! Each test has a whole service of its own on a free port, with a database of its own: see [`harness`].

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod harness;
#[path = "../pictures/mod.rs"]
mod pictures;

mod account;
mod admin_audit;
mod admin_images;
mod admin_images_list;
mod admin_panel;
mod admin_tiers;
mod admin_users;
mod admin_users_list;
mod audit_log;
mod backfill;
mod basic;
mod below_a_path;
mod browsable;
mod compression;
mod conventions;
mod cors;
mod csrf;
mod docs;
mod forms;
mod hand_over;
mod heads;
mod hostile_values;
mod idempotency;
mod image_delete;
mod image_detail;
mod image_links;
mod images_list;
mod keys;
mod lane;
mod limits;
mod link_uses;
mod links;
mod location;
mod login;
mod media;
mod metrics;
mod names;
mod openapi;
mod outage;
mod polyglots;
mod postman;
mod proxies;
mod queries;
mod ranges;
mod remake;
mod sendfile;
mod sessions;
mod shutdown;
mod smuggling;
mod staff;
mod throttle;
mod thumbnails;
mod tier_cache;
mod tokens;
mod upkeep;
mod upload;
mod upload_refusals;
mod upload_stream;
