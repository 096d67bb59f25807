//! `tierpix health`.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs},
    os::unix::net::UnixStream,
    time::Duration,
};

use clap::Args;

use super::{CliError, tables};
use crate::config::Bind;

/// How long the service may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// What `HTTP/1.0 200` and a little more take.
const STATUS_LINE: u64 = 64;

/// Asks the service on this machine whether it is ready: for containers that have no other program to ask with.
#[derive(Args)]
pub struct Health {
    /// Address that the service listens on.
    #[arg(
        long,
        env = "TIERPIX_BIND",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8000"
    )]
    bind: Bind,
}

impl Health {
    /// Runs the command.
    pub fn run(self) -> Result<(), CliError> {
        let bind = self.bind;
        let status = status(&bind)
            .map_err(|error| CliError::because(format!("{bind} does not answer: {error}")))?;
        if status.split(' ').nth(1) != Some("200") {
            return Err(CliError::because(format!("{bind} answers {status}")));
        }
        tables::say("The service is ready.")
    }
}

/// The status line of `/readyz`.
fn status(bind: &Bind) -> io::Result<String> {
    match bind {
        Bind::Unix(path) => {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            ask(stream)
        }
        Bind::Tcp { host, port } => {
            let host = host.as_deref().unwrap_or("localhost");
            let mut failed = io::ErrorKind::AddrNotAvailable.into();
            for address in (host, *port).to_socket_addrs()? {
                match TcpStream::connect_timeout(&reachable(address), PATIENCE) {
                    Ok(stream) => {
                        stream.set_read_timeout(Some(PATIENCE))?;
                        return ask(stream);
                    }
                    Err(error) => failed = error,
                }
            }
            Err(failed)
        }
    }
}

fn ask(mut stream: impl Read + Write) -> io::Result<String> {
    write!(stream, "GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut head = Vec::new();
    stream.take(STATUS_LINE).read_to_end(&mut head)?;
    let head = String::from_utf8_lossy(&head);
    Ok(head.lines().next().unwrap_or_default().to_owned())
}

/// Who listens on all addresses listens on the loopback one.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
