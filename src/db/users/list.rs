//! The list of users that staff look through.

use serde::{Deserialize, Serialize};
use tokio_postgres::Row;

use super::ListedUser;
use crate::{
    db::{
        Connection, DbError, Query,
        connection::Param,
        pages::{List, Page, Position, Search},
    },
    domain::{
        staff::StaffRole,
        tier::TierName,
        user::{UserFilter, UserOrder, UserOrderKey},
    },
};

/// A page of the users that a filter lets through.
pub struct FindUsers {
    /// Which users, in which order.
    pub filter: UserFilter,
    /// From where.
    pub position: Position<UserPlace>,
    /// How many at the most.
    pub size: u32,
}

/// Where a user stands in a list: what the list is ordered by, and the user's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPlace(PlaceKey, i64);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum PlaceKey {
    Text(String),
    Number(i64),
}

impl UserPlace {
    /// A user's place in lists of this order.
    pub fn of(listed: &ListedUser, order: UserOrder) -> Self {
        let id = listed.user.id.0;
        let key = match order.by {
            UserOrderKey::Username => PlaceKey::Text(listed.user.username.to_string()),
            UserOrderKey::CreatedAt => PlaceKey::Number(id),
            UserOrderKey::StoredBytes => PlaceKey::Number(listed.stored_bytes),
        };
        Self(key, id)
    }

    /// Whether this is a place in lists of this order.
    pub fn is_in(&self, order: UserOrder) -> bool {
        match self.0 {
            PlaceKey::Text(_) => order.by == UserOrderKey::Username,
            PlaceKey::Number(_) => order.by != UserOrderKey::Username,
        }
    }

    fn params(&self) -> [Param<'_>; 2] {
        match self {
            Self(PlaceKey::Text(key), id) => [key, id],
            Self(PlaceKey::Number(key), id) => [key, id],
        }
    }
}

impl Query for FindUsers {
    type Output = Page<ListedUser>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let filter = &self.filter;
        let prefix = filter.search.as_ref().map(|search| search.like());
        let tier = match &filter.tier {
            Some(name) => Some(tier_id(db, name).await?),
            None => None,
        };
        let role = filter.role.map(StaffRole::as_str);
        let (key, far) = match filter.order.by {
            UserOrderKey::Username => ("u.username", "u.username || ''"),
            // Ids are given in this order.
            UserOrderKey::CreatedAt => ("u.id", "u.id + 0"),
            UserOrderKey::StoredBytes => ("u.stored_bytes", "u.stored_bytes + 0"),
        };
        let near = "users u WHERE true";
        let list = List {
            select: include_str!("../../../sql/queries/users/find.sql"),
            filters: &[&prefix, &tier, &role, &filter.is_staff, &filter.is_active],
            columns: [key, "u.id"],
            descending: filter.order.descending,
            // Names that begin alike lie together, perhaps far from the first one.
            search: prefix.is_some().then_some(Search { near, far }),
        };
        list.page(
            db,
            &self.position,
            self.size,
            UserPlace::params,
            ListedUser::read,
        )
        .await
    }
}

/// The id of a tier, as a value that the planner has counted; 0, which no tier has, if there is none of this name.
async fn tier_id(db: &mut Connection, name: &TierName) -> Result<i64, DbError> {
    let sql = include_str!("../../../sql/queries/tiers/find_by_name.sql");
    let read = |row: &Row| Ok(row.try_get("id")?);
    let id = db.optional(sql, &[&name.as_str()], read).await?;
    Ok(id.unwrap_or(0))
}
