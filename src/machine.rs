//! What this machine, or the container around us, has.

use std::{
    env, fs, io, os::unix::process::CommandExt, process::Command, thread::available_parallelism,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

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

/// Makes the calling thread nicer (nice(2)): of a full core it gets a third at 5 and a tenth at 10, of an idle one all.
/// Elsewhere than on Linux that cannot be said of one thread, and nothing happens.
#[cfg_attr(not(target_os = "linux"), allow(unused_variables))]
pub fn yield_to_others(niceness: i32) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::nice(niceness)?;
    Ok(())
}

/// Allows the process as many open files and sockets as it may have; returns how many. Systems start programs with few,
/// for the sake of those that use `select`.
pub fn open_files() -> io::Result<Option<u64>> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, raised)?;
    Ok(limit.maximum)
}

/// What glibc's allocator is told by the environment, in bytes: blocks of this size are taken from the system one by one
/// and go back to it when they are freed, and so does what is free at the end of a heap. Otherwise both limits grow with
/// the largest block that was ever freed, and a process keeps what a flood of large pictures took.
const ALLOCATOR: [(&str, u32); 2] = [
    ("MALLOC_MMAP_THRESHOLD_", 4 << 20),
    ("MALLOC_TRIM_THRESHOLD_", 8 << 20),
];

/// Makes this process give memory back. The allocator looks at its settings when a program starts, so that the program is
/// started anew in this process, with the same arguments: before threads are, and once. Where an operator has set one, all
/// is left as it is.
///
/// # Errors
/// Where it could not be started anew; it goes on as it is then.
pub fn give_memory_back() -> io::Result<()> {
    if cfg!(not(target_env = "gnu"))
        || ALLOCATOR
            .iter()
            .any(|(name, _)| env::var_os(name).is_some())
    {
        return Ok(());
    }
    let mut arguments = env::args_os();
    let name = arguments.next().unwrap_or_default();
    let settings = ALLOCATOR.map(|(name, bytes)| (name, bytes.to_string()));
    Err(Command::new(env::current_exe()?)
        .arg0(name)
        .args(arguments)
        .envs(settings)
        .exec())
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
