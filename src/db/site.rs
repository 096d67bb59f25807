//! Queries about the site: whose storage it is, and what its sweeps may do.

use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    Change, Connection, DbError, Made, NotMade, Query, audit_log::Entry, change::require,
    connection::execute, images::sample,
};
use crate::domain::{
    audit::{Action, Changes, ObjectKind},
    media::ObjectName,
    site::SiteId,
    staff::{Actor, Power, Refusal},
};

/// What the database knows of the site.
#[derive(Debug, Clone)]
pub struct SiteRow {
    /// The site's id.
    pub id: SiteId,
    /// The storage in use; `None` before the first one.
    pub storage: Option<StorageInUse>,
    /// Of which one stands in the storage's marker, unless another copy of the database has used it since.
    pub tokens: Vec<Uuid>,
    /// Why sweeps remove nothing; `None` if they do.
    pub held: Option<HeldSweep>,
    /// How many files staff allow the next sweep to remove.
    pub allowed_files: Option<i64>,
    /// Whether there is any image.
    pub has_images: bool,
    /// Tells this database from a copy that was made of it by a dump.
    pub database: String,
}

/// The storage that the database uses.
#[derive(Debug, Clone)]
pub struct StorageInUse {
    /// The id in its marker.
    pub id: Uuid,
    /// Where it was, for people.
    pub url: String,
}

/// A sweep that stopped before it removed anything.
#[derive(Debug, Clone)]
pub struct HeldSweep {
    /// Why.
    pub cause: HeldCause,
    /// Since when.
    pub since: OffsetDateTime,
    /// How many files it would have removed.
    pub files: i64,
    /// How many files of the service's own there were.
    pub objects: i64,
}

/// Why a sweep removes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldCause {
    /// It would remove more than is usual.
    Many,
    /// Another copy of the database uses the storage, or this one is older than what the storage knows.
    Diverged,
}

impl HeldCause {
    fn as_str(self) -> &'static str {
        match self {
            Self::Many => "many",
            Self::Diverged => "diverged",
        }
    }
}

/// What the database knows of the site.
pub struct GetSite;

impl Query for GetSite {
    type Output = SiteRow;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let cluster = include_str!("../../sql/queries/site/cluster.sql");
        let cluster = db
            .one(cluster, &[], |row| {
                Ok(row.try_get::<_, i64>("system_identifier")?.to_string())
            })
            .await;
        let cluster = match cluster {
            Ok(cluster) => cluster,
            // A service that hides its cluster: the database's own number remains.
            Err(DbError::Broken(_)) => "unknown".to_owned(),
            Err(error) => return Err(error),
        };
        let sql = include_str!("../../sql/queries/site/get.sql");
        db.one(sql, &[], |row| SiteRow::read(row, &cluster)).await
    }
}

impl SiteRow {
    fn read(row: &Row, cluster: &str) -> Result<Self, DbError> {
        let id: Option<Uuid> = row.try_get("storage_id")?;
        let url: Option<String> = row.try_get("storage_url")?;
        let database: i64 = row.try_get("database_oid")?;
        Ok(Self {
            id: SiteId(row.try_get("id")?),
            storage: id.map(|id| StorageInUse {
                id,
                url: url.unwrap_or_default(),
            }),
            tokens: row.try_get("tokens")?,
            held: held(row)?,
            allowed_files: row.try_get("allowed_files")?,
            has_images: row.try_get("has_images")?,
            database: format!("{cluster}/{database}"),
        })
    }
}

fn held(row: &Row) -> Result<Option<HeldSweep>, DbError> {
    let cause: Option<&str> = row.try_get("held_cause")?;
    let Some(cause) = cause else {
        return Ok(None);
    };
    Ok(Some(HeldSweep {
        cause: if cause == HeldCause::Many.as_str() {
            HeldCause::Many
        } else {
            HeldCause::Diverged
        },
        since: row.try_get("held_since")?,
        files: row.try_get::<_, Option<i64>>("held_files")?.unwrap_or(0),
        objects: row.try_get::<_, Option<i64>>("held_objects")?.unwrap_or(0),
    }))
}

/// Notes which storage the database uses from now on.
pub struct UseStorage {
    /// The id of the site in the storage's marker.
    pub site: SiteId,
    /// The storage.
    pub storage: StorageInUse,
    /// The token in its marker.
    pub token: Uuid,
}

impl Query for UseStorage {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/site/use_storage.sql");
        let Self { site, storage, .. } = &self;
        db.execute(sql, &[&site.0, &storage.id, &storage.url, &self.token])
            .await?;
        Ok(())
    }
}

/// Notes a token that the storage's marker is about to get.
pub struct AddToken(pub Uuid);

impl Query for AddToken {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/site/add_token.sql");
        db.execute(sql, &[&self.0]).await?;
        Ok(())
    }
}

/// Notes that a sweep stopped before it removed anything.
pub struct HoldSweep {
    /// Why.
    pub cause: HeldCause,
    /// How many files it would have removed.
    pub files: i64,
    /// Of how many of the service's own.
    pub objects: i64,
}

impl Query for HoldSweep {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/site/hold_sweep.sql");
        let Self { files, objects, .. } = self;
        db.execute(sql, &[&self.cause.as_str(), &files, &objects])
            .await?;
        Ok(())
    }
}

/// Notes that a sweep removes what there is to remove.
pub struct ReleaseSweep;

impl Query for ReleaseSweep {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/site/release_sweep.sql");
        db.execute(sql, &[]).await?;
        Ok(())
    }
}

/// Allows the next sweep to remove so many files, whatever their share. Refused as [`Refusal::OtherVersion`] if the last
/// sweep told another number.
pub struct AllowRemoval {
    /// Who allows it.
    pub by: Actor,
    /// How many files.
    pub files: i64,
}

impl Change for AllowRemoval {
    type Output = ();

    async fn make(
        self,
        db: &deadpool_postgres::Transaction<'_>,
    ) -> Result<Made<Self::Output>, NotMade> {
        require(&self.by, Power::ManageService)?;
        let sql = include_str!("../../sql/queries/site/allow_removal.sql");
        if execute(db, sql, &[&self.files]).await? == 0 {
            return Err(Refusal::OtherVersion.into());
        }
        Entry {
            by: &self.by,
            kind: ObjectKind::Site,
            id: "sweep".to_owned(),
            name: "orphaned files",
            action: Action::Allowed,
            changes: Changes::none().with("files", serde_json::Value::Null, self.files),
        }
        .write(db)
        .await?;
        Ok(Made::alone(()))
    }
}

/// The id of the site in a database that may have no schema, or an older one.
pub async fn site_of(client: &tokio_postgres::Client) -> Result<Option<SiteId>, DbError> {
    let known = client.query_one("SELECT to_regclass('site') IS NOT NULL", &[]);
    if !known.await?.get::<_, bool>(0) {
        return Ok(None);
    }
    let row = client.query_opt("SELECT id FROM site", &[]).await?;
    Ok(row.map(|row| SiteId(row.get(0))))
}

/// The originals of some of the oldest and of the newest images, so many of each, with their lengths.
pub struct SampleOriginals(pub i64);

impl Query for SampleOriginals {
    type Output = Vec<(ObjectName, u64)>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/images/sample.sql");
        db.all(sql, &[&self.0], sample).await
    }
}
