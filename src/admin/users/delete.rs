//! `/admin/users/<id>/delete/`.

use actix_web::{HttpResponse, http::StatusCode, web::Path};

use super::{LIST, below, page as page_of, user_to_change};
use crate::{
    admin::{
        confirm::{Confirm, Consequence},
        form::sentence,
        message::Message,
        panel::Panel,
        table::{bytes, count},
    },
    db::users::{Belongings, DeleteUser, GetBelongings, ListedUser},
    domain::{
        staff::{ForVersion, Refusal},
        user::UserId,
    },
    error::ApiError,
};

/// How many of what goes are named, of each kind.
const NAMED: u32 = 10;

/// `GET /admin/users/<id>/delete/`.
pub async fn page(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let user = user_to_change(&panel, &id).await?;
    ask(&panel, StatusCode::OK, &user, None).await
}

/// `POST /admin/users/<id>/delete/`.
pub async fn delete(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let user = user_to_change(&panel, &id).await?;
    match remove(&panel, user.user.id).await? {
        Ok(()) => {
            let text = format!("The user “{}” was deleted.", user.user.username);
            panel.see(LIST, &Message::success(text))
        }
        Err(refusal @ Refusal::LastSuperuser(_)) => {
            ask(&panel, StatusCode::CONFLICT, &user, Some(refusal)).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Deletes a user with everything.
pub async fn remove(panel: &Panel, id: UserId) -> Result<Result<(), Refusal>, ApiError> {
    let delete = DeleteUser {
        by: panel.by.clone(),
        id,
        version: ForVersion::Any,
    };
    Ok(panel.make(delete).await?.map(drop))
}

/// Names and counts everything that will go.
async fn ask(
    panel: &Panel,
    status: StatusCode,
    user: &ListedUser,
    refusal: Option<Refusal>,
) -> Result<HttpResponse, ApiError> {
    let belongings = GetBelongings {
        user: user.user.id,
        named: NAMED,
    };
    let belongings = panel
        .run(belongings)
        .await?
        .ok_or_else(ApiError::not_found)?;
    let layout = below(panel, "Delete", user);
    let question = format!(
        "Shall the user “{}” be deleted, with everything below? It cannot be brought back.",
        user.user.username
    );
    let mut page = Confirm::deletion(layout, question, page_of(user.user.id));
    page.consequences = consequences(panel, user, belongings);
    page.refusal = refusal.as_ref().map(sentence);
    panel.page_with(status, &page)
}

fn consequences(panel: &Panel, user: &ListedUser, has: Belongings) -> Vec<Consequence> {
    let plain = |names: Vec<String>| names.into_iter().map(|name| (name, None)).collect();
    let images = count(user.images, "image");
    let size = bytes(user.stored_bytes);
    let mut consequences = vec![
        Consequence::named(
            format!("{images} with {size}, their thumbnails and all of their URLs"),
            plain(has.image_names),
            user.images,
        ),
        Consequence::plain(format!(
            "{} that can still be opened",
            count(has.live_links, "link")
        )),
        Consequence::named(
            count(has.tokens, "API token"),
            plain(has.token_names),
            has.tokens,
        ),
        Consequence::plain(count(has.sessions, "session")),
    ];
    if user.user.id == panel.user.id {
        let warning = "This is the account that you are logged in with.";
        consequences.insert(0, Consequence::plain(warning));
    }
    consequences
}
