//! What happened on each day.

use time::Date;

use super::{Connection, DbError, Query};

/// A day in UTC.
#[derive(Debug, Clone, Copy)]
pub struct DailyFigures {
    /// Which one.
    pub day: Date,
    /// Uploads that were stored, also those deleted since.
    pub uploads: i64,
    /// How often links were opened.
    pub links_opened: i64,
    /// Bytes of all originals in store at its end.
    pub stored_bytes: i64,
}

/// The last days, the oldest first and today last.
pub struct GetDailyFigures {
    /// How many.
    pub days: i32,
}

impl Query for GetDailyFigures {
    type Output = Vec<DailyFigures>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../sql/queries/daily_figures/last_days.sql");
        db.all(sql, &[&self.days], |row| {
            Ok(DailyFigures {
                day: row.try_get("day")?,
                uploads: row.try_get("uploads")?,
                links_opened: row.try_get("links_opened")?,
                stored_bytes: row.try_get("stored_bytes")?,
            })
        })
        .await
    }
}
