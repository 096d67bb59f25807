//! The thumbnail pool.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::actors::{Overloaded, RenderError};
use crate::imaging::{ImageError, Thumbnail};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// Measures renders.
#[derive(Clone)]
pub struct Renders {
    outcomes: Family<Outcome, Counter>,
    seconds: Histogram,
    pixels: Counter,
    bytes: Counter,
}

impl Default for Renders {
    fn default() -> Self {
        Self {
            outcomes: Family::default(),
            seconds: super::seconds(),
            pixels: Counter::default(),
            bytes: Counter::default(),
        }
    }
}

impl Renders {
    /// Adds what is measured.
    pub fn register(&self, registry: &mut Registry) {
        for outcome in ["done", "damaged", "timed_out", "panicked"] {
            drop(self.outcomes.get_or_create(&Outcome { outcome }));
        }
        registry.register(
            "renders",
            "Pictures that were rendered",
            self.outcomes.clone(),
        );
        registry.register_with_unit(
            "render_duration",
            "What a render took of a thread",
            Unit::Seconds,
            self.seconds.clone(),
        );
        registry.register(
            "render_pixels",
            "Pixels of the originals that were rendered",
            self.pixels.clone(),
        );
        registry.register_with_unit(
            "render_output",
            "Bytes of the thumbnails that were made",
            Unit::Bytes,
            self.bytes.clone(),
        );
    }

    /// Measures one.
    pub fn measure(
        &self,
        result: &Result<Vec<Thumbnail>, RenderError>,
        pixels: u64,
        took: Duration,
    ) {
        let outcome = match result {
            Ok(thumbnails) => {
                let bytes = thumbnails.iter().map(|one| one.bytes.len() as u64).sum();
                self.bytes.inc_by(bytes);
                "done"
            }
            Err(RenderError::Image(ImageError::TimedOut)) => "timed_out",
            Err(RenderError::Image(_)) => "damaged",
            Err(RenderError::Panicked(_) | RenderError::Incomplete | RenderError::Gone) => {
                "panicked"
            }
        };
        self.outcomes.get_or_create(&Outcome { outcome }).inc();
        self.pixels.inc_by(pixels);
        self.seconds.observe(took.as_secs_f64());
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Cause {
    cause: &'static str,
}

/// Measures how long requests wait for a thread and memory, and counts those that waited in vain.
#[derive(Clone)]
pub struct Waits {
    seconds: Histogram,
    refused: Family<Cause, Counter>,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            seconds: super::seconds(),
            refused: Family::default(),
        }
    }
}

impl Waits {
    /// Adds what is measured.
    pub fn register(&self, registry: &mut Registry) {
        for cause in ["busy", "too_large"] {
            drop(self.refused.get_or_create(&Cause { cause }));
        }
        registry.register_with_unit(
            "render_wait",
            "What requests waited for a render thread and memory",
            Unit::Seconds,
            self.seconds.clone(),
        );
        registry.register(
            "renders_refused",
            "Renders that were not admitted",
            self.refused.clone(),
        );
    }

    /// Measures one.
    pub fn measure<T>(&self, result: &Result<T, Overloaded>, waited: Duration) {
        let cause = match result {
            Ok(_) => return self.seconds.observe(waited.as_secs_f64()),
            Err(Overloaded::Busy) => "busy",
            Err(Overloaded::TooLarge { .. }) => "too_large",
        };
        self.refused.get_or_create(&Cause { cause }).inc();
    }
}
