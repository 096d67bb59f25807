//! The REST API and the pages around it: one file a resource.

pub mod client;
mod conditional;
mod deliver;
mod health;
mod home;
mod images;
mod links;
mod login;
mod media;
mod negotiate;
mod pages;
mod range;
pub mod request_log;
pub mod routes;
pub mod security_headers;
mod upload;
