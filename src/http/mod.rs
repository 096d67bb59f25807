//! The REST API and the pages around it: one file a resource.

mod account;
mod admin;
mod body;
pub mod browsable;
pub mod client;
pub mod compress;
mod conditional;
pub mod cors;
mod deliver;
mod docs;
mod health;
mod home;
mod image_links;
pub(crate) mod images;
mod links;
pub(crate) mod login;
mod media;
mod negotiate;
pub mod openapi;
pub(crate) mod pages;
pub(crate) mod paging;
mod range;
pub mod request_log;
pub mod routes;
pub mod security_headers;
mod tokens;
pub(crate) mod upload;
