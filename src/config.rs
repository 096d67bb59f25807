//! The settings: one struct a concern, each from flags, the environment and a `.env` file.

use std::{
    net::{IpAddr, SocketAddr},
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use clap::{ArgAction, Args, ValueEnum};
use ipnet::IpNet;

use crate::{machine, secret::SecretKey};

/// Where the database and the data are: what every command needs.
#[derive(Args, Clone)]
pub struct PlaceSettings {
    /// Folder of pictures, embedded database and generated secret.
    #[arg(long, env = "TIERPIX_DATA_DIR", value_name = "FOLDER", default_value_os_t = default_data_dir(), global = true)]
    pub data_dir: PathBuf,

    /// PostgreSQL 14 or later, as a URL; without it an embedded one is run under the data directory.
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true, value_parser = database_url, global = true)]
    pub database_url: Option<DatabaseUrl>,

    /// Folder of PostgreSQL's programs for the embedded database [default: searched for].
    #[arg(long, env = "TIERPIX_PG_BIN", value_name = "FOLDER", global = true)]
    pub pg_bin: Option<PathBuf>,
}

/// How the log is written.
#[derive(Args, Clone)]
pub struct LogSettings {
    /// What to log: a level, or a filter such as `warn,tierpix=debug`.
    #[arg(
        long,
        env = "TIERPIX_LOG",
        value_name = "FILTER",
        default_value = "info",
        global = true
    )]
    pub log: LogFilter,

    /// How to write it.
    #[arg(
        long,
        env = "TIERPIX_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text",
        global = true
    )]
    pub log_format: LogFormat,
}

/// The form of log lines.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How the service is reached.
#[derive(Args, Clone)]
pub struct HttpSettings {
    /// Address to listen on; port 0 picks a free one.
    #[arg(
        long,
        env = "TIERPIX_BIND",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8000"
    )]
    pub bind: SocketAddr,

    /// Base of the absolute URLs in answers [default: the request's own scheme and host].
    #[arg(long, env = "TIERPIX_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// Networks of proxies whose forwarding headers are believed, separated by commas.
    #[arg(long, env = "TIERPIX_TRUSTED_PROXIES", value_name = "CIDRS", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

    /// Origins whose pages may use the API, separated by commas; `*` for all of them, which then get nothing by cookies
    /// [default: none].
    #[arg(long, env = "TIERPIX_CORS_ORIGINS", value_name = "ORIGINS")]
    pub cors_origins: Option<AllowedOrigins>,

    /// Whether the description of the API and its page are there.
    #[arg(
        long,
        env = "TIERPIX_DOCS",
        value_name = "BOOL",
        default_value = "true",
        action = ArgAction::Set
    )]
    pub docs: bool,

    /// Where Prometheus finds its figures: `here` beside everything else under /metrics, `off`, or an address of their
    /// own.
    #[arg(
        long,
        env = "TIERPIX_METRICS_BIND",
        value_name = "ADDRESS",
        default_value = "here"
    )]
    pub metrics_bind: MetricsPlace,

    /// Root of sessions, digests and links, 32 bytes at least; the same on every node [default: generated,
    /// kept in the data directory].
    #[arg(long, env = "TIERPIX_SECRET_KEY", value_name = "SECRET", hide_env_values = true, value_parser = secret_key)]
    pub secret_key: Option<SecretKey>,

    /// Threads that serve HTTP [default: cores].
    #[arg(long, env = "TIERPIX_WORKERS", value_name = "COUNT", value_parser = positive::<NonZeroUsize>)]
    pub workers: Option<NonZeroUsize>,

    /// Seconds that caches may keep media.
    #[arg(
        long,
        env = "TIERPIX_MEDIA_MAX_AGE",
        value_name = "SECONDS",
        default_value = "31536000"
    )]
    pub media_max_age: u32,

    /// Seconds to a multiple of which the expiry of links is rounded up, so that caches hold fewer of them; 0
    /// rounds nothing.
    #[arg(
        long,
        env = "TIERPIX_LINK_WINDOW",
        value_name = "SECONDS",
        default_value = "0"
    )]
    pub link_window: u32,

    /// Seconds that running requests get to end when the service is stopped.
    #[arg(
        long,
        env = "TIERPIX_SHUTDOWN_GRACE",
        value_name = "SECONDS",
        default_value = "20"
    )]
    pub shutdown_grace: u16,
}

/// What an upload may be.
#[derive(Args, Clone)]
pub struct UploadSettings {
    /// Bytes of one uploaded file, for tiers without a limit of their own.
    #[arg(
        long,
        env = "TIERPIX_MAX_UPLOAD_BYTES",
        value_name = "BYTES",
        default_value = "52428800",
        value_parser = positive::<NonZeroU64>
    )]
    pub max_upload_bytes: NonZeroU64,

    /// Width times height of a picture.
    #[arg(
        long,
        env = "TIERPIX_MAX_PIXELS",
        value_name = "PIXELS",
        default_value = "100000000",
        value_parser = positive::<NonZeroU64>
    )]
    pub max_pixels: NonZeroU64,

    /// Whether originals are kept without the place at which they were made.
    #[arg(
        long,
        env = "TIERPIX_STRIP_LOCATION",
        value_name = "BOOL",
        default_value = "false",
        action = ArgAction::Set
    )]
    pub strip_location: bool,

    #[allow(
        missing_docs,
        reason = "flattened: its fields are described, it is not"
    )]
    #[command(flatten)]
    pub renders: RenderSettings,
}

/// What rendering thumbnails may take.
#[derive(Args, Clone)]
pub struct RenderSettings {
    /// Threads that render thumbnails [default: cores].
    #[arg(long, env = "TIERPIX_THUMBNAIL_THREADS", value_name = "COUNT", value_parser = positive::<NonZeroUsize>)]
    pub thumbnail_threads: Option<NonZeroUsize>,

    /// Bytes that all renders share [default: a quarter of the machine's or the container's memory].
    #[arg(long, env = "TIERPIX_RENDER_MEMORY", value_name = "BYTES", value_parser = positive::<NonZeroU64>)]
    pub render_memory: Option<NonZeroU64>,

    /// Seconds after which a render is given up.
    #[arg(
        long,
        env = "TIERPIX_RENDER_TIMEOUT",
        value_name = "SECONDS",
        default_value = "10",
        value_parser = positive::<NonZeroU32>
    )]
    pub render_timeout: NonZeroU32,
}

impl RenderSettings {
    /// How many threads render.
    pub fn threads(&self) -> usize {
        self.thumbnail_threads
            .map_or_else(machine::cores, usize::from)
    }

    /// The bytes that all renders share.
    pub fn memory(&self) -> u64 {
        self.render_memory
            .map_or_else(|| machine::memory() / 4, u64::from)
    }

    /// [`RenderSettings::render_timeout`] as a duration.
    pub fn time_limit(&self) -> Duration {
        Duration::from_secs(u64::from(self.render_timeout.get()))
    }
}

/// A filter of the log that was checked.
#[derive(Clone, Debug)]
pub struct LogFilter(pub String);

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        tracing_subscriber::EnvFilter::try_new(text).map_err(|error| error.to_string())?;
        Ok(Self(text.to_owned()))
    }
}

/// A database's URL that was checked.
#[derive(Clone)]
pub struct DatabaseUrl(pub tokio_postgres::Config);

fn database_url(text: &str) -> Result<DatabaseUrl, String> {
    let config: tokio_postgres::Config = text.parse().map_err(|error: tokio_postgres::Error| {
        match std::error::Error::source(&error) {
            Some(cause) => cause.to_string(),
            None => error.to_string(),
        }
    })?;
    if config.get_hosts().is_empty() {
        return Err("it names no host".to_owned());
    }
    Ok(DatabaseUrl(config))
}

/// A number of at least 1.
fn positive<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| "write a whole number from 1 up".to_owned())
}

fn secret_key(text: &str) -> Result<SecretKey, String> {
    SecretKey::from_text(text)
}

/// One address is a network of its own.
fn network(text: &str) -> Result<IpNet, String> {
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
pub struct PublicUrl(String);

impl PublicUrl {
    /// The text, to which a path with its slash can be appended.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url: actix_web::http::Uri = text.parse().map_err(|_| "it is not a URL".to_owned())?;
        match (url.scheme_str(), url.host(), url.query()) {
            (Some("http" | "https"), Some(host), None) if !host.is_empty() => {
                Ok(Self(text.trim_end_matches('/').to_owned()))
            }
            _ => Err("write it as https://pictures.example.org".to_owned()),
        }
    }
}

/// The origins whose pages may use the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// All of them.
    Any,
    /// These, as `https://app.example.org` or `http://localhost:3000`.
    These(Vec<String>),
}

impl FromStr for AllowedOrigins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        let origins = text.split(',').map(|origin| origin.trim().to_owned());
        let origins: Vec<_> = origins.collect();
        if origins.iter().all(|origin| is_origin(origin)) {
            Ok(Self::These(origins))
        } else {
            Err("write origins as https://app.example.org, or * alone".to_owned())
        }
    }
}

/// Whether this is how a browser writes the origin of a page: scheme, host, a port that is not the scheme's own.
fn is_origin(text: &str) -> bool {
    let Ok(url) = text.parse::<PublicUrl>() else {
        return false;
    };
    let authority = text
        .split_once("://")
        .map_or("", |(_, authority)| authority);
    url.as_str() == text && !authority.contains(['/', '@']) && text == text.to_ascii_lowercase()
}

/// `/var/lib/tierpix` as root, else tierpix's folder in the XDG data directory.
fn default_data_dir() -> PathBuf {
    let home = || std::env::home_dir().map(|home| home.join(".local/share"));
    if nix::unistd::Uid::effective().is_root() {
        return PathBuf::from("/var/lib/tierpix");
    }
    // A relative path there is to be ignored (XDG Base Directory Specification).
    let xdg = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    xdg.or_else(home)
        .unwrap_or_else(std::env::temp_dir)
        .join("tierpix")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_kept_without_its_last_slash() {
        let url: PublicUrl = "https://pics.example.org/a/".parse().unwrap();
        assert_eq!(url.as_str(), "https://pics.example.org/a");
        for text in [
            "pics.example.org",
            "ftp://x",
            "https://",
            "https://x/?q",
            "",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn origins_are_written_as_browsers_write_them_or_are_all() {
        let parse = |text: &str| text.parse::<AllowedOrigins>();
        assert_eq!(parse("*"), Ok(AllowedOrigins::Any));
        let these = ["https://a.example", "http://localhost:3000"].map(str::to_owned);
        assert_eq!(
            parse("https://a.example, http://localhost:3000"),
            Ok(AllowedOrigins::These(these.into()))
        );
        for text in [
            "",
            "a.example",
            "https://a.example/",
            "https://a.example/path",
            "https://A.example",
            "https://u@a.example",
            "https://a.example,*",
            "null",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_network_is_a_cidr_or_one_address() {
        assert_eq!(network("10.0.0.0/8").unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(network(" ::1").unwrap().to_string(), "::1/128");
        assert!(network("10.0.0.0/33").is_err());
        assert!(network("proxy").is_err());
    }
}
