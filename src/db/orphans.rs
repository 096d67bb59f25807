//! Queries about stored files that no row names.

use std::time::Duration;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{Connection, DbError, Query, connection::Param};
use crate::domain::image::ImageId;

/// The database's clock.
pub struct Clock;

impl Query for Clock {
    type Output = OffsetDateTime;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/orphans/clock.sql");
        db.one(sql, &[], |row| Ok(row.try_get("now")?)).await
    }
}

/// Notes that these files, each with its key and length, were seen without a row.
pub struct NoteOrphans(pub Vec<(String, u64)>);

impl Query for NoteOrphans {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/orphans/note.sql");
        let (keys, bytes): (Vec<_>, Vec<_>) = self.0.into_iter().unzip();
        let bytes: Vec<_> = bytes.into_iter().map(u64::cast_signed).collect();
        let now = OffsetDateTime::now_utc();
        db.execute(sql, &[&keys, &bytes, &now]).await?;
        Ok(())
    }
}

/// Forgets the files of these keys: they were removed, or a row names them.
pub struct ForgetOrphans(pub Vec<String>);

impl Query for ForgetOrphans {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/orphans/forget.sql");
        db.execute(sql, &[&self.0]).await?;
        Ok(())
    }
}

/// Forgets what was not seen since a whole look at the storage began.
pub struct ForgetUnseenOrphans(pub OffsetDateTime);

impl Query for ForgetUnseenOrphans {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/orphans/forget_unseen.sql");
        db.execute(sql, &[&self.0]).await?;
        Ok(())
    }
}

/// Which orphans may be removed: those that were seen in the look at the storage that began then, and for the first time at
/// least one grace period ago.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// The grace period.
    pub grace: Duration,
    /// When the look began, by the database's clock.
    pub seen_since: OffsetDateTime,
}

/// How many files that is, and how many bytes.
pub struct CountDueOrphans(pub Due);

impl Query for CountDueOrphans {
    type Output = (i64, i64);

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/orphans/count_due.sql");
        let grace = self.0.grace.as_secs_f64();
        let now = OffsetDateTime::now_utc();
        let params: [Param<'_>; 3] = [&grace, &now, &self.0.seen_since];
        db.one(sql, &params, |row| {
            Ok((row.try_get("files")?, row.try_get("bytes")?))
        })
        .await
    }
}

/// The keys of some of them, in order, after this one.
pub struct PageDueOrphans {
    /// Which.
    pub due: Due,
    /// After which key; `""` for the first page.
    pub after: String,
    /// How many at the most.
    pub limit: i64,
}

impl Query for PageDueOrphans {
    type Output = Vec<String>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/orphans/due.sql");
        let grace = self.due.grace.as_secs_f64();
        let now = OffsetDateTime::now_utc();
        let Self { due, after, limit } = &self;
        let params: [Param<'_>; 5] = [&grace, &now, &due.seen_since, after, limit];
        db.all(sql, &params, |row| Ok(row.try_get("key")?)).await
    }
}

/// Which of these images were deleted on purpose.
pub struct FindRemoved(pub Vec<ImageId>);

impl Query for FindRemoved {
    type Output = Vec<ImageId>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/removed_images/find.sql");
        let ids: Vec<Uuid> = self.0.into_iter().map(|image| image.0).collect();
        db.all(sql, &[&ids], |row| Ok(ImageId(row.try_get("id")?)))
            .await
    }
}
