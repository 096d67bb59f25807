//! `/admin/users/<id>/end-sessions/`, `…/unlock/`, `…/revoke-tokens/` and `…/revoke-links/`.

use actix_web::{HttpResponse, web::Path};

use super::{below, page as page_of, user_to_change};
use crate::{
    admin::{confirm::Confirm, message::Message, panel::Panel, table::count},
    db::users::{
        Belongings, EndSessions, GetBelongings, ListedUser, RevokeLinks, RevokeTokens, UnlockUser,
    },
    error::ApiError,
};

/// `GET /admin/users/<id>/end-sessions/`.
pub async fn ask_to_end_sessions(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let (user, has) = user_and_belongings(&panel, &id).await?;
    let name = &user.user.username;
    let sessions = count(has.sessions, "session");
    let question = format!(
        "Shall all sessions of “{name}” be ended? {sessions} now; logging in again stays possible."
    );
    ask(&panel, "End all sessions", "Yes, end them", &user, question)
}

/// `POST /admin/users/<id>/end-sessions/`.
pub async fn end_sessions(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let user = user_to_change(&panel, &id).await?;
    let id = user.user.id;
    let by = panel.by.clone();
    panel.make(EndSessions { by, id }).await??;
    done(&panel, &user, "All sessions were ended.")
}

/// `GET /admin/users/<id>/unlock/`.
pub async fn ask_to_unlock(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let (user, _) = user_and_belongings(&panel, &id).await?;
    let name = &user.user.username;
    let question = format!(
        "Let “{name}” log in again? Ten failed logins close an account for up to five minutes to the network that they came from."
    );
    ask(&panel, "Unlock", "Yes, unlock", &user, question)
}

/// `POST /admin/users/<id>/unlock/`.
pub async fn unlock(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let user = user_to_change(&panel, &id).await?;
    let (by, id) = (panel.by.clone(), user.user.id);
    panel.make(UnlockUser { by, id }).await??;
    done(&panel, &user, "Failed logins no longer keep the user out.")
}

/// `GET /admin/users/<id>/revoke-tokens/`.
pub async fn ask_to_revoke_tokens(
    panel: Panel,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (user, has) = user_and_belongings(&panel, &id).await?;
    let tokens = count(has.tokens, "API token");
    let name = &user.user.username;
    let question = format!("Shall all API tokens of “{name}” be revoked? {tokens} now.");
    ask(
        &panel,
        "Revoke all tokens",
        "Yes, revoke them",
        &user,
        question,
    )
}

/// `POST /admin/users/<id>/revoke-tokens/`.
pub async fn revoke_tokens(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let user = user_to_change(&panel, &id).await?;
    let (by, id) = (panel.by.clone(), user.user.id);
    let revoked = panel.make(RevokeTokens { by, id }).await??;
    let tokens = count(revoked as i64, "API token");
    done(&panel, &user, &format!("Revoked: {tokens}."))
}

/// `GET /admin/users/<id>/revoke-links/`.
pub async fn ask_to_revoke_links(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let (user, has) = user_and_belongings(&panel, &id).await?;
    let links = count(has.live_links, "link");
    let name = &user.user.username;
    let question = format!(
        "Shall all links to images of “{name}” be revoked? {links} can still be opened now."
    );
    ask(
        &panel,
        "Revoke all links",
        "Yes, revoke them",
        &user,
        question,
    )
}

/// `POST /admin/users/<id>/revoke-links/`.
pub async fn revoke_links(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let user = user_to_change(&panel, &id).await?;
    let (by, id) = (panel.by.clone(), user.user.id);
    let revoked = panel.make(RevokeLinks { by, id }).await??;
    let links = count(revoked as i64, "link");
    done(&panel, &user, &format!("Revoked: {links}."))
}

async fn user_and_belongings(
    panel: &Panel,
    id: &Path<String>,
) -> Result<(ListedUser, Belongings), ApiError> {
    let user = user_to_change(panel, id).await?;
    let belongings = GetBelongings {
        user: user.user.id,
        named: 0,
    };
    let belongings = panel.run(belongings).await?;
    Ok((user, belongings.ok_or_else(ApiError::not_found)?))
}

fn ask(
    panel: &Panel,
    title: &str,
    button: &'static str,
    user: &ListedUser,
    question: String,
) -> Result<HttpResponse, ApiError> {
    let layout = below(panel, title, user);
    panel.page(&Confirm {
        button,
        ..Confirm::deletion(layout, question, page_of(user.user.id))
    })
}

fn done(panel: &Panel, user: &ListedUser, text: &str) -> Result<HttpResponse, ApiError> {
    panel.see(&page_of(user.user.id), &Message::success(text))
}
