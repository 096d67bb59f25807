//! `/admin/tiers/<id>/delete/`.

use actix_web::{HttpResponse, http::StatusCode, web::Path};

use super::{LIST, TITLE};
use crate::{
    admin::{
        confirm::{Confirm, Consequence},
        message::Message,
        panel::Panel,
        table::count,
        users,
    },
    db::{
        pages::Position,
        tiers::{DeleteTier, ListedTier},
        users::FindUsers,
    },
    domain::{
        staff::{ForVersion, Refusal},
        user::UserFilter,
    },
    error::ApiError,
};

/// How many users are named who have the tier.
const NAMED: u32 = 20;

/// `GET /admin/tiers/<id>/delete/`.
pub async fn page(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let tier = super::tier(&panel, &id).await?;
    ask(&panel, StatusCode::OK, &tier).await
}

/// `POST /admin/tiers/<id>/delete/`.
pub async fn delete(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let tier = super::tier(&panel, &id).await?;
    let delete = DeleteTier {
        by: panel.by.clone(),
        id: tier.tier.id,
        version: ForVersion::Any,
    };
    match panel.make(delete).await? {
        Ok(()) => {
            let text = format!("The tier “{}” was deleted.", tier.tier.name);
            panel.see(LIST, &Message::success(text))
        }
        Err(Refusal::TierInUse { .. }) => {
            let tier = super::tier(&panel, &id).await?;
            ask(&panel, StatusCode::CONFLICT, &tier).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Asks, or says who has the tier.
async fn ask(
    panel: &Panel,
    status: StatusCode,
    tier: &ListedTier,
) -> Result<HttpResponse, ApiError> {
    let name = &tier.tier.name;
    let layout = panel
        .layout("Delete")
        .below(TITLE, LIST)
        .below(name.to_string(), super::page(tier));
    let question = format!("Shall the tier “{name}” be deleted?");
    let mut page = Confirm::deletion(layout, question, super::page(tier));
    if tier.users > 0 {
        let holders = FindUsers {
            filter: UserFilter {
                tier: Some(name.clone()),
                ..UserFilter::default()
            },
            position: Position::Start,
            size: NAMED,
        };
        let holders = panel.run(holders).await?.rows;
        let names = holders
            .iter()
            .map(|user| {
                (
                    user.user.username.to_string(),
                    Some(users::page(user.user.id)),
                )
            })
            .collect();
        let have = if tier.users == 1 { "has" } else { "have" };
        let sentence = format!("{} {have} this tier:", count(tier.users, "user"));
        page.question = format!("The tier “{name}” is in use.");
        page.consequences = vec![Consequence::named(sentence, names, tier.users)];
        page.refusal = Some("Give its users another tier first.".to_owned());
    }
    panel.page_with(status, &page)
}
