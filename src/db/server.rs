//! Where a database is, and how connections to it are made.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    str::FromStr,
};

use percent_encoding::percent_decode_str;
use tokio_postgres::{
    Client, Config, Connection, Socket,
    config::{Host, SslMode},
    tls::MakeTlsConnect,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    DbError, password_file,
    tls::{self, Proof},
};

/// A connection's other half: what goes over the wire.
pub(super) type Wire = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// A database on some server, as `DATABASE_URL` names it.
#[derive(Clone)]
pub struct Server {
    config: Config,
    tls: MakeRustlsConnect,
    proof: Proof,
    authorities: Option<PathBuf>,
}

impl Server {
    /// Without TLS, whatever the configuration says of it.
    pub fn without_tls(mut config: Config) -> Result<Self, DbError> {
        config.ssl_mode(SslMode::Disable);
        Self::new(config, Proof::Nothing, None).map_err(DbError::Unavailable)
    }

    fn new(config: Config, proof: Proof, authorities: Option<PathBuf>) -> Result<Self, String> {
        let tls = tls::connector(proof, authorities.as_deref())?;
        Ok(Self {
            config,
            tls,
            proof,
            authorities,
        })
    }

    /// Where it is and who connects, without the password.
    pub fn describe(&self) -> String {
        let config = &self.config;
        let ports = config.get_ports();
        let hosts = config.get_hosts().iter().enumerate().map(|(index, host)| {
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
            match host {
                Host::Tcp(name) => format!("{name}:{port}"),
                Host::Unix(folder) => format!("{}:{port}", folder.display()),
            }
        });
        let hosts: Vec<_> = hosts.collect();
        let user = config.get_user().unwrap_or_default();
        let database = config.get_dbname().unwrap_or(user);
        format!("{user}@{}/{database}", hosts.join(","))
    }

    /// What tells PostgreSQL's own programs of the same server.
    pub fn libpq_environment(&self) -> Vec<(&'static str, OsString)> {
        let config = &self.config;
        let hosts = config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => OsString::from(name),
            Host::Unix(folder) => folder.clone().into_os_string(),
        });
        let ports = config
            .get_ports()
            .iter()
            .map(|port| port.to_string().into());
        let mut variables = vec![
            ("PGHOST", listed(hosts)),
            ("PGPORT", listed(ports)),
            ("PGSSLMODE", self.sslmode().into()),
        ];
        let password = config.get_password().map(OsStr::from_bytes);
        let rest = [
            ("PGUSER", config.get_user().map(OsStr::new)),
            ("PGPASSWORD", password),
            ("PGDATABASE", config.get_dbname().map(OsStr::new)),
            (
                "PGSSLROOTCERT",
                self.authorities.as_deref().map(Path::as_os_str),
            ),
        ];
        for (name, value) in rest {
            variables.extend(value.map(|value| (name, value.to_owned())));
        }
        variables.retain(|(_, value)| !value.is_empty());
        variables
    }

    fn sslmode(&self) -> &'static str {
        match (self.proof, self.config.get_ssl_mode()) {
            (_, SslMode::Disable) => "disable",
            (Proof::AuthorityAndHost, _) => "verify-full",
            (Proof::Authority, _) => "verify-ca",
            (Proof::Nothing, SslMode::Require) => "require",
            (Proof::Nothing, _) => "prefer",
        }
    }

    /// The address and who connects.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A connection of one's own, outside any pool.
    pub async fn connect(&self) -> Result<Client, DbError> {
        let (client, wire) = self.dial().await?;
        tokio::spawn(wire);
        Ok(client)
    }

    /// A connection whose wire the caller looks after.
    pub(super) async fn dial(&self) -> Result<(Client, Wire), DbError> {
        let dialled = self.config.connect(self.tls.clone()).await;
        dialled.map_err(|error| DbError::unavailable(&error))
    }

    /// What makes a pool's connections.
    pub(super) fn manager(
        &self,
        config: deadpool_postgres::ManagerConfig,
    ) -> deadpool_postgres::Manager {
        deadpool_postgres::Manager::from_config(self.config.clone(), self.tls.clone(), config)
    }
}

/// Separated by commas, as libpq wants several hosts or ports.
fn listed(values: impl Iterator<Item = OsString>) -> OsString {
    let mut list = OsString::new();
    for value in values {
        if !list.is_empty() {
            list.push(",");
        }
        list.push(value);
    }
    list
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt(f)
    }
}

impl FromStr for Server {
    type Err = String;

    /// Reads `postgres://…`, or `host=… dbname=…`. A URL may ask for `sslmode=verify-ca` and `verify-full` and name its
    /// authorities by `sslrootcert`, none of which `tokio-postgres` knows.
    fn from_str(text: &str) -> Result<Self, String> {
        refuse_others(text)?;
        // A question mark in a password that is not encoded: what follows is no option.
        if text
            .split_once('?')
            .is_some_and(|(_, rest)| rest.contains('@'))
        {
            return Err(cannot_be_read());
        }
        let (text, verification) = take_verification(text)?;
        let mut config: Config = text.parse().map_err(|error| without_values(&error))?;
        let hosts = config.get_hosts();
        if hosts.is_empty() {
            return Err(format!("it names no host: {HOW_TO_WRITE}"));
        }
        password_file::fill_in(&mut config);
        let hosts = config.get_hosts();
        if hosts.iter().all(|host| matches!(host, Host::Unix(_))) {
            // There TLS is neither offered nor needed.
            config.ssl_mode(SslMode::Disable);
        }
        Self::new(config, verification.proof, verification.authorities)
    }
}

const HOW_TO_WRITE: &str = "write it as postgres://user:password@host:5432/database";

/// A URL of something else, or nothing of the kind.
fn refuse_others(text: &str) -> Result<(), String> {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    match scheme {
        Some("postgres" | "postgresql") => Ok(()),
        // What stands before may be a password with a colon in it.
        Some(scheme) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Err(format!(
            "tierpix works with PostgreSQL, not with {scheme}: {HOW_TO_WRITE}"
        )),
        _ if text.contains('=') => Ok(()),
        _ => Err(format!("it is no URL of a database: {HOW_TO_WRITE}")),
    }
}

/// What is wrong, without the words of the URL, of which one may be a password.
fn without_values(error: &tokio_postgres::Error) -> String {
    let cause =
        std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    let known = [
        "unknown option",
        "invalid value for option",
        "unexpected EOF",
    ];
    match known.iter().find(|known| cause.starts_with(**known)) {
        // The option is named, its value is not.
        Some(_) => format!("{cause}: {HOW_TO_WRITE}"),
        None => cannot_be_read(),
    }
}

fn cannot_be_read() -> String {
    format!(
        "it cannot be read: {HOW_TO_WRITE}; special characters of a password are written as %40 for @, %3F for ?"
    )
}

/// What a URL says about the server's certificate.
struct Verification {
    proof: Proof,
    authorities: Option<PathBuf>,
}

/// Takes out of a URL what `tokio-postgres` does not know.
fn take_verification(text: &str) -> Result<(String, Verification), String> {
    let mut verification = Verification {
        proof: Proof::Nothing,
        authorities: None,
    };
    let url = text.starts_with("postgres://") || text.starts_with("postgresql://");
    let Some((address, parameters)) = text.split_once('?').filter(|_| url) else {
        return Ok((text.to_owned(), verification));
    };
    let mut rest = Vec::new();
    let mut encrypted = false;
    for parameter in parameters.split('&') {
        match parameter.split_once('=') {
            Some(("sslmode", "verify-ca")) => verification.proof = Proof::Authority,
            Some(("sslmode", "verify-full")) => verification.proof = Proof::AuthorityAndHost,
            Some(("sslrootcert", "system")) => {}
            Some(("sslrootcert", path)) => {
                let path = percent_decode_str(path).decode_utf8();
                let path = path.map_err(|_| "sslrootcert is not in UTF-8".to_owned())?;
                verification.authorities = Some(path.into_owned().into());
            }
            // Without encryption if it can be; here with it if it can be, which takes no second try.
            Some(("sslmode", "allow")) => rest.push("sslmode=prefer"),
            Some(("sslmode", mode)) => {
                encrypted = mode == "require";
                rest.push(parameter);
            }
            // The one that can be written to.
            Some(("target_session_attrs", "primary")) => {
                rest.push("target_session_attrs=read-write")
            }
            _ => rest.push(parameter),
        }
    }
    match verification.proof {
        Proof::Nothing if verification.authorities.is_none() => {}
        // As libpq has it: who names an authority wants it asked.
        Proof::Nothing if encrypted => verification.proof = Proof::Authority,
        Proof::Nothing => {
            return Err("sslrootcert says nothing without sslmode=verify-full".to_owned());
        }
        _ => rest.push("sslmode=require"),
    }
    let rest = rest.join("&");
    let separator = if rest.is_empty() { "" } else { "?" };
    Ok((format!("{address}{separator}{rest}"), verification))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> (String, Proof, Option<PathBuf>) {
        let (rest, verification) = take_verification(text).unwrap();
        (rest, verification.proof, verification.authorities)
    }

    #[test]
    fn what_is_to_be_verified_is_taken_out_of_a_url() {
        let url = "postgres://anna@db.example/pics";
        let full = Proof::AuthorityAndHost;
        for (parameters, rest, proof, authorities) in [
            ("", "", Proof::Nothing, None),
            ("?", "", Proof::Nothing, None),
            ("?sslmode=require", "?sslmode=require", Proof::Nothing, None),
            ("?sslmode=verify-full", "?sslmode=require", full, None),
            (
                "?sslmode=verify-full&sslrootcert=system",
                "?sslmode=require",
                full,
                None,
            ),
            (
                "?sslrootcert=/a%20b/ca.pem&connect_timeout=3&sslmode=verify-ca",
                "?connect_timeout=3&sslmode=require",
                Proof::Authority,
                Some("/a b/ca.pem"),
            ),
            (
                "?sslmode=require&sslrootcert=/ca.pem",
                "?sslmode=require",
                Proof::Authority,
                Some("/ca.pem"),
            ),
        ] {
            assert_eq!(
                taken(&format!("{url}{parameters}")),
                (format!("{url}{rest}"), proof, authorities.map(Into::into)),
                "{parameters}"
            );
        }
    }

    #[test]
    fn an_authority_that_nobody_would_ask_is_refused() {
        for parameters in ["sslrootcert=/ca.pem", "sslrootcert=/ca.pem&sslmode=prefer"] {
            let text = format!("postgres://anna@db.example/pics?{parameters}");
            assert!(take_verification(&text).is_err(), "{parameters}");
        }
    }

    #[test]
    fn over_a_unix_socket_there_is_no_tls() {
        let server: Server = "host=/run/postgresql user=anna sslmode=require"
            .parse()
            .unwrap();
        assert_eq!(server.config().get_ssl_mode(), SslMode::Disable);
    }
}
