//! What the service tells of itself: the log, what it has counted, and the spans of a request.

pub mod counts;
pub mod log;
pub mod spans;
#[cfg(feature = "otlp")]
mod traces;
#[cfg(not(feature = "otlp"))]
#[path = "telemetry/no_traces.rs"]
mod traces;

use std::{io::IsTerminal, panic, time::Duration};

use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

pub use self::traces::Traces;
use crate::config::{LogFormat, LogSettings};

/// What reads events and spans.
type Reader = Box<dyn Layer<Registry> + Send + Sync>;

/// How long the end of the program waits for the log to be written.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a panic does, which may be a render's and ends nothing then.
const PANIC_PATIENCE: Duration = Duration::from_millis(100);

/// What is told until this is dropped.
#[must_use]
pub struct Telemetry {
    traces: Option<Traces>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        // It may have something to log.
        self.traces = None;
        log::standard_error().flush(PATIENCE);
    }
}

/// Writes the log to standard error from now on, and gives spans to the collector that the environment names until what it
/// returns is dropped. A second call changes nothing.
pub fn start(settings: &LogSettings) -> Telemetry {
    // Each try of a request to a bucket that is away is a line of its own, unless somebody asks for those. Of two that name
    // the same, the later counts.
    let filter = EnvFilter::new(format!("object_store=warn,{}", settings.log.0));
    let lines = fmt::layer()
        .with_writer(log::standard_error())
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
    if registry().with(readers).try_init().is_ok() {
        flush_before_panics();
    }
    traces.tell();
    Telemetry {
        traces: Some(traces),
    }
}

/// What led to a panic stands before it.
fn flush_before_panics() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        log::standard_error().flush(PANIC_PATIENCE);
        tell(panic);
    }));
}
