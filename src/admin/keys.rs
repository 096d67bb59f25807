//! `/admin/keys/`: the keys that sign links.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;

use super::{
    confirm::{Confirm, Consequence},
    form::sentence,
    layout::Layout,
    list::List,
    message::Message,
    panel::Panel,
    table::{Cell, Column, Row, count, grouped},
};
use crate::{
    db::signing_keys::{
        CountLinksByKey, InsertSigningKey, ListSigningKeys, StoredKey, WithdrawSigningKey,
    },
    domain::{
        link::KeyId,
        staff::{Power, Refusal},
    },
    error::ApiError,
};

const LIST: &str = "/admin/keys/";
const TITLE: &str = "Keys";

#[derive(Template)]
#[template(path = "admin/keys.html")]
struct KeysPage {
    layout: Layout,
    list: List,
    may_change: bool,
}

/// `GET /admin/keys/`: there are never so many that they need pages.
pub async fn page(panel: Panel) -> Result<HttpResponse, ApiError> {
    let mut keys = panel.run(ListSigningKeys).await?;
    keys.reverse();
    let links = panel.run(CountLinksByKey).await?;
    let signing = keys.iter().find(|key| key.withdrawn_at.is_none());
    let signing = signing.map(|key| key.id);
    let may_change = panel.may(Power::ManageService);
    let rows = keys.iter().map(|key| {
        let links = links.get(&key.id).copied().unwrap_or(0);
        let state = match key.withdrawn_at {
            Some(_) => "withdrawn",
            None if Some(key.id) == signing => "signs new links",
            None => "opens links that it has signed",
        };
        let mut cells = vec![
            Cell::text(format!("Key {}", key.id.0)),
            Cell::text(state),
            Cell::Time(Some(key.created_at)),
            Cell::Time(key.withdrawn_at),
            Cell::text(grouped(links)),
        ];
        if may_change {
            cells.push(withdraw(key));
        }
        Row::new(key.id.0, format!("key {}", key.id.0), cells)
    });
    let rows: Vec<_> = rows.collect();
    let mut columns = vec![
        Column::text("Key"),
        Column::text("State"),
        Column::text("Made"),
        Column::text("Withdrawn"),
        Column::number("Links that can be opened"),
    ];
    if may_change {
        columns.push(Column::text("Change"));
    }
    let caption = count(rows.len() as i64, "key");
    panel.page(&KeysPage {
        layout: panel.layout(TITLE),
        list: List::new(caption, LIST, &panel.params, columns, rows),
        may_change,
    })
}

fn withdraw(key: &StoredKey) -> Cell {
    match key.withdrawn_at {
        Some(_) => Cell::text("–"),
        None => Cell::link(format!("{LIST}{}/withdraw/", key.id.0), "Withdraw"),
    }
}

/// `GET /admin/keys/rotate/`.
pub async fn ask_to_rotate(panel: Panel) -> Result<HttpResponse, ApiError> {
    let layout = panel.layout("Rotate the keys").below(TITLE, LIST);
    let question =
        "Shall a new key sign links from now on? Links that the others have signed live on.";
    panel.page(&Confirm {
        button: "Yes, rotate",
        dangerous: false,
        ..Confirm::deletion(layout, question, LIST)
    })
}

/// `POST /admin/keys/rotate/`.
pub async fn rotate(panel: Panel) -> Result<HttpResponse, ApiError> {
    let insert = InsertSigningKey {
        by: panel.by.clone(),
        salt: rand::random(),
    };
    let id = panel.make(insert).await??;
    let text = format!("Made the key {}, which signs from now on.", id.0);
    panel.see(LIST, &Message::success(text))
}

/// `GET /admin/keys/<id>/withdraw/`.
pub async fn ask_to_withdraw(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let id = key(&panel, &id).await?;
    ask(&panel, StatusCode::OK, id, None).await
}

/// `POST /admin/keys/<id>/withdraw/`.
pub async fn act_on_withdraw(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let id = key(&panel, &id).await?;
    let by = panel.by.clone();
    match panel.make(WithdrawSigningKey { by, id }).await? {
        Ok(()) => {
            let text = format!("Withdrew the key {}. Its links have ended.", id.0);
            panel.see(LIST, &Message::success(text))
        }
        Err(refusal @ Refusal::LastKey) => {
            ask(&panel, StatusCode::CONFLICT, id, Some(refusal)).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

async fn key(panel: &Panel, id: &Path<String>) -> Result<KeyId, ApiError> {
    let id = id.parse().map(KeyId).map_err(|_| ApiError::not_found())?;
    let keys = panel.run(ListSigningKeys).await?;
    let key = keys.iter().find(|key| key.id == id);
    key.map(|key| key.id).ok_or_else(ApiError::not_found)
}

async fn ask(
    panel: &Panel,
    status: StatusCode,
    id: KeyId,
    refusal: Option<Refusal>,
) -> Result<HttpResponse, ApiError> {
    let links = panel.run(CountLinksByKey).await?;
    let links = links.get(&id).copied().unwrap_or(0);
    let title = format!("Withdraw key {}", id.0);
    let layout = panel.layout(title).below(TITLE, LIST);
    let question = format!("Shall the key {} be withdrawn, for good?", id.0);
    let ends = format!(
        "{} that it has signed will end at once",
        count(links, "link")
    );
    let mut page = Confirm::deletion(layout, question, LIST);
    page.button = "Yes, withdraw";
    page.consequences = vec![Consequence::plain(ends)];
    page.refusal = refusal.as_ref().map(sentence);
    panel.page_with(status, &page)
}
