//! What the service tells of itself: the log, and what it has counted.

pub mod counts;

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{LogFormat, LogSettings};

/// Writes the log to standard error from now on. A second call changes nothing.
pub fn start(settings: &LogSettings) {
    // Each try of a request to a bucket that is away is a line of its own, unless somebody asks for those. Of two that name
    // the same, the later counts.
    let filter = EnvFilter::new(format!("object_store=warn,{}", settings.log.0));
    let registry = tracing_subscriber::registry().with(filter);
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    // Fails if a log is being written already, as when a test starts a second service.
    let _ = match settings.log_format {
        LogFormat::Text => registry.with(lines.compact()).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    };
}
