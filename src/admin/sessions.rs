//! `/admin/sessions/`: who is logged in.

use std::{fmt, str::FromStr};

use actix_web::{HttpResponse, http::StatusCode};

use super::{
    confirm::is_confirmed,
    cursor,
    form::Field,
    list::{List, ListPage, PAGE},
    panel::Panel,
    posted::Posted,
    selection::{AT_ONCE, Selection},
    table::{self, Cell, Column, Row},
    users,
};
use crate::{
    db::{
        pages::Position,
        sessions::{EndSomeSessions, FindSessions, ListedSession, SessionDigest, SessionPlace},
    },
    domain::{staff::Power, user::OwnerFilter},
    error::ApiError,
};

const LIST: &str = "/admin/sessions/";
const TITLE: &str = "Sessions";

/// How many sessions a page holds.
const PAGE_SIZE: u32 = 50;

const END: Selection = Selection {
    list: LIST,
    title: TITLE,
    row: "session",
    action: "end",
    label: "End",
    done: "Ended",
    question: "Shall these sessions be ended? Logging in again stays possible.",
    button: "Yes, end",
};

/// What a row is selected by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RowId(SessionDigest);

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for RowId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut digest = SessionDigest::default();
        if text.len() != 2 * digest.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(());
        }
        for (index, byte) in digest.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(drop)?;
        }
        Ok(Self(digest))
    }
}

/// `GET /admin/sessions/`.
pub async fn page(panel: Panel) -> Result<HttpResponse, ApiError> {
    match OwnerFilter::parse(&panel.params.without(PAGE).fields()) {
        Ok(filter) => {
            let position = cursor::position(&panel, |_: &SessionPlace| true);
            let find = FindSessions {
                filter,
                digests: None,
                position: position.clone(),
                size: PAGE_SIZE,
            };
            let found = panel.run(find).await?;
            let list = list(&panel, found.rows.iter().map(row).collect());
            let list = list.paged(&position, &found, ListedSession::place)?;
            ListPage::show(&panel, StatusCode::OK, TITLE, list)
        }
        Err(errors) => {
            let mut list = list(&panel, Vec::new());
            list.refuse(&errors);
            ListPage::show(&panel, StatusCode::BAD_REQUEST, TITLE, list)
        }
    }
}

/// `POST /admin/sessions/`: asks first; then ends those that are selected in one transaction.
pub async fn act(panel: Panel, posted: Posted) -> Result<HttpResponse, ApiError> {
    let digests = END.ids::<RowId>(&posted).into_iter().map(|RowId(it)| it);
    let digests: Vec<_> = digests.collect();
    if digests.is_empty() {
        return END.nothing(&panel);
    }
    if is_confirmed(&posted) {
        let (wanted, by) = (digests.len(), panel.by.clone());
        let ended = panel.make(EndSomeSessions { by, digests }).await??;
        return END.done(&panel, wanted, ended);
    }
    let find = FindSessions {
        filter: OwnerFilter::default(),
        digests: Some(digests),
        position: Position::Start,
        size: AT_ONCE,
    };
    let sessions = panel.run(find).await?.rows;
    let rows = sessions.iter().map(|session| {
        let page = users::page(session.user);
        (RowId(session.digest).to_string(), name(session), Some(page))
    });
    END.ask(&panel, rows.collect())
}

fn name(session: &ListedSession) -> String {
    let login = table::time(&session.created_at);
    format!("{}, logged in {login}", session.username)
}

fn list(panel: &Panel, rows: Vec<Row>) -> List {
    let caption = format!("Sessions, {} on this page", rows.len());
    let list = List::new(caption, LIST, &panel.params, columns(), rows);
    let mut list = list.filtered(vec![Field::text("user", "User", "")]);
    if panel.may(Power::ManageUsers) {
        list.actions = END.choices();
    }
    list
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("User"),
        Column::text("Logged in"),
        Column::text("Last used"),
    ]
}

fn row(session: &ListedSession) -> Row {
    let cells = vec![
        Cell::link(users::page(session.user), &session.username),
        Cell::Time(Some(session.created_at)),
        Cell::Time(Some(session.last_used_at)),
    ];
    Row::new(RowId(session.digest), name(session), cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_back_as_it_was_written() {
        let id = RowId(std::array::from_fn(|index| index as u8 * 8));
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "0f", &"x".repeat(64), &"é".repeat(32), &"+1".repeat(32)] {
            assert!(text.parse::<RowId>().is_err(), "{text}");
        }
    }
}
