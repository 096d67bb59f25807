//! Hosts, and the origins of pages (RFC 6454, section 4).

use std::{fmt, net::Ipv6Addr, str::FromStr};

use super::Invalid;

/// A host with its port, as `Host` and URLs have it: no user, no path. Upper and lower case are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    name: String,
    port: Option<u16>,
}

impl FromStr for Host {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let end = match text.strip_prefix('[') {
            Some(rest) => rest.find(']').map(|end| end + 2),
            None => text.find(':'),
        };
        let (name, port) = text.split_at(end.unwrap_or(text.len()));
        let port = match port.strip_prefix(':') {
            Some("") => Ok(None),
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().map(Some),
            Some(_) => return Err(no_host()),
            None if port.is_empty() => Ok(None),
            None => return Err(no_host()),
        };
        if !is_name(name) {
            return Err(no_host());
        }
        Ok(Self {
            name: name.to_ascii_lowercase(),
            port: port.map_err(|_| no_host())?,
        })
    }
}

impl Host {
    /// A name or an address, and a port.
    pub fn new(name: &str, port: u16) -> Self {
        Self {
            name: match name.contains(':') {
                true => format!("[{name}]"),
                false => name.to_ascii_lowercase(),
            },
            port: Some(port),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Where a page comes from. It is the same with and without the port that its scheme has unless told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: Host,
}

impl Origin {
    /// The origin of a scheme and a host.
    pub fn new(scheme: &str, mut host: Host) -> Self {
        let scheme = scheme.to_ascii_lowercase();
        if host.port == usual_port(&scheme) {
            host.port = None;
        }
        Self { scheme, host }
    }

    /// The scheme, in lower case.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }
}

impl FromStr for Origin {
    type Err = Invalid;

    /// `scheme://host[:port]`; the scheme may be one of an app's own, such as `capacitor`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (scheme, host) = text.split_once("://").ok_or_else(no_origin)?;
        let letters = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.bytes().all(letters) {
            return Err(no_origin());
        }
        Ok(Self::new(scheme, host.parse().map_err(|_| no_origin())?))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)
    }
}

fn usual_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// A name or an IPv4 address, or an IPv6 address in brackets (RFC 3986, section 3.2.2).
fn is_name(text: &str) -> bool {
    if let Some(v6) = text.strip_prefix('[').and_then(|v6| v6.strip_suffix(']')) {
        return v6.parse::<Ipv6Addr>().is_ok();
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(&b);
    !text.is_empty() && text.bytes().all(allowed)
}

fn no_host() -> Invalid {
    Invalid::because("Write a host as pictures.example.org or 127.0.0.1:8000.")
}

fn no_origin() -> Invalid {
    Invalid::because("Write an origin as https://app.example.org.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Option<String> {
        text.parse().ok().map(|origin: Origin| origin.to_string())
    }

    fn host(text: &str) -> Option<String> {
        text.parse().ok().map(|host: Host| host.to_string())
    }

    #[test]
    fn an_origin_is_the_same_with_its_schemes_usual_port() {
        for (text, same) in [
            ("http://nas.local:80", "http://nas.local"),
            ("HTTPS://Pics.Example.org:443", "https://pics.example.org"),
            ("https://a.example:", "https://a.example"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(origin(text).as_deref(), Some(same), "{text}");
        }
        for text in [
            "http://a:443",
            "https://a:80",
            "http://a:8000",
            "app://a:80",
            "capacitor://localhost",
            "tauri://localhost",
        ] {
            assert_eq!(origin(text).as_deref(), Some(text), "{text}");
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_none() {
        for text in [
            "",
            "null",
            "a.example",
            "https://",
            "https://a/",
            "https://a/b",
            "https://u@a",
            "https://a?b",
            "https://a,https://b",
            "1a://b",
            "https://a:port",
            "https://a:65536",
            "https://ä.example",
        ] {
            assert_eq!(origin(text), None, "{text}");
        }
    }

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        for text in ["a", "a_b.example:8000", "127.0.0.1:80", "[2001:db8::1]:443"] {
            assert_eq!(host(text).as_deref(), Some(text));
        }
        for text in [
            "", ":80", "a b", "a/b", "u@a", "::1", "[::1", "[::1]x", "[a]", "a:-1", "a:+1", "a:b",
            "a\"b", "a:80:80",
        ] {
            assert_eq!(host(text), None, "{text}");
        }
    }
}
