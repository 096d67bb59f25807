//! Lists: search, filters, order and pages, all of them in the URL; rows to select and what to do with them.

use std::str::FromStr;

use actix_web::{HttpResponse, http::StatusCode};
use askama::{Template, filters::HtmlSafe};

use super::{
    form::{Choice, Field},
    layout::Layout,
    panel::Panel,
    posted::Posted,
    table::{Column, Row, Sort},
    url::Params,
};
use crate::{domain::fields::FieldErrors, error::ApiError};

/// The parameter that a list is ordered by; a `-` in front turns the order round.
pub const ORDERING: &str = "ordering";
/// The parameter of the search.
pub const SEARCH: &str = "q";
/// The parameter of the page.
pub const PAGE: &str = "page";
/// The parameter of the way in which rows are shown.
pub const VIEW: &str = "view";
/// The name that the selected rows are sent under.
pub const SELECTED: &str = "selected";
/// The name that what to do with them is sent under.
pub const ACTION: &str = "action";

/// A list.
#[derive(Template)]
#[template(path = "admin/list.html")]
pub struct List {
    /// What the table holds, for those who do not see its place on the page.
    pub caption: String,
    /// Where the list is.
    pub path: &'static str,
    /// The parameters that make this view of it.
    pub params: Params,
    /// What can be searched and filtered by.
    pub filters: Vec<Field>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What can be done with selected rows; nothing if there is none.
    pub actions: Vec<Choice>,
    /// The page before.
    pub previous: Option<String>,
    /// The page behind.
    pub next: Option<String>,
    /// What to say in the place of no rows.
    pub empty: String,
    /// Whether the rows' pictures are shown, and not a table.
    pub gallery: bool,
}

impl HtmlSafe for List {}

impl List {
    /// A list without search, filters, pages and actions.
    pub fn new(
        caption: impl Into<String>,
        path: &'static str,
        params: &Params,
        columns: Vec<Column>,
        rows: Vec<Row>,
    ) -> Self {
        Self {
            caption: caption.into(),
            path,
            params: params.clone(),
            filters: Vec::new(),
            columns,
            rows,
            actions: Vec::new(),
            previous: None,
            next: None,
            empty: "There is nothing here yet.".to_owned(),
            gallery: false,
        }
    }

    /// With a search and filters, each of which takes its value from the URL.
    pub fn filtered(mut self, filters: Vec<Field>) -> Self {
        self.filters = filters
            .into_iter()
            .map(|mut filter| {
                self.params.get(filter.name).clone_into(&mut filter.value);
                filter
            })
            .collect();
        if self.is_filtered() {
            self.empty = "Nothing matches. Change the search or the filters.".to_owned();
        }
        self
    }

    /// Puts what is wrong with a filter beside it.
    pub fn refuse(&mut self, FieldErrors(errors): &FieldErrors) {
        for filter in &mut self.filters {
            if let Some(sentences) = errors.get(filter.name) {
                filter.errors.extend(sentences.iter().cloned());
            }
        }
    }

    /// Whether anything is filtered out.
    pub fn is_filtered(&self) -> bool {
        let mut filters = self.filters.iter();
        filters.any(|filter| filter.name != ORDERING && !filter.value.is_empty())
    }

    /// The columns that order the list, by their place and the word for them in the URL. `default` is the order of a URL
    /// without one.
    pub fn sorted(mut self, keys: &[(usize, &str)], default: &str) -> Self {
        for (index, key) in keys {
            if let Some(column) = self.columns.get_mut(*index) {
                column.sort = Some(Sort::by(key, default, &self.params));
            }
        }
        self
    }

    /// The parameters that are sent along with the filters' form: those that are not in it, the page aside.
    pub fn kept(&self) -> Vec<(&str, &str)> {
        let is_filter = |name: &str| self.filters.iter().any(|filter| filter.name == name);
        let others = self.params.pairs();
        others
            .filter(|(name, _)| *name != PAGE && !is_filter(name))
            .collect()
    }

    /// The list without search and filters.
    pub fn cleared(&self) -> String {
        let view = self.params.get(VIEW);
        format!("{}{}", self.path, Params::default().with(VIEW, view))
    }

    /// This view, where the selected rows are sent to.
    pub fn here(&self) -> String {
        format!("{}{}", self.path, self.params)
    }

    /// The page that a cursor leads to.
    pub fn page(&self, cursor: &str) -> String {
        format!("{}{}", self.path, self.params.with(PAGE, cursor))
    }
}

/// A page that holds a list and nothing else.
#[derive(Template)]
#[template(path = "admin/list_page.html")]
pub struct ListPage {
    layout: Layout,
    list: List,
}

impl ListPage {
    /// Answers with it.
    pub fn show(
        panel: &Panel,
        status: StatusCode,
        title: &str,
        list: List,
    ) -> Result<HttpResponse, ApiError> {
        let layout = panel.layout(title).failed(status != StatusCode::OK);
        panel.page_with(status, &Self { layout, list })
    }
}

impl Sort {
    fn by(key: &str, default: &str, params: &Params) -> Self {
        let now = match params.get(ORDERING) {
            "" => default,
            given => given,
        };
        let descending = format!("-{key}");
        let (now, next) = match now {
            now if now == key => ("ascending", descending.as_str()),
            now if now == descending => ("descending", key),
            _ => ("none", key),
        };
        Self {
            // The pages of another order are others.
            href: params.without(PAGE).with(ORDERING, next).to_string(),
            now,
        }
    }
}

/// The ids of the rows that were selected; what is no id selects nothing.
pub fn selected<I: FromStr + Ord>(posted: &Posted) -> Vec<I> {
    let ids = posted.all(SELECTED);
    let mut ids: Vec<I> = ids.filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn sort(uri: &str) -> (String, &'static str) {
        let params = Params::of(&TestRequest::with_uri(uri).to_http_request());
        let sort = Sort::by("name", "name", &params);
        (sort.href, sort.now)
    }

    #[test]
    fn a_column_turns_its_own_order_round() {
        assert_eq!(sort("/"), ("?ordering=-name".to_owned(), "ascending"));
        let expected = ("?q=a&ordering=name".to_owned(), "descending");
        assert_eq!(sort("/?q=a&ordering=-name&page=x"), expected);
        assert_eq!(
            sort("/?ordering=age"),
            ("?ordering=name".to_owned(), "none")
        );
    }

    #[test]
    fn rows_are_selected_once() {
        let posted = Posted::of(&[
            ("selected", "2"),
            ("selected", "x"),
            ("selected", "1"),
            ("selected", "2"),
        ]);
        assert_eq!(selected::<i64>(&posted), [1, 2]);
    }
}
