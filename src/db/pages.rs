//! Pages of long lists, entered by the place of a row and not by its number: rows that come or go between two pages shift
//! none of the others, and a late page costs what the first one costs.

use serde::{Deserialize, Serialize};
use tokio_postgres::Row;
use tracing::Instrument;

use super::{
    Connection, DbError,
    connection::{Param, Params},
};
use crate::telemetry::spans;

/// Where a list is entered. `P` is the place of a row, which no two rows have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Position<P> {
    /// At its first row.
    #[serde(skip)]
    Start,
    /// Behind the row that has this place.
    #[serde(rename = "a")]
    After(P),
    /// Before that row, ending with the one next to it.
    #[serde(rename = "b")]
    Before(P),
    /// Ending with that row, if it is still there.
    #[serde(rename = "u")]
    UpTo(P),
}

/// Some rows of a list in its order.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether there are rows before them.
    pub has_previous: bool,
    /// Whether there are rows behind them.
    pub has_next: bool,
}

/// How many rows of a list are looked at in its order for those that a search wants.
const NEAR: u32 = 20_000;

/// A list: a statement without its order, and the two columns that make a row's place.
pub(super) struct List<'a> {
    /// `SELECT … WHERE …`, with the filters as parameters.
    pub select: &'a str,
    /// The filters' values.
    pub filters: Params<'a>,
    /// What the list is ordered by, and what tells rows apart that are alike in that.
    pub columns: [&'a str; 2],
    /// Whether the largest comes first.
    pub descending: bool,
    /// If a filter may let only rows through that lie far behind the first ones: how to find those. The planner believes
    /// that they lie anywhere, and would read the list in its order until it has a page of them.
    pub search: Option<Search<'a>>,
}

/// How rows far behind a list's first ones are found, for which it is read in its order for a while only.
pub(super) struct Search<'a> {
    /// `table WHERE …`, with those filters that are about the list's order.
    pub near: &'a str,
    /// What the list is ordered by, so written that no index has it: the rows are found by their filters, then sorted.
    pub far: &'a str,
}

/// How much of a list is read for a page.
#[derive(Clone, Copy)]
enum Reach<'a> {
    /// Its order, as far as it takes.
    All,
    /// Its order, for a while.
    Near(&'a Search<'a>),
    /// What the filters find.
    Far(&'a Search<'a>),
}

impl List<'_> {
    /// Reads the page of at most `size` rows at a position.
    pub async fn page<T, P>(
        &self,
        db: &mut Connection,
        position: &Position<P>,
        size: u32,
        place: impl for<'p> Fn(&'p P) -> [Param<'p>; 2],
        read: impl Fn(&Row) -> Result<T, DbError>,
    ) -> Result<Page<T>, DbError> {
        let (from, backwards, inclusive) = match position {
            Position::Start => (None, false, false),
            Position::After(row) => (Some(place(row)), false, false),
            Position::Before(row) => (Some(place(row)), true, false),
            Position::UpTo(row) => (Some(place(row)), true, true),
        };
        // One row more than is wanted tells whether there is another page.
        let limit = i64::from(size) + 1;
        let sql = |reach| self.sql(from.is_some(), backwards, inclusive, reach);
        let mut params = self.filters.to_vec();
        params.extend(from.into_iter().flatten());
        params.push(&limit);
        // Not prepared for good: a plan for these very filters beats one for any.
        let client = db.client()?;
        let query = async |reach| {
            let sql = sql(reach);
            let rows = client.query(&sql, &params);
            rows.instrument(spans::statement(&sql)).await
        };
        let rows = match &self.search {
            None => query(Reach::All).await?,
            Some(search) => {
                let near = query(Reach::Near(search)).await?;
                if near.len() > size as usize {
                    near
                } else {
                    query(Reach::Far(search)).await?
                }
            }
        };
        let mut rows = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let more = rows.len() > size as usize;
        rows.truncate(size as usize);
        if backwards {
            rows.reverse();
        }
        Ok(Page {
            rows,
            has_previous: if backwards { more } else { from.is_some() },
            has_next: backwards || more,
        })
    }

    fn sql(&self, from: bool, backwards: bool, inclusive: bool, reach: Reach<'_>) -> String {
        let Self {
            select,
            filters,
            columns: [key, id],
            descending,
            search: _,
        } = self;
        let (comparison, until, order) = if *descending == backwards {
            (">", "<=", "ASC")
        } else {
            ("<", ">=", "DESC")
        };
        let next = filters.len() + 1;
        let (after, limit) = if from {
            let equal = if inclusive { "=" } else { "" };
            let after = format!(
                " AND ({key}, {id}) {comparison}{equal} (${next}, ${})",
                next + 1
            );
            (after, next + 2)
        } else {
            (String::new(), next)
        };
        let (end, by) = match reach {
            Reach::All => (String::new(), *key),
            Reach::Near(Search { near, .. }) => {
                let last = format!("ORDER BY {key} {order}, {id} {order} OFFSET {NEAR} LIMIT 1");
                let last = format!("SELECT {key}, {id} FROM {near}{after} {last}");
                (format!(" AND ({key}, {id}) {until} ({last})"), *key)
            }
            Reach::Far(Search { far, .. }) => (String::new(), *far),
        };
        format!("{select}{after}{end} ORDER BY {by} {order}, {id} {order} LIMIT ${limit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(descending: bool, from: bool, backwards: bool) -> String {
        let list = List {
            select: "SELECT 1 WHERE true",
            filters: &[&1_i64],
            columns: ["a", "b"],
            descending,
            search: None,
        };
        list.sql(from, backwards, false, Reach::All)
    }

    #[test]
    fn the_page_before_is_read_in_the_other_direction() {
        let end = |text: &str| format!("SELECT 1 WHERE true {text}");
        assert_eq!(
            sql(true, false, false),
            end("ORDER BY a DESC, b DESC LIMIT $2")
        );
        let older = end("AND (a, b) < ($2, $3) ORDER BY a DESC, b DESC LIMIT $4");
        assert_eq!(sql(true, true, false), older);
        let newer = end("AND (a, b) > ($2, $3) ORDER BY a ASC, b ASC LIMIT $4");
        assert_eq!(sql(true, true, true), newer);
        assert_eq!(sql(false, true, false), newer);
        assert_eq!(sql(false, true, true), older);
    }
}
