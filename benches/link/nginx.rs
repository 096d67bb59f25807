//! An nginx of the bench's own, on loopback.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, Uid},
};
use tempfile::TempDir;

use crate::cpu::{children_of, cpu_of};

pub struct Nginx {
    port: u16,
    process: Child,
    _folder: TempDir,
}

impl Nginx {
    /// Sends these files; `None` if there is no nginx on this machine.
    pub fn serving(files: &[(&str, Bytes)]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let path = folder.path().join("nginx.conf");
        fs::write(&path, configuration(folder.path(), port)).unwrap();
        let process = Command::new("nginx").arg("-c").arg(&path).spawn().ok()?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "nginx does not serve");
            thread::yield_now();
        }
        Some(Self {
            port,
            process,
            _folder: folder,
        })
    }

    /// The CPU time of all of its workers.
    pub fn cpu(&self) -> Duration {
        children_of(self.process.id()).into_iter().map(cpu_of).sum()
    }

    pub fn url(&self, file: &str) -> String {
        format!("http://127.0.0.1:{}/{file}", self.port)
    }
}

/// At its best: two workers, files kept open, and no log of requests, which ours writes.
fn configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    let user = match Uid::effective().is_root() {
        // The folder is nobody else's to read.
        true => "user root;",
        false => "",
    };
    format!(
        "daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log; {user}
         events {{ worker_connections 64; }}
         http {{
             access_log off;
             types {{ image/jpeg jpg; }}
             sendfile on; tcp_nopush on;
             open_file_cache max=1000;
             keepalive_requests 1000000000;
             server {{ listen 127.0.0.1:{port}; root {folder}; }}
         }}"
    )
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It ends its workers, which SIGKILL would leave.
        let _ = kill(
            Pid::from_raw(self.process.id().cast_signed()),
            Signal::SIGTERM,
        );
        let _ = self.process.wait();
    }
}
