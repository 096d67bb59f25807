//! Pages of long lists, entered by the place of a row and not by its number: rows that come or go between two pages shift
//! none of the others, and a late page costs what the first one costs.

use serde::{Deserialize, Serialize};
use tokio_postgres::Row;

use super::{
    Connection, DbError,
    connection::{Param, Params},
};

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
        let sql = self.sql(from.is_some(), backwards, inclusive);
        let mut params = self.filters.to_vec();
        params.extend(from.into_iter().flatten());
        params.push(&limit);
        // Not prepared for good: a plan for these very filters beats one for any.
        let rows = db.client()?.query(&sql, &params).await?;
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

    fn sql(&self, from: bool, backwards: bool, inclusive: bool) -> String {
        let Self {
            select,
            filters,
            columns: [key, id],
            descending,
        } = self;
        let (comparison, order) = if *descending == backwards {
            (">", "ASC")
        } else {
            ("<", "DESC")
        };
        let next = filters.len() + 1;
        let (after, limit) = if from {
            let equal = if inclusive { "=" } else { "" };
            let after = format!(
                "AND ({key}, {id}) {comparison}{equal} (${next}, ${})",
                next + 1
            );
            (after, next + 2)
        } else {
            (String::new(), next)
        };
        format!("{select} {after} ORDER BY {key} {order}, {id} {order} LIMIT ${limit}")
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
        };
        list.sql(from, backwards, false)
    }

    #[test]
    fn the_page_before_is_read_in_the_other_direction() {
        let end = |text: &str| format!("SELECT 1 WHERE true {text}");
        assert_eq!(
            sql(true, false, false),
            end(" ORDER BY a DESC, b DESC LIMIT $2")
        );
        let older = end("AND (a, b) < ($2, $3) ORDER BY a DESC, b DESC LIMIT $4");
        assert_eq!(sql(true, true, false), older);
        let newer = end("AND (a, b) > ($2, $3) ORDER BY a ASC, b ASC LIMIT $4");
        assert_eq!(sql(true, true, true), newer);
        assert_eq!(sql(false, true, false), newer);
        assert_eq!(sql(false, true, true), older);
    }
}
