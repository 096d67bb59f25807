//! A password that the URL leaves to the environment, as libpq has it: `PGPASSWORD`, else the password file
//! (PostgreSQL's documentation, "The Password File").

use std::{
    env, fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
};

use tokio_postgres::{Config, config::Host};

/// Gives a configuration without a password the one that the environment has for it.
pub(super) fn fill_in(config: &mut Config) {
    if config.get_password().is_some() {
        return;
    }
    if let Some(password) = env::var_os("PGPASSWORD").filter(|password| !password.is_empty()) {
        config.password(password.as_encoded_bytes());
        return;
    }
    if let Some(password) = from_file(config) {
        config.password(password);
    }
}

fn from_file(config: &Config) -> Option<String> {
    let home = || Some(env::home_dir()?.join(".pgpass"));
    let path = env::var_os("PGPASSFILE").map(PathBuf::from).or_else(home)?;
    let metadata = fs::metadata(&path).ok()?;
    if metadata.permissions().mode() & 0o077 != 0 {
        // The log is not there yet. Where standard error is lost nobody is there to be told.
        let _ = writeln!(
            io::stderr(),
            "tierpix: the password file {} is passed over: others may read it (chmod 600)",
            path.display()
        );
        return None;
    }
    find(&fs::read_to_string(path).ok()?, config)
}

/// The password of the first line that fits. `*` fits everything; `\` makes a colon or a backslash part of a field.
fn find(file: &str, config: &Config) -> Option<String> {
    let host = match config.get_hosts().first()? {
        Host::Tcp(name) => name.clone(),
        // A socket in the usual folder counts as localhost; others by their path.
        Host::Unix(folder) => match folder.to_str()? {
            "/tmp" | "/run/postgresql" | "/var/run/postgresql" => "localhost".to_owned(),
            folder => folder.to_owned(),
        },
    };
    let port = config
        .get_ports()
        .first()
        .copied()
        .unwrap_or(5432)
        .to_string();
    let user = config.get_user()?;
    let database = config.get_dbname().unwrap_or(user);
    let wanted = [&host, &port, database, user];
    let mut lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.find_map(|line| {
        let fields = fields(line);
        let [host, port, database, user, password] = <[String; 5]>::try_from(fields).ok()?;
        let told = [host, port, database, user];
        let fits = told
            .iter()
            .zip(wanted)
            .all(|(told, wanted)| told == "*" || told == wanted);
        fits.then_some(password)
    })
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let field = match (character, fields.len()) {
            // A password may have colons.
            (':', 1..5) => {
                fields.push(String::new());
                continue;
            }
            ('\\', _) => characters.next().unwrap_or('\\'),
            (other, _) => other,
        };
        if let Some(last) = fields.last_mut() {
            last.push(field);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let file = "# a comment\nother:5432:pics:anna:wrong\n*:5433:*:anna:by port\ndb:*:pics:anna:pa\\:ss\\\\:word\n*:*:*:*:last\n";
        let of = |url: &str| find(file, &url.parse().unwrap());
        assert_eq!(
            of("postgres://anna@db/pics").as_deref(),
            Some("pa:ss\\:word")
        );
        assert_eq!(
            of("postgres://anna@db:5433/pics").as_deref(),
            Some("by port")
        );
        assert_eq!(of("postgres://bert@db/pics").as_deref(), Some("last"));
        assert_eq!(
            find(
                "db:5432:pics:anna",
                &"postgres://anna@db/pics".parse().unwrap()
            ),
            None
        );
    }
}
