//! What the service counts and measures, for Prometheus.
//!
//! Each part counts for itself and registers what it counts; names follow Prometheus' conventions. A node tells of
//! itself alone, since its start.

mod damage;
mod database;
mod errors;
mod links;
mod logins;
mod process;
mod renders;
mod requests;
mod storage;

use std::fmt;

use prometheus_client::{
    encoding::text,
    metrics::{histogram::Histogram, info::Info},
    registry::Registry,
};

pub use damage::Damage;
pub use database::DatabaseFigures;
pub use errors::ErrorFigures;
pub use links::{LinkOpenings, Opening};
pub use logins::Logins;
pub use process::ProcessFigures;
pub use renders::{Renders, Waits};
pub use requests::Requests;
pub use storage::StorageFigures;

/// The media type of what [`encode`] writes (OpenMetrics 1.0, which Prometheus reads).
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A registry with the version of the program.
pub fn registry() -> Registry {
    let mut registry = Registry::with_prefix("tierpix");
    registry.register(
        "build",
        "The program that runs",
        Info::new([("version", env!("CARGO_PKG_VERSION"))]),
    );
    registry
}

/// All figures of this moment.
pub fn encode(registry: &Registry) -> Result<String, fmt::Error> {
    let mut text = String::new();
    text::encode(&mut text, registry)?;
    Ok(text)
}

/// From a millisecond to half a minute.
fn seconds() -> Histogram {
    Histogram::new([
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    ])
}
