//! The database as it was at one moment, for those who need to read for longer than a statement.

use deadpool_postgres::Transaction;
use tokio_postgres::IsolationLevel;

use super::{
    Database, DbError,
    connection::{all, one},
    images::{Image, image, thumbnails},
};
use crate::domain::image::ImageId;

/// A transaction that sees the database as it was when it began, and changes nothing.
pub struct Snapshot<'a> {
    transaction: Transaction<'a>,
    /// By which another session, such as that of `pg_dump`, sees the same moment.
    pub id: String,
}

impl Snapshot<'_> {
    /// See [`super::images::PageImages`].
    pub async fn images(&self, after: Option<ImageId>, limit: i64) -> Result<Vec<Image>, DbError> {
        let sql = include_str!("../../sql/queries/images/page.sql");
        let after = after.map_or(uuid::Uuid::nil(), |image| image.0);
        all(&self.transaction, sql, &[&after, &limit], |row| {
            image(row, thumbnails(row)?)
        })
        .await
    }
}

impl Database {
    /// Does some work while one moment of the database can be seen.
    pub async fn snapshot<T, E: From<DbError>>(
        &self,
        work: impl AsyncFnOnce(&Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut client = self.pool.get().await.map_err(DbError::from)?;
        let transaction = client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .read_only(true)
            .start()
            .await
            .map_err(DbError::from)?;
        let sql = include_str!("../../sql/queries/site/export_snapshot.sql");
        let id = one(&transaction, sql, &[], |row| Ok(row.try_get("id")?)).await?;
        work(&Snapshot { transaction, id }).await
    }
}
