//! Brings the schema up to this program's version.

use tokio_postgres::{Client, error::SqlState};

use super::DbError;

mod embedded {
    #![allow(missing_docs)]
    refinery::embed_migrations!("sql/migrations");
}

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The schema was made by a newer program.
    #[error(
        "the database has schema version {found}, this program knows versions up to {known}: install a newer tierpix"
    )]
    Newer {
        /// The database's version.
        found: i32,
        /// The newest version that this program knows.
        known: i32,
    },
    /// A migration did not succeed.
    #[error("the migrations could not be applied: {}", why(.0))]
    Failed(#[from] refinery::Error),
    /// Texts of all languages have to fit.
    #[error(
        "the database is encoded in {0}, tierpix needs UTF8: make another one with          CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
    )]
    OtherEncoding(String),
    /// The database could not be asked.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What the server said, and what to do about it where that is known.
fn why(error: &refinery::Error) -> String {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if let Some(said) = one
            .downcast_ref::<tokio_postgres::Error>()
            .and_then(tokio_postgres::Error::as_db_error)
        {
            return format!("{}{}", said.message(), remedy(said.code()));
        }
        cause = one.source();
    }
    error.to_string()
}

fn remedy(code: &SqlState) -> &'static str {
    match *code {
        SqlState::INSUFFICIENT_PRIVILEGE => {
            "; let the role own the database, or GRANT CREATE ON SCHEMA public to it"
        }
        SqlState::INVALID_SCHEMA_NAME => "; the role's search_path names no schema that is there",
        SqlState::READ_ONLY_SQL_TRANSACTION => {
            "; the server is a standby, or the database is read only: name the primary"
        }
        SqlState::QUERY_CANCELED => {
            "; the role has a statement_timeout: ALTER ROLE … SET statement_timeout = 0"
        }
        SqlState::DUPLICATE_TABLE => {
            "; the schema has tables of something else: name an empty database"
        }
        _ => "",
    }
}

/// Any number that no other program takes as an advisory lock on this database.
const LOCK: i64 = 0x0074_6965_7270_6978;

/// Applies what is missing and returns the names. Nodes that start at once do it one after another.
pub async fn apply(client: &mut Client) -> Result<Vec<String>, MigrationError> {
    refuse_other_encoding(client).await?;
    lock(client).await?;
    let result = async {
        refuse_newer(client).await?;
        let report = embedded::migrations::runner().run_async(client).await?;
        let applied = report.applied_migrations();
        if applied.iter().any(|applied| applied.name() == "usernames") {
            tell_of_names_that_collide(client).await?;
        }
        Ok(report
            .applied_migrations()
            .iter()
            .map(ToString::to_string)
            .collect())
    }
    .await;
    unlock(client).await?;
    result
}

/// The names of the migrations that [`apply`] would apply.
pub async fn pending(client: &mut Client) -> Result<Vec<String>, MigrationError> {
    refuse_other_encoding(client).await?;
    refuse_newer(client).await?;
    let applied = applied_version(client).await?;
    Ok(embedded::migrations::runner()
        .get_migrations()
        .iter()
        .filter(|migration| applied.is_none_or(|version| migration.version() > version))
        .map(ToString::to_string)
        .collect())
}

async fn refuse_other_encoding(client: &Client) -> Result<(), MigrationError> {
    let row = client.query_one("SHOW server_encoding", &[]).await;
    let encoding: String = row.map_err(DbError::from)?.get(0);
    match encoding.as_str() {
        "UTF8" => Ok(()),
        _ => Err(MigrationError::OtherEncoding(encoding)),
    }
}

async fn refuse_newer(client: &Client) -> Result<(), MigrationError> {
    let known = embedded::migrations::runner()
        .get_migrations()
        .iter()
        .map(refinery::Migration::version)
        .max()
        .unwrap_or(0);
    match applied_version(client).await? {
        Some(found) if found > known => Err(MigrationError::Newer { found, known }),
        _ => Ok(()),
    }
}

/// Whether the database has no schema yet. Asking changes nothing.
pub async fn is_empty(client: &Client) -> Result<bool, DbError> {
    Ok(applied_version(client).await?.is_none())
}

/// The newest applied version; `None` for a database without a schema. Asking changes nothing.
async fn applied_version(client: &Client) -> Result<Option<i32>, DbError> {
    let known: bool = client
        .query_one(
            "SELECT to_regclass('refinery_schema_history') IS NOT NULL",
            &[],
        )
        .await?
        .get(0);
    if !known {
        return Ok(None);
    }
    let row = client
        .query_one("SELECT max(version) FROM refinery_schema_history", &[])
        .await?;
    Ok(row.get(0))
}

/// Names of users that stayed as they were because somebody else has them in the form in which names are read.
async fn tell_of_names_that_collide(client: &Client) -> Result<(), DbError> {
    let sql = include_str!("../../sql/queries/users/find_not_normal.sql");
    for row in client.query(sql, &[]).await? {
        let (id, name, normal): (i64, &str, &str) = (row.get(0), row.get(1), row.get(2));
        tracing::warn!(
            user = id,
            name,
            "nobody can log in by this name until it is changed: it is read as {normal:?}, which is another user's"
        );
    }
    Ok(())
}

async fn lock(client: &Client) -> Result<(), DbError> {
    client
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .await?;
    Ok(())
}

async fn unlock(client: &Client) -> Result<(), DbError> {
    client
        .execute("SELECT pg_advisory_unlock($1)", &[&LOCK])
        .await?;
    Ok(())
}
