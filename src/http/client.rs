//! Who is at the other end, and under which address it reached us.

mod forwarding;
mod proxy_faults;

use std::net::{IpAddr, Ipv4Addr};

use actix_web::{HttpRequest, dev::RequestHead, http::header};

use crate::{
    auth::{Network, cookie::CookieScope},
    config::{Bind, HttpSettings},
    domain::origin::{Host, Origin},
};
use forwarding::{Forwarded, is_trusted};
pub use proxy_faults::ProxyFaults;

/// The client as far as it can be believed: what proxies forward counts only from trusted ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    address: IpAddr,
    cookies: CookieScope,
    /// As the client wrote it.
    host: Host,
}

impl Client {
    /// Reads a request.
    pub fn of(request: &RequestHead, settings: &HttpSettings) -> Self {
        let peer = request
            .peer_addr
            .map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip());
        let mut client = Self {
            address: peer.to_canonical(),
            cookies: CookieScope {
                secure: false,
                below: settings.base_path().to_owned(),
            },
            host: host(request).unwrap_or_else(|| own_host(&settings.bind)),
        };
        let trusted = &settings.trusted_proxies;
        if is_trusted(client.address, trusted) {
            let said = Forwarded::read(&request.headers, client.address, trusted);
            client = client.forwarded(said);
        }
        // Under the public address it came the public way, whether or not the proxy says so.
        let public = settings.public_url.as_ref().map(|url| url.origin());
        client.cookies.secure |= public.is_some_and(|public| {
            public.scheme() == "https" && *public == Origin::new("https", client.host.clone())
        });
        client
    }

    /// As [`Client::of`], for a request whose sender is about to be identified: what its address and scheme are counts there.
    pub fn identified(
        request: &HttpRequest,
        settings: &HttpSettings,
        faults: &ProxyFaults,
    ) -> Self {
        let client = Self::of(request.head(), settings);
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        if let Some(peer) = peer.filter(|&peer| !is_trusted(peer, &settings.trusted_proxies)) {
            faults.look_at(request, peer);
        }
        client
    }

    /// What the trusted proxies in front say instead.
    fn forwarded(mut self, said: Forwarded) -> Self {
        self.address = said.address;
        self.cookies.secure = said
            .proto
            .is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
        if let Some(host) = said.host.and_then(|host| host.parse().ok()) {
            self.host = host;
        }
        self
    }

    /// The network that its failures count for.
    pub fn network(&self) -> Network {
        self.address.into()
    }

    /// Its address.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Where the cookies count that it gets; over https, if it came over that.
    pub fn cookies(&self) -> &CookieScope {
        &self.cookies
    }

    /// The base of absolute URLs for it, without a slash at its end.
    pub fn base_url(&self, settings: &HttpSettings) -> String {
        match &settings.public_url {
            Some(url) => url.as_str().to_owned(),
            None => self.origin().to_string(),
        }
    }

    fn origin(&self) -> Origin {
        let scheme = if self.cookies.secure { "https" } else { "http" };
        Origin::new(scheme, self.host.clone())
    }

    /// The origins that are this site's: of the public URL and of the request.
    pub fn own_origins(&self, settings: &HttpSettings) -> Vec<Origin> {
        let public = settings.public_url.as_ref().map(|url| url.origin().clone());
        public.into_iter().chain([self.origin()]).collect()
    }
}

/// Whether a request comes from a proxy that is trusted.
pub fn comes_from_proxy(request: &RequestHead, settings: &HttpSettings) -> bool {
    let peer = request.peer_addr.map(|peer| peer.ip().to_canonical());
    peer.is_some_and(|peer| is_trusted(peer, &settings.trusted_proxies))
}

/// Of a request that names no host (HTTP/1.0): where we listen.
fn own_host(bind: &Bind) -> Host {
    match bind {
        Bind::Tcp { host, port } => Host::new(host.as_deref().unwrap_or("localhost"), *port),
        Bind::Unix(_) => Host::new("localhost", 80),
    }
}

/// The host of an absolute target, else that of the header (RFC 9112, section 3.2.2).
fn host(request: &RequestHead) -> Option<Host> {
    if let Some(authority) = request.uri.authority() {
        return authority.as_str().parse().ok();
    }
    let host = request.headers.get(header::HOST)?;
    host.to_str().ok()?.parse().ok()
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
        Client::of(request.to_http_request().head(), &settings(arguments))
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
        assert_eq!(client.origin().to_string(), "http://pics.example.org");
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
        assert_eq!(client.origin().to_string(), "https://pics.example.org");
    }

    #[test]
    fn a_host_that_is_none_does_not_reach_our_urls() {
        for host in ["a/b", "user@host", "a b", ""] {
            let client = client("203.0.113.5", &[("Host", host)], &[]);
            assert_eq!(client.host.to_string(), "127.0.0.1:8000", "{host}");
        }
    }

    #[test]
    fn the_host_of_an_absolute_target_counts() {
        let request = TestRequest::with_uri("http://pics.example.org/a");
        let request = request.insert_header(("Host", "evil.example"));
        let client = Client::of(request.to_http_request().head(), &settings(&[]));
        assert_eq!(client.host.to_string(), "pics.example.org");
    }

    #[test]
    fn what_comes_under_an_https_public_url_is_secure() {
        let secure = |host| {
            client(
                "203.0.113.5",
                &[("Host", host)],
                &["--public-url", "https://pics.example.org/a"],
            )
            .cookies
            .secure
        };
        assert!(secure("pics.example.org"));
        assert!(secure("Pics.example.org:443"));
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
        let own = client.own_origins(&settings);
        let own: Vec<_> = own.iter().map(Origin::to_string).collect();
        assert_eq!(own, ["https://pics.example.org", "http://inside:1"]);
    }
}
