//! `/admin/history/`: who changed what, when, from what to what. Nobody can edit it.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::Value;

use super::{
    cursor,
    form::{Choice, Field},
    list::{List, ListPage, PAGE},
    panel::Panel,
    table::{Cell, Column, FieldChange, Row},
    url::Params,
};
use crate::{
    db::audit_log::{FindChanges, LoggedChange},
    domain::audit::{Action, AuditFilter, ObjectKind},
    error::ApiError,
};

const LIST: &str = "/admin/history/";
const TITLE: &str = "History";

/// How many changes a page holds.
const PAGE_SIZE: u32 = 50;

/// The history of one object.
pub fn of(kind: &str, id: impl ToString) -> String {
    let params = Params::default().with("object_kind", kind);
    format!("{LIST}{}", params.with("object_id", &id.to_string()))
}

/// `GET /admin/history/`.
pub async fn page(panel: Panel) -> Result<HttpResponse, ApiError> {
    match AuditFilter::parse(&panel.params.without(PAGE).fields()) {
        Ok(filter) => {
            let position = cursor::position(&panel, |_: &i64| true);
            let find = FindChanges {
                filter,
                position: position.clone(),
                size: PAGE_SIZE,
            };
            let found = panel.run(find).await?;
            let list = list(&panel, found.rows.iter().map(row).collect());
            let list = list.paged(&position, &found, |change| change.id)?;
            ListPage::show(&panel, StatusCode::OK, TITLE, list)
        }
        Err(errors) => {
            let mut list = list(&panel, Vec::new());
            list.refuse(&errors);
            ListPage::show(&panel, StatusCode::BAD_REQUEST, TITLE, list)
        }
    }
}

fn list(panel: &Panel, rows: Vec<Row>) -> List {
    let caption = format!("Changes, {} on this page", rows.len());
    List::new(caption, LIST, &panel.params, columns(), rows).filtered(filters())
}

fn filters() -> Vec<Field> {
    let kinds = ObjectKind::ALL.map(|kind| Choice::new(kind.as_str(), kind.as_str()));
    let all = [Choice::new("", "All")];
    vec![
        Field::select(
            "object_kind",
            "What",
            all.into_iter().chain(kinds).collect(),
            "",
        ),
        Field::text("object_id", "Its id", ""),
        Field::text("actor", "By", ""),
        Field::date("after", "From"),
        Field::date("before", "Before"),
    ]
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("When"),
        Column::text("Who"),
        Column::text("Did"),
        Column::text("With"),
        Column::text("From what to what"),
    ]
}

/// A change as a row of a list.
pub fn row(change: &LoggedChange) -> Row {
    let actor = match &change.actor {
        Some((_, name)) => {
            let params = Params::default().with("actor", name);
            Cell::link(format!("{LIST}{params}"), name)
        }
        None => Cell::text("the command line"),
    };
    let name = format!("{} {}", change.kind.as_str(), change.object_name);
    let cells = vec![
        Cell::Time(Some(change.at)),
        actor,
        Cell::text(words(change.action.as_str())),
        object(change, &name),
        Cell::Changes(changes(&change.changes)),
    ];
    Row::new(change.id, name, cells)
}

/// The object, and its page while it is there.
fn object(change: &LoggedChange, name: &str) -> Cell {
    let list = match change.kind {
        ObjectKind::Tier => super::tiers::LIST,
        ObjectKind::User => super::users::LIST,
        ObjectKind::Image => super::images::LIST,
        ObjectKind::Job => super::jobs::LIST,
        ObjectKind::Key | ObjectKind::Site => return Cell::text(name),
    };
    match change.action {
        Action::Deleted => Cell::link(of(change.kind.as_str(), &change.object_id), name),
        _ => Cell::link(format!("{list}{}/", change.object_id), name),
    }
}

fn changes(changes: &Value) -> Vec<FieldChange> {
    let fields = changes.as_object().into_iter().flatten();
    fields
        .map(|(field, values)| FieldChange {
            field: words(field),
            from: shown(&values[0]),
            to: shown(&values[1]),
        })
        .collect()
}

/// `thumbnail_heights` as people read it.
fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// A value as people read it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => format!("“{text}”"),
        Value::Array(values) if values.is_empty() => "nothing".to_owned(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_are_shown_as_people_read_them() {
        let changes = changes(&json!({
            "thumbnail_heights": [[200], [200, 400]], "is_active": [true, false], "email": [null, "a@b"], "tokens": [["x"], []],
        }));
        let told: Vec<_> = changes
            .iter()
            .map(|one| format!("{}: {} → {}", one.field, one.from, one.to))
            .collect();
        let expected = [
            "thumbnail heights: 200 → 200, 400",
            "is active: yes → no",
            "email: nothing → “a@b”",
            "tokens: “x” → nothing",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_no_change_is_shown_as_nothing() {
        assert!(changes(&json!([])).is_empty());
        assert_eq!(changes(&json!({ "a": 1 }))[0].from, "nothing");
    }
}
