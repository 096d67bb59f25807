//! What proxies tell of the client whose request they forward: `Forwarded` (RFC 7239), else the `X-Forwarded-*` headers.

use std::net::IpAddr;

use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

/// What the trusted proxies in front say of the client.
#[derive(Debug, PartialEq, Eq)]
pub struct Forwarded {
    pub address: IpAddr,
    pub proto: Option<String>,
    pub host: Option<String>,
}

impl Forwarded {
    /// Reads a request that came from a proxy of ours, which has this address.
    ///
    /// Each proxy tells of the one that asked it. From the nearest hop outwards the first that is not ours is the client,
    /// else the last one that is told of. Scheme and host are those that the client asked for; of a hop that does not tell
    /// them they are those of the next one inwards that does.
    pub fn read(headers: &HeaderMap, proxy: IpAddr, trusted: &[IpNet]) -> Self {
        let mut client = Self {
            address: proxy,
            proto: None,
            host: None,
        };
        for hop in hops(headers).into_iter().rev() {
            client.proto = hop.proto.or(client.proto);
            client.host = hop.host.or(client.host);
            // Who it is that hides is known to the one who tells of it alone.
            let Some(address) = hop.address else { break };
            client.address = address;
            if !is_trusted(address, trusted) {
                break;
            }
        }
        client
    }
}

/// Whether an address is a proxy's whose forwarding headers are believed.
pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// A client of one of the proxies.
#[derive(Default)]
struct Hop {
    /// `None` if it hides.
    address: Option<IpAddr>,
    proto: Option<String>,
    host: Option<String>,
}

/// From the outermost inwards.
fn hops(headers: &HeaderMap) -> Vec<Hop> {
    let elements = list(headers, "forwarded");
    if !elements.is_empty() {
        return elements.iter().map(|element| forwarded(element)).collect();
    }
    let addresses = list(headers, "x-forwarded-for");
    let protos = list(headers, "x-forwarded-proto");
    let hosts = list(headers, "x-forwarded-host");
    let count = addresses.len().max(protos.len()).max(hosts.len());
    // What the nearest proxy wrote stands last in each of them; a shorter list is that of the inner proxies.
    let nth_last = |list: &[String], n: usize| list.iter().rev().nth(n).cloned();
    let hop = |n| Hop {
        address: nth_last(&addresses, n).and_then(|text| node(&text)),
        proto: nth_last(&protos, n),
        host: nth_last(&hosts, n),
    };
    (0..count).rev().map(hop).collect()
}

/// An element of `Forwarded`: `for=192.0.2.60;proto=http;host=example.org`.
fn forwarded(element: &str) -> Hop {
    let mut hop = Hop::default();
    for pair in split(element, b';') {
        let Some((name, value)) = pair.split_once('=') else {
            continue;
        };
        let value = unquoted(value.trim());
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.address = node(&value),
            "proto" => hop.proto = Some(value),
            "host" => hop.host = Some(value),
            _ => {}
        }
    }
    hop
}

/// The elements of a header's lists, over all of its lines.
fn list(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(name);
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| split(line, b','))
        .map(|element| element.trim().to_owned())
        .filter(|element| !element.is_empty())
        .collect()
}

/// The parts between separators that stand in no quotes. Quotes are matched from the end: what stands there was written by
/// our own proxies, while a client can begin the line with a quote that it never ends.
fn split(text: &str, separator: u8) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let (mut end, mut quoted) = (text.len(), false);
    for at in (0..bytes.len()).rev() {
        if bytes[at] == b'"' && !is_escaped(&bytes[..at]) {
            quoted = !quoted;
        } else if bytes[at] == separator && !quoted {
            parts.push(&text[at + 1..end]);
            end = at;
        }
    }
    parts.push(&text[..end]);
    parts.reverse();
    parts
}

/// Whether what follows these bytes is escaped by a backslash.
fn is_escaped(before: &[u8]) -> bool {
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count() % 2 == 1
}

/// The text of a quoted string, or of a token as it is.
fn unquoted(value: &str) -> String {
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner else {
        return value.to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        text.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    text
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

    use super::*;

    /// Address, scheme and host of the client, as a proxy with the address 10.0.0.1 tells them.
    fn told(headers: &[(&str, &str)]) -> (String, String, String) {
        let mut request = TestRequest::get();
        for header in headers {
            request = request.append_header(*header);
        }
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let proxy = "10.0.0.1".parse().unwrap();
        let client = Forwarded::read(request.to_http_request().headers(), proxy, &trusted);
        (
            client.address.to_string(),
            client.proto.unwrap_or_default(),
            client.host.unwrap_or_default(),
        )
    }

    fn client(address: &str, proto: &str, host: &str) -> (String, String, String) {
        (address.to_owned(), proto.to_owned(), host.to_owned())
    }

    #[test]
    fn scheme_and_host_are_those_that_the_client_asked_for() {
        let two = "for=203.0.113.9;proto=https;host=pics.example.org, for=10.0.0.5;proto=http;host=inner:8080";
        let expected = client("203.0.113.9", "https", "pics.example.org");
        assert_eq!(told(&[("Forwarded", two)]), expected);
        let lists = [
            ("X-Forwarded-For", "203.0.113.9, 10.0.0.5"),
            ("X-Forwarded-Host", "pics.example.org"),
            ("X-Forwarded-Proto", "https,http"),
        ];
        assert_eq!(told(&lists), expected);
    }

    #[test]
    fn what_a_client_claims_in_front_counts_for_nothing() {
        let lists = [
            ("X-Forwarded-For", "6.6.6.6, 203.0.113.5, 10.1.1.1"),
            ("X-Forwarded-Host", "evil.example, pics.example.org, inner"),
            ("X-Forwarded-Proto", "https, http, http"),
        ];
        let expected = client("203.0.113.5", "http", "pics.example.org");
        assert_eq!(told(&lists), expected);
        let element = "for=6.6.6.6;host=evil.example;proto=https, for=203.0.113.5;host=pics.example.org;proto=http";
        assert_eq!(told(&[("Forwarded", element)]), expected);
    }

    #[test]
    fn a_proxy_that_does_not_tell_is_passed_over() {
        let lists = [
            ("X-Forwarded-For", "203.0.113.9, 10.0.0.5"),
            ("X-Forwarded-Proto", "https"),
        ];
        assert_eq!(told(&lists), client("203.0.113.9", "https", ""));
        let alone = [("X-Forwarded-Proto", "https")];
        assert_eq!(told(&alone), client("10.0.0.1", "https", ""));
    }

    #[test]
    fn a_hidden_hop_ends_what_can_be_believed() {
        let hidden = "for=203.0.113.5;proto=http, for=unknown;proto=https";
        assert_eq!(
            told(&[("Forwarded", hidden)]),
            client("10.0.0.1", "https", "")
        );
        let obfuscated = "for=203.0.113.5, for=_gateway, for=10.2.2.2";
        assert_eq!(
            told(&[("Forwarded", obfuscated)]),
            client("10.2.2.2", "", "")
        );
    }

    #[test]
    fn a_client_within_our_own_networks_is_the_outermost_hop() {
        let lists = [("X-Forwarded-For", "10.5.5.5, 10.0.0.7")];
        assert_eq!(told(&lists), client("10.5.5.5", "", ""));
    }

    #[test]
    fn quotes_are_read_and_a_quote_that_a_client_never_ends_hides_nobody() {
        let quoted = "For=\"[2001:db8::1]:4711\";Proto=https;host=\"pics.example.org:8443\"";
        let expected = client("2001:db8::1", "https", "pics.example.org:8443");
        assert_eq!(told(&[("Forwarded", quoted)]), expected);
        let forged = "for=\"6.6.6.6, for=203.0.113.5;host=\"a,\\\"b\"";
        let expected = client("203.0.113.5", "", "a,\"b");
        assert_eq!(told(&[("Forwarded", forged)]), expected);
    }
}
