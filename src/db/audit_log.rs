//! Queries about the audit log.

use deadpool_postgres::Transaction;
use serde_json::Value;
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{
    Connection, DbError, Query,
    connection::{Param, execute},
    pages::{List, Page, Position},
};
use crate::domain::{
    audit::{Action, AuditFilter, Changes, ObjectKind, Objects},
    staff::Actor,
    user::{UserId, Username},
};

/// A row of the audit log.
pub(super) struct Entry<'a> {
    pub by: &'a Actor,
    pub kind: ObjectKind,
    pub id: String,
    pub name: &'a str,
    pub action: Action,
    pub changes: Changes,
}

impl Entry<'_> {
    pub async fn write(&self, db: &Transaction<'_>) -> Result<(), DbError> {
        let sql = include_str!("../../sql/queries/audit_log/insert.sql");
        let (actor_id, actor_name) = match self.by {
            Actor::CommandLine => (None, None),
            Actor::Staff { id, username, .. } => (Some(id.0), Some(username.as_str())),
        };
        execute(
            db,
            sql,
            &[
                &actor_id,
                &actor_name,
                &self.kind.as_str(),
                &self.id,
                &self.name,
                &self.action.as_str(),
                &self.changes.to_json(),
            ],
        )
        .await?;
        Ok(())
    }
}

/// A row of the audit log, as it is shown.
#[derive(Debug, Clone)]
pub struct LoggedChange {
    /// The id; later changes have larger ones.
    pub id: i64,
    /// When the change was made.
    pub at: OffsetDateTime,
    /// Who made it, and the name at that time; `None` for somebody on the command line.
    pub actor: Option<(UserId, String)>,
    /// What kind of object was changed.
    pub kind: ObjectKind,
    /// The object's id.
    pub object_id: String,
    /// The object's name after the change, or before its deletion.
    pub object_name: String,
    /// What was done to it.
    pub action: Action,
    /// Field by field, from what to what.
    pub changes: Value,
}

impl LoggedChange {
    fn read(row: &Row) -> Result<Self, DbError> {
        let unknown = || DbError::Broken("the audit log has a word that is not known".into());
        let actor: Option<i64> = row.try_get("actor_id")?;
        let changes = serde_json::from_str(row.try_get("changes")?);
        Ok(Self {
            id: row.try_get("id")?,
            at: row.try_get("at")?,
            actor: match actor {
                Some(id) => Some((UserId(id), row.try_get("actor_name")?)),
                None => None,
            },
            kind: ObjectKind::named(row.try_get("object_kind")?).ok_or_else(unknown)?,
            object_id: row.try_get("object_id")?,
            object_name: row.try_get("object_name")?,
            action: Action::named(row.try_get("action")?).ok_or_else(unknown)?,
            changes: changes.map_err(|_| unknown())?,
        })
    }
}

/// A page of the log, newest first.
pub struct FindChanges {
    /// Which changes.
    pub filter: AuditFilter,
    /// From where: the place of a row is its id.
    pub position: Position<i64>,
    /// How many at the most.
    pub size: u32,
}

impl Query for FindChanges {
    type Output = Page<LoggedChange>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let filter = &self.filter;
        let (kind, id) = match &filter.objects {
            Objects::All => (None, None),
            Objects::Kind(kind) => (Some(kind.as_str()), None),
            Objects::One(kind, id) => (Some(kind.as_str()), Some(id)),
        };
        let actor = filter.actor.as_ref().map(Username::as_str);
        let list = List {
            select: include_str!("../../sql/queries/audit_log/find.sql"),
            filters: &[&kind, &id, &actor, &filter.after, &filter.before],
            columns: ["l.id", "l.id"],
            descending: true,
            search: None,
        };
        fn place(id: &i64) -> [Param<'_>; 2] {
            [id, id]
        }
        list.page(db, &self.position, self.size, place, LoggedChange::read)
            .await
    }
}
