//! The settings that the server is started with; all others are `postgresql.conf`'s.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::place::{Place, quoted};

/// The number in the socket's name; no TCP port is opened.
pub(super) const PORT: u16 = 5432;

const ALWAYS: &[&str] = &[
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_destination=stderr",
    "logging_collector=off",
    // The server's own troubles only: what a client did wrong is for the client's log. Nothing that
    // comes with each request makes the file longer.
    "log_min_messages=log",
    "log_checkpoints=off",
    // In the cluster: files in /dev/shm go when the account's last session ends (RemoveIPC of logind.conf(5)).
    "dynamic_shared_memory_type=mmap",
    // Costs more than it gains on statements that take a millisecond.
    "jit=off",
];

const KEPT: &[&str] = &[
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "max_connections=60",
    "shared_buffers=64MB",
];

const SCRATCH: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    // Many tests at once, each with a pool.
    "max_connections=200",
    "shared_buffers=64MB",
    // Its workers would hold a template database while a test copies it.
    "autovacuum=off",
];

/// The options of `postgres`.
pub(super) fn options(place: &Place) -> Vec<OsString> {
    let mut socket = b"unix_socket_directories=".to_vec();
    socket.extend(quoted(&place.socket));
    let durability = if place.scratch { SCRATCH } else { KEPT };
    ALWAYS
        .iter()
        .chain(durability)
        .map(OsString::from)
        .chain([OsString::from_vec(socket)])
        .flat_map(|setting| [OsString::from("-c"), setting])
        .collect()
}
