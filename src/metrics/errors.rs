//! Errors and refusals, by their codes.

use std::sync::Arc;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter},
};

use crate::telemetry::counts::Counts;

/// Reads what was counted when the figures are asked for.
#[derive(Debug)]
pub struct ErrorFigures(pub Arc<Counts>);

impl Collector for ErrorFigures {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let help = "Answers that are errors, by their code";
        let mut family =
            encoder.encode_descriptor("http_refusals", help, None, MetricType::Counter)?;
        for (kind, count) in self.0.errors() {
            let labels = [
                ("code", kind.code.to_owned()),
                ("status", kind.status.to_string()),
            ];
            ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
