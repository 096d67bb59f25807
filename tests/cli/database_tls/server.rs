//! A PostgreSQL that takes connections by TLS alone, under a certificate of an authority of its own.

use std::{
    fs::{self, Permissions},
    net::TcpListener,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Stdio,
};

use nix::sys::signal::Signal::SIGQUIT;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::harness::{eventually, programs, send};

const PASSWORD: &str = "tls-password";

pub struct TlsServer {
    folder: TempDir,
    port: u16,
    child: Child,
}

impl TlsServer {
    /// Its certificate is for `localhost`, not for `127.0.0.1`.
    pub async fn start() -> Self {
        let (programs, uid, gid) = programs().await;
        let folder = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o711))
            .tempdir()
            .unwrap();
        let path = |name: &str| folder.path().join(name);
        let write = |name: &str, content: String| {
            fs::write(path(name), content).unwrap();
            fs::set_permissions(path(name), Permissions::from_mode(0o600)).unwrap();
            chown(path(name), Some(uid), Some(gid)).unwrap();
        };
        write_authorities(write);
        write("password", PASSWORD.to_owned());
        write(
            "hba.conf",
            "hostssl all all 127.0.0.1/32 scram-sha-256\n".to_owned(),
        );
        fs::create_dir(path("cluster")).unwrap();
        chown(path("cluster"), Some(uid), Some(gid)).unwrap();

        let program = |name: &str| {
            let mut command = Command::new(programs.join(name));
            command
                .current_dir(path("cluster"))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .kill_on_drop(true);
            if nix::unistd::geteuid().is_root() {
                command.uid(uid).gid(gid);
            }
            command
        };
        let made = program("initdb")
            .args(["--no-sync", "--auth=scram-sha-256", "--username=tierpix"])
            .arg(option("--pwfile=", &path("password")))
            .arg(option("--pgdata=", &path("cluster")))
            .status()
            .await
            .unwrap();
        assert!(made.success());
        let port = free_port();
        let child = program("postgres")
            .arg("-D")
            .arg(path("cluster"))
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .args(["-c", &format!("port={port}"), "-c", "ssl=on"])
            .args(["-c", "unix_socket_directories="])
            .arg(option("--ssl_cert_file=", &path("server.pem")))
            .arg(option("--ssl_key_file=", &path("server.key")))
            .arg(option("--hba_file=", &path("hba.conf")))
            .spawn()
            .unwrap();
        // It listens before that, and refuses who comes.
        eventually("the server is ready", async || {
            fs::read_to_string(path("cluster/postmaster.pid")).is_ok_and(|lines| {
                lines
                    .lines()
                    .nth(7)
                    .is_some_and(|line| line.trim() == "ready")
            })
        })
        .await;
        Self {
            folder,
            port,
            child,
        }
    }

    /// For `DATABASE_URL`.
    pub fn url(&self, host: &str, parameters: &str) -> String {
        let port = self.port;
        format!("postgres://tierpix:{PASSWORD}@{host}:{port}/postgres?{parameters}")
    }

    /// The certificate of its authority.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// The certificate of an authority that has nothing to do with it.
    pub fn stranger(&self) -> PathBuf {
        self.folder.path().join("stranger.pem")
    }
}

impl Drop for TlsServer {
    /// At once, and without leaving shared memory behind.
    fn drop(&mut self) {
        send(&self.child, SIGQUIT);
        while matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

fn write_authorities(write: impl Fn(&str, String)) {
    let authority = |name: &str| {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let (ours, stranger) = (authority("ours"), authority("a stranger"));
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let server = params.signed_by(&key, &ours).unwrap();
    write("authority.pem", ours.pem());
    write("stranger.pem", stranger.pem());
    write("server.pem", server.pem());
    write("server.key", key.serialize_pem());
}

fn option(name: &str, path: &Path) -> String {
    format!("{name}{}", path.display())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
