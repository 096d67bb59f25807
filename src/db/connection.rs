//! A connection as the queries use it.

use deadpool_postgres::{Client, GenericClient, Transaction};
use tokio_postgres::{Row, types::ToSql};
use tracing::Instrument;

use super::DbError;
use crate::telemetry::spans;

/// A pooled connection. Statements are prepared once a connection and kept.
pub struct Connection {
    /// `None` only after [`Connection::settle`].
    client: Option<Client>,
}

/// The value of a statement's parameter.
pub type Param<'a> = &'a (dyn ToSql + Sync);

/// The values of a statement's parameters.
pub type Params<'a> = &'a [Param<'a>];

impl Connection {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client: Some(client),
        }
    }

    /// Gives the connection back to the pool. One that is dropped without this was in the middle of
    /// something, and is closed.
    pub(super) fn settle(mut self) {
        drop(self.client.take());
    }

    pub(super) fn client(&mut self) -> Result<&mut Client, DbError> {
        self.client
            .as_mut()
            .ok_or_else(|| DbError::Unavailable("the connection was given back".into()))
    }

    /// The one row that the statement finds, or none.
    pub async fn optional<T>(
        &mut self,
        sql: &str,
        params: Params<'_>,
        read: impl Fn(&Row) -> Result<T, DbError>,
    ) -> Result<Option<T>, DbError> {
        optional(self.client()?, sql, params, read).await
    }

    /// The one row that the statement always gives.
    pub async fn one<T>(
        &mut self,
        sql: &str,
        params: Params<'_>,
        read: impl Fn(&Row) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        one(self.client()?, sql, params, read).await
    }

    /// Every row that the statement finds.
    pub async fn all<T>(
        &mut self,
        sql: &str,
        params: Params<'_>,
        read: impl Fn(&Row) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        all(self.client()?, sql, params, read).await
    }

    /// How many rows the statement changed.
    pub async fn execute(&mut self, sql: &str, params: Params<'_>) -> Result<u64, DbError> {
        execute(self.client()?, sql, params).await
    }

    /// A transaction; dropped without a commit, it is rolled back.
    pub async fn transaction(&mut self) -> Result<Transaction<'_>, DbError> {
        Ok(self.client()?.transaction().await?)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Client::take(client));
        }
    }
}

/// As [`Connection::optional`], on a connection or in a transaction.
pub(super) async fn optional<T>(
    client: &impl GenericClient,
    sql: &str,
    params: Params<'_>,
    read: impl Fn(&Row) -> Result<T, DbError>,
) -> Result<Option<T>, DbError> {
    let row = async {
        let statement = client.prepare_cached(sql).await?;
        client.query_opt(&statement, params).await
    };
    let row = row.instrument(spans::statement(sql)).await?;
    row.as_ref().map(read).transpose()
}

/// As [`Connection::one`], on a connection or in a transaction.
pub(super) async fn one<T>(
    client: &impl GenericClient,
    sql: &str,
    params: Params<'_>,
    read: impl Fn(&Row) -> Result<T, DbError>,
) -> Result<T, DbError> {
    optional(client, sql, params, read)
        .await?
        .ok_or_else(|| DbError::Broken("a statement gave no row".into()))
}

/// As [`Connection::all`], on a connection or in a transaction.
pub(super) async fn all<T>(
    client: &impl GenericClient,
    sql: &str,
    params: Params<'_>,
    read: impl Fn(&Row) -> Result<T, DbError>,
) -> Result<Vec<T>, DbError> {
    let rows = async {
        let statement = client.prepare_cached(sql).await?;
        client.query(&statement, params).await
    };
    let rows = rows.instrument(spans::statement(sql)).await?;
    rows.iter().map(read).collect()
}

/// As [`Connection::execute`], on a connection or in a transaction.
pub(super) async fn execute(
    client: &impl GenericClient,
    sql: &str,
    params: Params<'_>,
) -> Result<u64, DbError> {
    let changed = async {
        let statement = client.prepare_cached(sql).await?;
        client.execute(&statement, params).await
    };
    Ok(changed.instrument(spans::statement(sql)).await?)
}
