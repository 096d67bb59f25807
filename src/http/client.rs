//! Who is at the other end, and under which address it reached us.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::{
    HttpRequest,
    http::{header, uri::Authority},
};
use ipnet::IpNet;

use crate::{auth::Network, config::HttpSettings};

/// The client as far as it can be believed: what proxies forward counts only from trusted ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    address: IpAddr,
    secure: bool,
    /// `host[:port]` as the client wrote it.
    host: String,
}

impl Client {
    /// Reads a request.
    pub fn of(request: &HttpRequest, settings: &HttpSettings) -> Self {
        let peer = request
            .peer_addr()
            .map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip());
        let host = request
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .or_else(|| request.uri().authority().map(Authority::as_str));
        let direct = Self {
            address: peer.to_canonical(),
            secure: false,
            host: valid_host(host).unwrap_or_else(|| settings.bind.to_string()),
        };
        let mut client = if is_trusted(direct.address, &settings.trusted_proxies) {
            direct.forwarded(request, &settings.trusted_proxies)
        } else {
            direct
        };
        // Under the public address it came the public way, whether or not the proxy says so.
        let public = settings
            .public_url
            .as_ref()
            .and_then(|url| url.as_str().strip_prefix("https://"));
        client.secure |=
            public.is_some_and(|public| public.split('/').next() == Some(&client.host));
        client
    }

    /// What the trusted proxies in front say instead.
    fn forwarded(self, request: &HttpRequest, trusted: &[IpNet]) -> Self {
        let said = Forwarding::read(request);
        // From the nearest hop outwards, the first that is not ours is the client.
        let client = said
            .hops
            .iter()
            .rev()
            .map_while(|hop| *hop)
            .find(|hop| !is_trusted(*hop, trusted));
        Self {
            address: client.unwrap_or(self.address),
            secure: said
                .proto
                .map_or(self.secure, |proto| proto.eq_ignore_ascii_case("https")),
            host: valid_host(said.host.as_deref()).unwrap_or(self.host),
        }
    }

    /// The network that its failures count for.
    pub fn network(&self) -> Network {
        self.address.into()
    }

    /// Its address.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Whether it came over https.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The base of absolute URLs for it, without a slash at its end.
    pub fn base_url(&self, settings: &HttpSettings) -> String {
        match &settings.public_url {
            Some(url) => url.as_str().to_owned(),
            None => self.origin(),
        }
    }

    fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.host)
    }

    /// The origins that are this site's: of the public URL and of the request.
    pub fn own_origins(&self, settings: &HttpSettings) -> Vec<String> {
        let public = settings.public_url.as_ref().map(|url| {
            // Scheme, two slashes and authority: a path is no part of an origin.
            url.as_str()
                .splitn(4, '/')
                .take(3)
                .collect::<Vec<_>>()
                .join("/")
        });
        public.into_iter().chain([self.origin()]).collect()
    }
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// A host goes into URLs that we hand out: it must be one.
fn valid_host(host: Option<&str>) -> Option<String> {
    let authority: Authority = host?.parse().ok()?;
    let plain = !authority.as_str().contains('@') && !authority.host().is_empty();
    plain.then(|| authority.as_str().to_owned())
}

/// What forwarding headers say.
#[derive(Default)]
struct Forwarding {
    /// The addresses from the client inwards; `None` for one that hides itself.
    hops: Vec<Option<IpAddr>>,
    /// As the nearest proxy says.
    proto: Option<String>,
    host: Option<String>,
}

impl Forwarding {
    /// `Forwarded` (RFC 7239) where it is, else the `X-Forwarded-*` headers.
    fn read(request: &HttpRequest) -> Self {
        let elements = list(request, "forwarded");
        if elements.is_empty() {
            return Self {
                hops: list(request, "x-forwarded-for")
                    .iter()
                    .map(|hop| node(hop))
                    .collect(),
                proto: list(request, "x-forwarded-proto").pop(),
                host: list(request, "x-forwarded-host").pop(),
            };
        }
        let mut said = Self::default();
        for element in elements {
            let mut hop = None;
            for pair in element.split(';') {
                let Some((name, value)) = pair.split_once('=') else {
                    continue;
                };
                let value = value.trim().trim_matches('"');
                match name.trim().to_ascii_lowercase().as_str() {
                    "for" => hop = node(value),
                    "proto" => said.proto = Some(value.to_owned()),
                    "host" => said.host = Some(value.to_owned()),
                    _ => {}
                }
            }
            said.hops.push(hop);
        }
        said
    }
}

/// The elements of a header's lists, over all of its lines.
fn list(request: &HttpRequest, name: &str) -> Vec<String> {
    request
        .headers()
        .get_all(name)
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|element| element.trim().to_owned())
        .filter(|element| !element.is_empty())
        .collect()
}

/// An address with or without a port, IPv6 in brackets if with one (RFC 7239, section 6).
fn node(text: &str) -> Option<IpAddr> {
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let address = match bracketed {
        Some((v6, _port)) => v6.parse().ok(),
        None => text
            .parse()
            .ok()
            .or_else(|| text.split_once(':')?.0.parse().ok()),
    };
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use clap::{Args, FromArgMatches};

    use super::*;

    fn settings(arguments: &[&str]) -> HttpSettings {
        let command = HttpSettings::augment_args(clap::Command::new("test"));
        let arguments = ["test"].iter().chain(arguments);
        HttpSettings::from_arg_matches(&command.get_matches_from(arguments)).unwrap()
    }

    fn client(peer: &str, headers: &[(&str, &str)], arguments: &[&str]) -> Client {
        let mut request = TestRequest::get().peer_addr(format!("{peer}:1234").parse().unwrap());
        for header in headers {
            request = request.append_header(*header);
        }
        Client::of(&request.to_http_request(), &settings(arguments))
    }

    const TRUST: &[&str] = &["--trusted-proxies", "10.0.0.0/8"];

    #[test]
    fn forwarding_headers_of_strangers_are_not_believed() {
        let headers = [
            ("Host", "pics.example.org"),
            ("X-Forwarded-For", "1.2.3.4"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "evil.example"),
            ("Forwarded", "for=1.2.3.4;host=evil.example;proto=https"),
        ];
        let client = client("203.0.113.5", &headers, TRUST);
        assert_eq!(client.address, "203.0.113.5".parse::<IpAddr>().unwrap());
        assert_eq!(client.origin(), "http://pics.example.org");
    }

    #[test]
    fn a_trusted_proxy_tells_who_the_client_is() {
        let headers = [
            ("Host", "backend:8000"),
            ("X-Forwarded-For", "6.6.6.6, 203.0.113.5, 10.1.1.1"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "pics.example.org"),
        ];
        let client = client("10.0.0.1", &headers, TRUST);
        // 6.6.6.6 is what the client itself wrote.
        assert_eq!(client.address, "203.0.113.5".parse::<IpAddr>().unwrap());
        assert_eq!(client.origin(), "https://pics.example.org");
    }

    #[test]
    fn the_forwarded_header_is_read_in_every_spelling() {
        let headers = [
            ("Host", "backend"),
            (
                "Forwarded",
                "For=\"[2001:db8::1]:4711\";Proto=https;host=pics.example.org",
            ),
            ("Forwarded", "for=10.2.2.2:80"),
        ];
        let client = client("10.0.0.1", &headers, TRUST);
        assert_eq!(client.address, "2001:db8::1".parse::<IpAddr>().unwrap());
        assert_eq!(client.origin(), "https://pics.example.org");
    }

    #[test]
    fn a_hidden_hop_ends_what_can_be_believed() {
        let headers = [("Forwarded", "for=203.0.113.5, for=unknown")];
        let client = client("10.0.0.1", &headers, TRUST);
        assert_eq!(client.address, "10.0.0.1".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn a_host_that_is_none_does_not_reach_our_urls() {
        for host in ["a/b", "user@host", "a b", ""] {
            let client = client("203.0.113.5", &[("Host", host)], &[]);
            assert_eq!(client.host, "127.0.0.1:8000", "{host}");
        }
    }

    #[test]
    fn what_comes_under_an_https_public_url_is_secure() {
        let secure = |host| {
            client(
                "203.0.113.5",
                &[("Host", host)],
                &["--public-url", "https://pics.example.org/a"],
            )
            .secure
        };
        assert!(secure("pics.example.org"));
        assert!(!secure("localhost:8000"));
    }

    #[test]
    fn a_public_url_is_the_base_and_its_origin_is_ours() {
        let settings = settings(&["--public-url", "https://pics.example.org/shared"]);
        let client = client("203.0.113.5", &[("Host", "inside:1")], &[]);
        assert_eq!(
            client.base_url(&settings),
            "https://pics.example.org/shared"
        );
        assert_eq!(
            client.own_origins(&settings),
            ["https://pics.example.org", "http://inside:1"]
        );
    }
}
