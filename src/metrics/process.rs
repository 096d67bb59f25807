//! The process, as Linux tells of it; nothing elsewhere.

use std::fs;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};

/// Reads `/proc/self` when the figures are asked for.
#[derive(Debug)]
pub struct ProcessFigures;

impl Collector for ProcessFigures {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        if let Some(bytes) = resident_bytes() {
            let gauge = ConstGauge::new(bytes);
            let (unit, kind) = (Some(&Unit::Bytes), gauge.metric_type());
            let help = "Memory of the process";
            gauge.encode(encoder.encode_descriptor(
                "process_resident_memory",
                help,
                unit,
                kind,
            )?)?;
        }
        if let Some(seconds) = cpu_seconds() {
            let counter = ConstCounter::new(seconds);
            let (unit, kind) = (Some(&Unit::Seconds), counter.metric_type());
            let help = "What the process took of the processor";
            counter.encode(encoder.encode_descriptor("process_cpu", help, unit, kind)?)?;
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            let gauge = ConstGauge::new(i64::try_from(files.count()).unwrap_or(i64::MAX));
            let help = "Files and sockets that are open";
            let kind = gauge.metric_type();
            gauge.encode(encoder.encode_descriptor("process_open_fds", help, None, kind)?)?;
        }
        Ok(())
    }
}

fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// The unit of `/proc/self/stat` on every Linux: user space is always told hundredths (`man 5 proc`).
const TICKS_PER_SECOND: f64 = 100.0;

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses, which may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn linux_tells_of_the_process() {
        assert!(resident_bytes().unwrap() > 1_000_000);
        assert!(cpu_seconds().unwrap() >= 0.0);
    }
}
