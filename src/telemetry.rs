//! What the service tells of itself: the log, what it has counted, and the spans of a request.

pub mod counts;
pub mod spans;
#[cfg(feature = "otlp")]
mod traces;
#[cfg(not(feature = "otlp"))]
#[path = "telemetry/no_traces.rs"]
mod traces;

use std::io::IsTerminal;

use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

pub use self::traces::Traces;
use crate::config::{LogFormat, LogSettings};

/// What reads events and spans.
type Reader = Box<dyn Layer<Registry> + Send + Sync>;

/// Writes the log to standard error from now on, and gives spans to the collector that the environment names until what it
/// returns is dropped. A second call changes nothing.
pub fn start(settings: &LogSettings) -> Traces {
    // Each try of a request to a bucket that is away is a line of its own, unless somebody asks for those. Of two that name
    // the same, the later counts.
    let filter = EnvFilter::new(format!("object_store=warn,{}", settings.log.0));
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        // They would go to standard error as well, and panic if that is lost.
        .log_internal_errors(false);
    let lines: Reader = match settings.log_format {
        LogFormat::Text => lines.compact().with_filter(filter).boxed(),
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true);
            lines.with_filter(filter).boxed()
        }
    };
    let traces = Traces::from_environment();
    let mut readers = vec![lines];
    readers.extend(traces.reader());
    // Fails if a log is being written already, as when a test starts a second service.
    let _ = registry().with(readers).try_init();
    traces.tell();
    traces
}
