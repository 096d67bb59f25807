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
use tempfile::TempDir;

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

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub fn url(&self, file: &str) -> String {
        format!("http://127.0.0.1:{}/{file}", self.port)
    }
}

/// One process, with the log that ours writes too.
fn configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        "daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
         events {{ worker_connections 64; }}
         http {{
             access_log {folder}/access.log;
             types {{ image/jpeg jpg; }}
             sendfile on; tcp_nopush on;
             keepalive_requests 1000000000;
             server {{ listen 127.0.0.1:{port}; root {folder}; }}
         }}"
    )
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
