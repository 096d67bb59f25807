//! The values of settings: checked when they are read, so that a command with a wrong one does not begin.

use std::{
    net::{IpAddr, SocketAddr},
    num::{NonZeroU64, NonZeroUsize},
    str::FromStr,
    time::Duration,
};

use ipnet::IpNet;
use tracing_subscriber::filter::LevelFilter;

use super::byte_size::positive_byte_size;
use crate::{
    domain::{Invalid, origin::Origin},
    secret::SecretKey,
};

/// A filter of the log that was checked.
#[derive(Clone, Debug)]
pub struct LogFilter(pub String);

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("write error, warn, info, debug, trace or off".to_owned());
        }
        // A word that is no level is taken for a module's name, of which there is none: nothing would be logged.
        let word = text.split(',').map(str::trim).find(|directive| {
            let is_bare = !directive.contains(['=', '[']);
            directive.ends_with('=') || is_bare && directive.parse::<LevelFilter>().is_err()
        });
        if let Some(word) = word {
            return Err(format!(
                "`{word}` is no level: write error, warn, info, debug, trace or off, or TARGET=LEVEL"
            ));
        }
        tracing_subscriber::EnvFilter::try_new(text).map_err(|error| error.to_string())?;
        Ok(Self(text.to_owned()))
    }
}

/// A number of at least 1.
pub(super) fn positive<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| "write a whole number from 1 up".to_owned())
}

/// A number of threads: actix has at most 512 workers.
pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let threads = positive::<NonZeroUsize>(text)?;
    if threads.get() > 512 {
        return Err("write a whole number from 1 up to 512".to_owned());
    }
    Ok(threads)
}

/// The fewest bytes that renders can share.
const LEAST_RENDER_MEMORY: u64 = 16 << 20;

/// A number of bytes that a render of a small picture fits in.
pub(super) fn render_memory(text: &str) -> Result<NonZeroU64, String> {
    let bytes = positive_byte_size(text)?;
    if bytes.get() < LEAST_RENDER_MEMORY {
        return Err("a render takes more: write at least 16MiB".to_owned());
    }
    Ok(bytes)
}

/// A time as `7d`, `12h`, `30m`, `90s` or in seconds.
pub(super) fn period(text: &str) -> Result<Duration, String> {
    let wrong = || "write a time as 7d, 12h, 30m, 90s, or in seconds".to_owned();
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let seconds = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let seconds = number.checked_mul(seconds).ok_or_else(wrong)?;
    Ok(Duration::from_secs(seconds))
}

/// As [`period`], long enough for an upload to end and short enough to be counted.
pub(super) fn orphan_grace(text: &str) -> Result<Duration, String> {
    let (least, most) = (
        Duration::from_secs(3600),
        Duration::from_secs(3650 * 86_400),
    );
    let grace = period(text)?;
    if (least..=most).contains(&grace) {
        Ok(grace)
    } else {
        Err("write a time from 1h to 3650d".to_owned())
    }
}

pub(super) fn secret_key(text: &str) -> Result<SecretKey, String> {
    SecretKey::from_text(text)
}

/// One address is a network of its own.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "write a network as 10.0.0.0/8 or an address".to_owned())
}

/// Where the figures for Prometheus are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsPlace {
    /// Under `/metrics` of the service.
    Here,
    /// Nowhere.
    Off,
    /// Under `/metrics` of an address of their own, and nowhere else.
    Own(SocketAddr),
}

impl FromStr for MetricsPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "here" => Ok(Self::Here),
            "off" => Ok(Self::Off),
            address => address
                .parse()
                .map(Self::Own)
                .map_err(|_| "write here, off or an address as 127.0.0.1:9090".to_owned()),
        }
    }
}

/// `http` or `https`, a host, perhaps a port and a path; without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    origin: Origin,
}

impl PublicUrl {
    /// The text, to which a path with its slash can be appended.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path, without a slash at its end: empty, or as `/pictures`.
    pub fn path(&self) -> &str {
        let authority = self.text.find("://").map_or(0, |scheme| scheme + 3);
        let path = self.text[authority..].find('/');
        path.map_or("", |path| &self.text[authority + path..])
    }

    /// The scheme, the host and the port.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            "write it as https://pictures.example.org or https://example.org/pictures".to_owned()
        };
        let url: actix_web::http::Uri = text.parse().map_err(|_| "it is not a URL".to_owned())?;
        let (Some(scheme @ ("http" | "https")), Some(host), None) =
            (url.scheme_str(), url.authority(), url.query())
        else {
            return Err(wrong());
        };
        let host = host.as_str().parse().map_err(|_| wrong())?;
        // A `Uri` leaves the fragment out without a word.
        if text.contains('#') {
            return Err(wrong());
        }
        // It stands in cookies and pages as it is.
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        if !url.path().chars().all(plain) || url.path().contains("//") {
            return Err(wrong());
        }
        Ok(Self {
            text: text.trim_end_matches('/').to_owned(),
            origin: Origin::new(scheme, host),
        })
    }
}

/// The origins whose pages may use the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// All of them.
    Any,
    /// These.
    These(Vec<Origin>),
}

impl FromStr for AllowedOrigins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        let origins = text.split(',').map(|origin| origin.trim().parse());
        // No pattern: it would match no page, and nobody would be told.
        let origins = origins.collect::<Result<_, Invalid>>();
        let origins = origins.ok().filter(|_| !text.contains('*'));
        origins.map(Self::These).ok_or_else(|| {
            "write origins as https://app.example.org or capacitor://localhost, or * alone"
                .to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_kept_without_its_last_slash() {
        let url: PublicUrl = "https://pics.example.org/a/".parse().unwrap();
        assert_eq!(url.as_str(), "https://pics.example.org/a");
        assert_eq!(url.origin().to_string(), "https://pics.example.org");
        assert_eq!(url.path(), "/a");
        let url: PublicUrl = "http://pics.example.org:8000/".parse().unwrap();
        assert_eq!(url.path(), "");
        for text in [
            "pics.example.org",
            "ftp://x",
            "https://",
            "https://x/?q",
            "https://u@x",
            "https://x/a;b",
            "https://x/a//b",
            "",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn origins_are_those_of_sites_and_of_apps_or_are_all() {
        let parse = |text: &str| text.parse::<AllowedOrigins>();
        assert_eq!(parse("*"), Ok(AllowedOrigins::Any));
        let these = [
            "https://a.example",
            "http://localhost:3000",
            "capacitor://localhost",
        ];
        assert_eq!(
            parse("https://A.example:443, http://localhost:3000,capacitor://localhost"),
            Ok(AllowedOrigins::These(
                these.map(|origin| origin.parse().unwrap()).into()
            ))
        );
        for text in [
            "",
            "a.example",
            "https://a.example/",
            "https://a.example/path",
            "https://u@a.example",
            "https://a.example,*",
            "https://*.example",
            "null",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_grace_period_is_a_time_from_an_hour_up() {
        let days = |days: u64| Ok(Duration::from_secs(days * 86_400));
        assert_eq!(orphan_grace("7d"), days(7));
        assert_eq!(orphan_grace("48h"), days(2));
        assert_eq!(orphan_grace("86400"), days(1));
        for text in [
            "", "d", "7 d", "-1d", "59m", "0", "1w", "9999d", "1.5d", "7ä",
        ] {
            assert!(orphan_grace(text).is_err(), "{text}");
        }
        assert!(period("18446744073709551615d").is_err());
    }

    #[test]
    fn a_network_is_a_cidr_or_one_address() {
        assert_eq!(network("10.0.0.0/8").unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(network(" ::1").unwrap().to_string(), "::1/128");
        assert!(network("10.0.0.0/33").is_err());
        assert!(network("proxy").is_err());
    }
}
