//! The pool of connections to the database.

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
    registry::Unit,
};

use crate::db::Database;

/// Reads the figures of the pool when they are asked for.
#[derive(Debug)]
pub struct DatabaseFigures(pub Database);

impl Collector for DatabaseFigures {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let status = self.0.status();
        let mut gauge = |name: &str, help: &str, unit: Option<&Unit>, value: i64| {
            let gauge = ConstGauge::new(value);
            let metric = encoder.encode_descriptor(name, help, unit, gauge.metric_type())?;
            gauge.encode(metric)
        };
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        gauge(
            "database_connections",
            "Connections that are open",
            None,
            number(status.size),
        )?;
        gauge(
            "database_connections_idle",
            "Connections that nobody uses",
            None,
            number(status.available),
        )?;
        gauge(
            "database_connections_max",
            "Connections that may be open",
            None,
            number(status.max_size),
        )?;
        gauge(
            "database_waiting",
            "Queries that wait for a connection",
            None,
            number(status.waiting),
        )
    }
}
