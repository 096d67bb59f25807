//! PostgreSQL's own `pg_dump` and `pg_restore`.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use crate::db::{
    Server,
    embedded::{Client, find_clients},
};

/// Why a dump was not made or not restored.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// They are not on this machine, or too old for the server.
    #[error(
        "`pg_dump` and `pg_restore` of PostgreSQL {wanted} or later were not found{}: install them (`apt-get install \
         postgresql-client-{wanted}`, `dnf install postgresql{wanted}`, `brew install postgresql@{wanted}`; packages of every version \
         are at https://www.postgresql.org/download/), or name their folder in TIERPIX_PG_BIN",
        found.map_or_else(String::new, |found| format!(", only those of {found}"))
    )]
    NotFound {
        /// The major version that it takes.
        wanted: u32,
        /// The newest that there is.
        found: Option<u32>,
    },
    /// One of them failed.
    #[error("{program} failed: {said}")]
    Failed {
        /// Which.
        program: &'static str,
        /// What it said.
        said: String,
    },
}

/// Both programs, of one version.
pub struct Programs {
    client: Client,
}

impl Programs {
    /// Those for a server, or a dump, of this major version: of the same, else of the next one up.
    pub async fn find(pg_bin: Option<&Path>, wanted: u32) -> Result<Self, DumpError> {
        let pg_bin = pg_bin.map(Path::to_owned);
        let found = crate::blocking::run(move || find_clients(pg_bin.as_deref())).await;
        choose(found.unwrap_or_default(), wanted).map(|client| Self { client })
    }

    /// Their major version.
    pub fn major(&self) -> u32 {
        self.client.major
    }

    /// Dumps a database as another session sees it.
    pub async fn dump(&self, server: &Server, snapshot: &str, to: &Path) -> Result<(), DumpError> {
        let arguments = [
            "--format=custom".into(),
            "--no-owner".into(),
            "--no-privileges".into(),
            "--no-password".into(),
            format!("--snapshot={snapshot}").into(),
            "--file".into(),
            to.to_owned(),
        ];
        self.run("pg_dump", server, arguments).await
    }

    /// Restores a dump into an empty database, all of it or nothing.
    pub async fn restore(&self, server: &Server, from: &Path) -> Result<(), DumpError> {
        let database = server.config().get_dbname().unwrap_or_default();
        let arguments = [
            "--exit-on-error".into(),
            "--single-transaction".into(),
            "--no-owner".into(),
            "--no-privileges".into(),
            "--no-password".into(),
            format!("--dbname={database}").into(),
            from.to_owned(),
        ];
        self.run("pg_restore", server, arguments).await
    }

    async fn run(
        &self,
        program: &'static str,
        server: &Server,
        arguments: impl IntoIterator<Item = PathBuf>,
    ) -> Result<(), DumpError> {
        let failed = |said: String| DumpError::Failed { program, said };
        let output = Command::new(self.client.bin.join(program))
            .args(arguments)
            // A password on the command line could be read by everybody on the machine.
            .envs(server.libpq_environment())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|error| failed(error.to_string()))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<_> = said.lines().map(str::trim).collect();
        Err(failed(lines.join("; ")))
    }
}

fn choose(mut found: Vec<Client>, wanted: u32) -> Result<Client, DumpError> {
    found.sort_by_key(|client| client.major);
    let newest = found.last().map(|client| client.major);
    let fits = found.into_iter().find(|client| client.major >= wanted);
    fits.ok_or(DumpError::NotFound {
        wanted,
        found: newest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(major: u32) -> Client {
        Client {
            bin: format!("/pg/{major}").into(),
            major,
        }
    }

    #[test]
    fn the_programs_of_the_server_s_version_are_taken_or_the_next_one_up() {
        let found = || [17, 14, 16].map(client).into();
        assert_eq!(choose(found(), 16).unwrap(), client(16));
        assert_eq!(choose(found(), 15).unwrap(), client(16));
    }

    #[test]
    fn without_programs_that_are_new_enough_it_is_said_how_to_get_them() {
        for (found, named) in [
            (vec![], "were not found: "),
            (vec![client(15)], "only those of 15"),
        ] {
            let told = choose(found, 17).unwrap_err().to_string();
            for hint in [named, "postgresql-client-17", "TIERPIX_PG_BIN"] {
                assert!(told.contains(hint), "{told}");
            }
        }
    }
}
