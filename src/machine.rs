//! What this machine, or the container around us, has.

use std::{fs, thread::available_parallelism};

/// The processor cores that are ours to use.
pub fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// The bytes of memory that are ours to use: the machine's, or what the cgroup allows if that is less.
pub fn memory() -> u64 {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let machine = total(&read("/proc/meminfo"));
    let limits = [
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ];
    let cgroup = limits
        .iter()
        .filter_map(|path| read(path).trim().parse().ok())
        .min();
    // A system that tells neither is taken for a small one.
    machine.into_iter().chain(cgroup).min().unwrap_or(1 << 30)
}

/// `MemTotal` of `/proc/meminfo`, which counts in KiB.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_memory_is_read_from_meminfo() {
        let meminfo = "MemTotal:       24689764 kB\nMemFree:        1 kB\n";
        assert_eq!(total(meminfo), Some(24_689_764 * 1024));
        assert_eq!(total(""), None);
    }

    #[test]
    fn there_is_some_memory() {
        assert!(memory() > 1 << 20);
    }
}
