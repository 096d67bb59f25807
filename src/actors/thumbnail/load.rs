//! How busy the pool is.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
    registry::Unit,
};

use super::Admission;

/// What renders take of what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Threads that render.
    pub threads: usize,
    /// Those of them that have work.
    pub busy: usize,
    /// Renders that wait for a thread or for memory.
    pub waiting: usize,
    /// Bytes that all renders share.
    pub memory: u64,
    /// Bytes of it that are taken.
    pub memory_taken: u64,
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load().fmt(f)
    }
}

impl Collector for Admission {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let load = self.load();
        let figures = [
            (
                "render_threads",
                "Threads that render",
                None,
                load.threads as u64,
            ),
            (
                "render_threads_busy",
                "Threads that have work",
                None,
                load.busy as u64,
            ),
            (
                "render_waiting",
                "Requests that wait for a thread or memory",
                None,
                load.waiting as u64,
            ),
            (
                "render_memory",
                "Memory that renders share",
                Some(&Unit::Bytes),
                load.memory,
            ),
            (
                "render_memory_granted",
                "Memory that renders were granted",
                Some(&Unit::Bytes),
                load.memory_taken,
            ),
        ];
        for (name, help, unit, value) in figures {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
