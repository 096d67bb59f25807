//! `/admin/tokens/`: API tokens, without their keys, which nobody has.

use actix_web::{HttpResponse, http::StatusCode};
use uuid::Uuid;

use super::{
    confirm::is_confirmed,
    cursor,
    form::Field,
    list::{List, ListPage, PAGE},
    panel::Panel,
    posted::Posted,
    selection::{AT_ONCE, Selection},
    table::{Cell, Column, Row},
    users,
};
use crate::{
    db::{
        api_tokens::{FindTokens, ListedToken, RevokeSomeTokens, TokenPlace},
        pages::Position,
    },
    domain::{
        staff::Power,
        token::{Scope, TokenId},
        user::OwnerFilter,
    },
    error::ApiError,
};

const LIST: &str = "/admin/tokens/";
const TITLE: &str = "API tokens";

/// How many tokens a page holds.
const PAGE_SIZE: u32 = 50;

const REVOKE: Selection = Selection {
    list: LIST,
    title: TITLE,
    row: "API token",
    action: "revoke",
    label: "Revoke",
    done: "Revoked",
    question: "Shall these API tokens be revoked? They are worth nothing any more, at once and for good.",
    button: "Yes, revoke",
};

/// `GET /admin/tokens/`.
pub async fn page(panel: Panel) -> Result<HttpResponse, ApiError> {
    match OwnerFilter::parse(&panel.params.without(PAGE).fields()) {
        Ok(filter) => {
            let position = cursor::position(&panel, |_: &TokenPlace| true);
            let find = FindTokens {
                filter,
                ids: None,
                position: position.clone(),
                size: PAGE_SIZE,
            };
            let found = panel.run(find).await?;
            let list = list(&panel, found.rows.iter().map(row).collect());
            let place = |listed: &ListedToken| TokenPlace::of(&listed.token);
            let list = list.paged(&position, &found, place)?;
            ListPage::show(&panel, StatusCode::OK, TITLE, list)
        }
        Err(errors) => {
            let mut list = list(&panel, Vec::new());
            list.refuse(&errors);
            ListPage::show(&panel, StatusCode::BAD_REQUEST, TITLE, list)
        }
    }
}

/// `POST /admin/tokens/`: asks first; then revokes those that are selected in one transaction.
pub async fn act(panel: Panel, posted: Posted) -> Result<HttpResponse, ApiError> {
    let ids = REVOKE.ids::<Uuid>(&posted).into_iter().map(TokenId);
    let ids: Vec<_> = ids.collect();
    if ids.is_empty() {
        return REVOKE.nothing(&panel);
    }
    if is_confirmed(&posted) {
        let (wanted, by) = (ids.len(), panel.by.clone());
        let revoked = panel.make(RevokeSomeTokens { by, ids }).await??;
        return REVOKE.done(&panel, wanted, revoked);
    }
    let find = FindTokens {
        filter: OwnerFilter::default(),
        ids: Some(ids),
        position: Position::Start,
        size: AT_ONCE,
    };
    let tokens = panel.run(find).await?.rows;
    let rows = tokens.into_iter().map(|listed| {
        let token = listed.token;
        let name = format!("{} of {}", token.name.as_str(), listed.username);
        (token.id.0.to_string(), name, Some(users::page(token.user)))
    });
    REVOKE.ask(&panel, rows.collect())
}

fn list(panel: &Panel, rows: Vec<Row>) -> List {
    let caption = format!("API tokens, {} on this page", rows.len());
    let list = List::new(caption, LIST, &panel.params, columns(), rows);
    let mut list = list.filtered(vec![Field::text("user", "User", "")]);
    if panel.may(Power::ManageUsers) {
        list.actions = REVOKE.choices();
    }
    list
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Name"),
        Column::text("User"),
        Column::text("Good for"),
        Column::text("Made"),
        Column::text("Expires"),
        Column::text("Last used"),
    ]
}

fn row(listed: &ListedToken) -> Row {
    let token = &listed.token;
    let scopes: Vec<_> = token.scopes.iter().map(Scope::as_str).collect();
    let cells = vec![
        Cell::text(token.name.as_str()),
        Cell::link(users::page(token.user), &listed.username),
        Cell::text(scopes.join(", ")),
        Cell::Time(Some(token.created_at)),
        Cell::Time(token.expires_at),
        Cell::Time(token.last_used_at),
    ];
    let name = format!("{} of {}", token.name.as_str(), listed.username);
    Row::new(token.id.0, name, cells)
}
