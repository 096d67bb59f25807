//! An S3 server of a test's own, on loopback.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// The bucket that is there from the start.
pub const BUCKET: &str = "pictures";

/// Ends the server when the pipe from us ends, however we end.
const SUPERVISE: &str = r#""$@" & server=$!; read -r _; kill $server; wait $server"#;

/// A server; it ends with this.
pub struct S3Server {
    folder: TempDir,
    address: SocketAddr,
    running: Option<(Child, ChildStdin)>,
}

impl S3Server {
    /// On a free port, with an empty bucket.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut server = Self {
            folder,
            address: free.local_addr().unwrap(),
            running: None,
        };
        drop(free);
        server.start_again();
        server
    }

    /// Where it listens.
    #[allow(dead_code, reason = "not all that include this ask")]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What tells a client of it.
    pub fn variables(&self) -> [(String, String); 4] {
        variables(self.address)
    }

    /// The file in which the server keeps the object of this key.
    pub fn file(&self, key: &str) -> PathBuf {
        self.folder.path().join(BUCKET).join(key)
    }

    /// Stops it; what it keeps stays.
    pub fn stop(&mut self) {
        if let Some((mut child, pipe)) = self.running.take() {
            drop(pipe);
            child.wait().unwrap();
        }
    }

    /// Starts it where it was.
    pub fn start_again(&mut self) {
        let program = program();
        let port = self.address.port().to_string();
        let mut child = Command::new("sh")
            .args(["-c", SUPERVISE, "sh"])
            .arg(&program)
            .args(["--host", "127.0.0.1", "--port", &port])
            .args(["--access-key", "tests", "--secret-key", "not-a-secret"])
            .arg(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pipe = child.stdin.take().unwrap();
        self.running = Some((child, pipe));
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(self.address).is_err() {
            assert!(
                Instant::now() < deadline,
                "{} does not serve",
                program.display()
            );
            std::thread::yield_now();
        }
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What tells a client of a server there.
pub fn variables(address: SocketAddr) -> [(String, String); 4] {
    [
        ("AWS_ENDPOINT_URL", format!("http://{address}")),
        ("AWS_ACCESS_KEY_ID", "tests".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "not-a-secret".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
}

fn program() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_tierpix"))
        .ancestors()
        .nth(2)
        .unwrap();
    let program = target.join("s3s-fs/bin/s3s-fs");
    assert!(
        program.exists(),
        "the tests need an S3 server: run scripts/ensure-s3"
    );
    program
}
