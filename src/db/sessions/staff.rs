//! What staff see of all sessions, and their end.

use deadpool_postgres::Transaction;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::SessionDigest;
use crate::{
    db::{
        Change, Connection, DbError, Effects, Made, NotMade, Query,
        connection::{Param, all},
        pages::{List, Page, Position},
        users,
    },
    domain::{
        audit::{Action, Changes},
        staff::{Actor, ForVersion},
        user::{OwnerFilter, UserId, Username},
    },
};

/// A session that is alive, as staff see it.
#[derive(Debug, Clone)]
pub struct ListedSession {
    /// The digest of its id, with which nobody can log in.
    pub digest: SessionDigest,
    /// Whose it is.
    pub user: UserId,
    /// That user's name.
    pub username: Username,
    /// The login.
    pub created_at: OffsetDateTime,
    /// Written now and then, not at each use.
    pub last_used_at: OffsetDateTime,
}

impl ListedSession {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            digest: digest(row)?,
            user: UserId(row.try_get("user_id")?),
            username: Username::stored(row.try_get("username")?),
            created_at: row.try_get("created_at")?,
            last_used_at: row.try_get("last_used_at")?,
        })
    }

    /// Where it stands in a list.
    pub fn place(&self) -> SessionPlace {
        SessionPlace {
            created_at: self.created_at,
            digest: self.digest.to_vec(),
        }
    }
}

fn digest(row: &Row) -> Result<SessionDigest, DbError> {
    let digest: &[u8] = row.try_get("digest")?;
    digest
        .try_into()
        .map_err(|_| DbError::Broken("a session's digest has another length".into()))
}

/// Where a session stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPlace {
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    digest: Vec<u8>,
}

impl SessionPlace {
    fn params(&self) -> [Param<'_>; 2] {
        [&self.created_at, &self.digest]
    }
}

/// A page of everybody's sessions that are alive, the last login first.
pub struct FindSessions {
    /// Whose.
    pub filter: OwnerFilter,
    /// These alone.
    pub digests: Option<Vec<SessionDigest>>,
    /// From where.
    pub position: Position<SessionPlace>,
    /// How many at the most.
    pub size: u32,
}

impl Query for FindSessions {
    type Output = Page<ListedSession>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let user = self.filter.user.as_ref().map(Username::as_str);
        let digests = self.digests.as_deref().map(slices);
        let list = List {
            select: include_str!("../../../sql/queries/sessions/find_all.sql"),
            filters: &[&user, &digests],
            columns: ["s.created_at", "s.digest"],
            descending: true,
            search: None,
        };
        list.page(
            db,
            &self.position,
            self.size,
            SessionPlace::params,
            ListedSession::read,
        )
        .await
    }
}

fn slices(digests: &[SessionDigest]) -> Vec<&[u8]> {
    digests.iter().map(<[u8; 32]>::as_slice).collect()
}

/// Ends sessions of anybody's, all or none, and returns the digests of those that there were.
pub struct EndSomeSessions {
    /// Who ends them.
    pub by: Actor,
    /// Which ones.
    pub digests: Vec<SessionDigest>,
}

impl Change for EndSomeSessions {
    type Output = usize;

    async fn make(self, db: &Transaction<'_>) -> Result<Made<Self::Output>, NotMade> {
        let digests = slices(&self.digests);
        let owners = include_str!("../../../sql/queries/sessions/owners.sql");
        let read = |row: &Row| Ok(UserId(row.try_get("user_id")?));
        let mut ended = Vec::new();
        for owner in all(db, owners, &[&digests], read).await? {
            let user = users::lock(db, &self.by, owner, &ForVersion::Any).await?;
            let delete = include_str!("../../../sql/queries/sessions/delete_some.sql");
            let gone = all(db, delete, &[&digests, &owner.0], digest).await?;
            if gone.is_empty() {
                continue;
            }
            let sessions = i64::try_from(gone.len()).unwrap_or(i64::MAX);
            let changes = Changes::none().with("sessions", sessions, 0);
            let name = &user.user.username;
            users::log(db, &self.by, owner, name, Action::EndedSessions, changes).await?;
            ended.extend(gone);
        }
        Ok(Made::with(ended.len(), Effects::sessions(ended)))
    }
}
