//! The sockets that the service listens on.

use std::{
    fmt, fs,
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs},
    os::unix::{
        fs::{FileTypeExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
};

use super::StartError;
use crate::config::Bind;

/// Sockets that are ours. Taken before anything else is started: a port in use is told at once.
pub struct Listener {
    pub(super) sockets: Vec<Socket>,
    address: Address,
}

pub(super) enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// Where a service listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// The first address, with the port that was picked if 0 was asked for.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

impl Listener {
    /// Listens; clients that connect wait until the service serves.
    pub fn bind(bind: &Bind) -> Result<Self, StartError> {
        let bound = match bind {
            Bind::Tcp { host, port } => tcp(host.as_deref(), *port),
            Bind::Unix(path) => unix(path),
        };
        bound.map_err(|error| StartError::Bind {
            address: bind.to_string(),
            error,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> &Address {
        &self.address
    }
}

/// A name may have several addresses, of which not all have to be this machine's own.
fn tcp(host: Option<&str>, port: u16) -> io::Result<Listener> {
    let addresses: Vec<SocketAddr> = match host {
        Some(host) => (host, port).to_socket_addrs()?.collect(),
        None => vec![(Ipv6Addr::UNSPECIFIED, port).into()],
    };
    let (mut sockets, mut first) = (Vec::new(), None);
    let mut failed = None;
    for mut address in addresses {
        if let Some(SocketAddr::V4(_) | SocketAddr::V6(_)) = first {
            // The same port for all of them, whichever was picked.
            address.set_port(first.map_or(port, |first: SocketAddr| first.port()));
        }
        match TcpListener::bind(address).and_then(|socket| Ok((socket.local_addr()?, socket))) {
            Ok((address, socket)) => {
                first = first.or(Some(address));
                sockets.push(Socket::Tcp(socket));
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(error),
            Err(error) => failed = Some(error),
        }
    }
    if sockets.is_empty() && host.is_none() {
        // A machine without IPv6.
        let socket = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?;
        first = Some(socket.local_addr()?);
        sockets.push(Socket::Tcp(socket));
    }
    match first {
        Some(address) => Ok(Listener {
            sockets,
            address: Address::Tcp(address),
        }),
        None => Err(failed.unwrap_or_else(|| ErrorKind::AddrNotAvailable.into())),
    }
}

/// Everybody on the machine may connect, as to a port on loopback.
fn unix(path: &Path) -> io::Result<Listener> {
    let socket = match UnixListener::bind(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse && is_left_over(path) => {
            fs::remove_file(path)?;
            UnixListener::bind(path)?
        }
        bound => bound?,
    };
    fs::set_permissions(path, fs::Permissions::from_mode(0o666))?;
    Ok(Listener {
        sockets: vec![Socket::Unix(socket)],
        address: Address::Unix(path.to_owned()),
    })
}

/// Whether a socket is one that nobody listens on any more.
fn is_left_over(path: &Path) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    let refused = |error: &io::Error| error.kind() == ErrorKind::ConnectionRefused;
    is_socket
        && UnixStream::connect(path)
            .err()
            .as_ref()
            .is_some_and(refused)
}

impl Address {
    /// As a person on this machine types it.
    pub fn url(&self) -> String {
        match self {
            Self::Tcp(address) if is_local(address.ip()) => {
                format!("http://localhost:{}", address.port())
            }
            Self::Tcp(address) => format!("http://{address}"),
            Self::Unix(path) => format!("unix:{}", path.display()),
        }
    }
}

fn is_local(ip: IpAddr) -> bool {
    ip.is_loopback() || ip.is_unspecified()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind(text: &str) -> Result<Listener, StartError> {
        Listener::bind(&text.parse().unwrap())
    }

    #[test]
    fn a_name_with_several_addresses_is_listened_on_by_one_port() {
        let listener = bind("localhost:0").unwrap();
        let ports: Vec<u16> = listener
            .sockets
            .iter()
            .map(|socket| match socket {
                Socket::Tcp(socket) => socket.local_addr().unwrap().port(),
                Socket::Unix(_) => unreachable!(),
            })
            .collect();
        assert!(
            ports.windows(2).all(|ports| ports[0] == ports[1]),
            "{ports:?}"
        );
        assert!(listener.address().url().starts_with("http://localhost:"));
    }

    #[test]
    fn without_a_host_every_address_is_listened_on() {
        let listener = bind(":0").unwrap();
        let Address::Tcp(address) = listener.address() else {
            panic!()
        };
        std::net::TcpStream::connect(("127.0.0.1", address.port())).unwrap();
    }

    #[test]
    fn a_socket_that_a_killed_service_left_is_taken_over_and_a_used_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.sock");
        let text = format!("unix:{}", path.display());
        let first = bind(&text).unwrap();
        assert!(bind(&text).is_err());
        drop(first);
        assert!(path.exists());
        bind(&text).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "a letter").unwrap();
        assert!(bind(&text).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"a letter");
    }
}
