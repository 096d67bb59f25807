//! The settings: one struct a concern, each from flags, the environment and a `.env` file.

mod bind;
mod byte_size;
mod env_file;
mod values;

use std::{
    num::{NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use actix_web::http::header::HeaderName;
use clap::{ArgAction, Args, ValueEnum};
use ipnet::IpNet;

use crate::{db::Server, machine, secret::SecretKey, storage::StorageUrl};

pub use bind::Bind;
use byte_size::{byte_size, positive_byte_size};
pub use env_file::{EnvFileError, load as load_env_file};
pub use values::{AllowedOrigins, LogFilter, MetricsPlace, PublicUrl};
use values::{network, orphan_grace, positive, render_memory, secret_key, threads};

/// Where the database and the data are: what every command needs.
#[derive(Args, Clone)]
pub struct PlaceSettings {
    /// Folder of pictures, embedded database and generated secret.
    #[arg(long, env = "TIERPIX_DATA_DIR", value_name = "FOLDER", default_value_os_t = default_data_dir(), global = true)]
    pub data_dir: PathBuf,

    /// PostgreSQL 14 or later, as a URL; without it an embedded one is run under the data directory.
    #[arg(
        long,
        env = "DATABASE_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true
    )]
    pub database_url: Option<Server>,

    /// The same database past a pooler such as PgBouncer, for what needs a connection that lasts: hearing of changes, and
    /// migrations [default: DATABASE_URL].
    #[arg(
        long,
        env = "TIERPIX_DIRECT_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true
    )]
    pub direct_database_url: Option<Server>,

    /// Where pictures are kept: `file:///srv/pictures`, or `s3://bucket/prefix` with the usual `AWS_` variables
    /// [default: in the data directory].
    #[arg(long, env = "TIERPIX_STORAGE_URL", value_name = "URL", global = true)]
    pub storage_url: Option<StorageUrl>,

    /// File of lines NAME=value with settings [default: .env of the current folder, if it is there].
    #[arg(long, env = "TIERPIX_ENV_FILE", value_name = "FILE", global = true)]
    pub env_file: Option<PathBuf>,

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

/// The header by which a proxy is told which file to send.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum SendfileHeader {
    /// nginx and Caddy, which get the path of an internal URL.
    #[value(name = "X-Accel-Redirect")]
    XAccelRedirect,
    /// Apache and Lighttpd, which get the file's path.
    #[value(name = "X-Sendfile")]
    XSendfile,
}

impl SendfileHeader {
    /// Its name.
    pub fn name(self) -> HeaderName {
        HeaderName::from_static(match self {
            Self::XAccelRedirect => "x-accel-redirect",
            Self::XSendfile => "x-sendfile",
        })
    }
}

/// How the service is reached.
#[derive(Args, Clone)]
pub struct HttpSettings {
    /// Address to listen on, as `127.0.0.1:8000`, `localhost:8000`, `:8000` for all, or `unix:/path`; port 0 picks a free
    /// one.
    #[arg(
        long,
        env = "TIERPIX_BIND",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8000"
    )]
    pub bind: Bind,

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

    /// Threads that serve HTTP [default: cores].
    #[arg(long, env = "TIERPIX_WORKERS", value_name = "COUNT", value_parser = threads)]
    pub workers: Option<NonZeroUsize>,

    /// Seconds for which a connection is kept that nothing is asked on: longer than the proxies and clients in front keep theirs.
    #[arg(
        long,
        env = "TIERPIX_KEEP_ALIVE",
        value_name = "SECONDS",
        default_value = "75",
        value_parser = positive::<NonZeroU16>
    )]
    pub keep_alive: NonZeroU16,

    /// Seconds that caches may keep media.
    #[arg(
        long,
        env = "TIERPIX_MEDIA_MAX_AGE",
        value_name = "SECONDS",
        default_value = "31536000"
    )]
    pub media_max_age: u32,

    /// Memory for the small pictures, 128 KiB at most, that are asked for most, in bytes or as 32MiB; 0 for none.
    #[arg(
        long,
        env = "TIERPIX_MEDIA_CACHE_BYTES",
        value_name = "BYTES",
        default_value = "33554432",
        value_parser = byte_size
    )]
    pub media_cache_bytes: u64,

    /// Whether media and links send clients to object storage itself, by URLs that live for a short time.
    #[arg(
        long,
        env = "TIERPIX_MEDIA_REDIRECT",
        value_name = "BOOL",
        default_value = "false",
        action = ArgAction::Set
    )]
    pub media_redirect: bool,

    /// Header by which a trusted proxy is told to send a picture's file itself, for pictures in a folder that it can read
    /// [default: none].
    #[arg(
        long,
        env = "TIERPIX_SENDFILE_HEADER",
        value_name = "HEADER",
        ignore_case = true
    )]
    pub sendfile_header: Option<SendfileHeader>,

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

impl HttpSettings {
    /// The path below which the service lies; empty at the root of its host.
    pub fn base_path(&self) -> &str {
        self.public_url.as_ref().map_or("", PublicUrl::path)
    }

    /// [`HttpSettings::keep_alive`] as a duration.
    pub fn keep_alive(&self) -> Duration {
        Duration::from_secs(u64::from(self.keep_alive.get()))
    }
}

/// The service's secret.
#[derive(Args, Clone)]
pub struct SecretSettings {
    /// Root of link signatures, 32 bytes at least; the same on every node [default: generated,
    /// kept in the data directory].
    #[arg(long, env = "TIERPIX_SECRET_KEY", value_name = "SECRET", hide_env_values = true, value_parser = secret_key)]
    pub secret_key: Option<SecretKey>,
}

/// How the storage is kept tidy.
#[derive(Args, Clone)]
pub struct UpkeepSettings {
    /// How long a stored file stays that no row of the database names, from 1h to 3650d.
    #[arg(long, env = "TIERPIX_ORPHAN_GRACE", value_name = "TIME", default_value = "7d", value_parser = orphan_grace)]
    pub orphan_grace: Duration,
}

/// What an upload may be.
#[derive(Args, Clone)]
pub struct UploadSettings {
    /// Bytes of one uploaded file, or as 50MiB, for tiers without a limit of their own.
    #[arg(
        long,
        env = "TIERPIX_MAX_UPLOAD_BYTES",
        value_name = "BYTES",
        default_value = "52428800",
        value_parser = positive_byte_size
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
    #[arg(long, env = "TIERPIX_THUMBNAIL_THREADS", value_name = "COUNT", value_parser = threads)]
    pub thumbnail_threads: Option<NonZeroUsize>,

    /// Bytes that all renders share, or as 2GiB [default: a quarter of the machine's or the container's memory].
    #[arg(long, env = "TIERPIX_RENDER_MEMORY", value_name = "BYTES", value_parser = render_memory)]
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
