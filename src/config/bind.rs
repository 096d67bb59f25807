//! The address that the service listens on.

use std::{fmt, path::PathBuf, str::FromStr};

/// Where to listen, as `TIERPIX_BIND` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bind {
    /// On the addresses of a host; without a host on all addresses of this machine.
    Tcp {
        /// A name or an address.
        host: Option<String>,
        /// 0 picks a free one.
        port: u16,
    },
    /// On a socket in the file system.
    Unix(PathBuf),
}

const HOW_TO_WRITE: &str = "write an address as 127.0.0.1:8000, [::1]:8000, localhost:8000, :8000 or unix:/run/tierpix.sock";

impl FromStr for Bind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.starts_with('/') {
                Ok(Self::Unix(path.into()))
            } else {
                Err(HOW_TO_WRITE.to_owned())
            };
        }
        let (host, port) = text.rsplit_once(':').ok_or(HOW_TO_WRITE)?;
        let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse().ok().filter(|_| is_port).ok_or(HOW_TO_WRITE)?;
        Ok(Self::Tcp {
            host: host_of(host).ok_or(HOW_TO_WRITE)?,
            port,
        })
    }
}

/// The host without the brackets of an IPv6 address; `Some(None)` if there is none.
fn host_of(text: &str) -> Option<Option<String>> {
    if text.is_empty() || text == "*" {
        return Some(None);
    }
    if let Some(address) = text.strip_prefix('[') {
        let address = address.strip_suffix(']')?;
        let _: std::net::Ipv6Addr = address.parse().ok()?;
        return Some(Some(address.to_owned()));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    text.bytes().all(plain).then(|| Some(text.to_owned()))
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host: None, port } => write!(f, ":{port}"),
            Self::Tcp {
                host: Some(host),
                port,
            } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp {
                host: Some(host),
                port,
            } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port_or_a_path() {
        for text in [
            "127.0.0.1:8000",
            "[::1]:0",
            "localhost:80",
            ":8000",
            "unix:/run/t.sock",
        ] {
            assert_eq!(text.parse::<Bind>().unwrap().to_string(), text);
        }
        let all = Bind::Tcp {
            host: None,
            port: 1,
        };
        assert_eq!("*:1".parse(), Ok(all));
        for text in [
            "",
            "8000",
            "localhost",
            "localhost:",
            "localhost:http",
            ":65536",
            ":+1",
            "::1:80",
            "[::g]:80",
            "http://localhost:80",
            "a b:80",
            "unix:",
            "unix:run.sock",
            "127.0.0.1:80/",
        ] {
            assert!(text.parse::<Bind>().is_err(), "{text}");
        }
    }
}
