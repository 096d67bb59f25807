//! `/admin/users/…`.

pub mod access;
pub mod add;
pub mod bulk;
pub mod change;
pub mod delete;
mod form;
pub mod list;
pub mod password;
pub mod upload;

use actix_web::web::Path;

use super::{layout::Layout, panel::Panel, url::Params};
use crate::{
    db::users::{GetListedUser, ListedUser},
    domain::{tier::TierName, user::UserId},
    error::ApiError,
};

/// Where the list is.
pub const LIST: &str = "/admin/users/";
/// What the list is called.
const TITLE: &str = "Users";

/// The list of those who have a tier.
pub fn of_tier(tier: &TierName) -> String {
    format!("{LIST}{}", Params::default().with("tier", tier.as_str()))
}

/// A user's page.
pub fn page(id: UserId) -> String {
    format!("{LIST}{}/", id.0)
}

/// The user that a path names.
async fn user(panel: &Panel, id: &Path<String>) -> Result<ListedUser, ApiError> {
    let id = id.parse().map(UserId).map_err(|_| ApiError::not_found())?;
    let user = panel.run(GetListedUser(id)).await?;
    user.ok_or_else(ApiError::not_found)
}

/// The user that a path names, if whoever asks may change it.
async fn user_to_change(panel: &Panel, id: &Path<String>) -> Result<ListedUser, ApiError> {
    let user = user(panel, id).await?;
    if panel.by.may_manage(user.user.role) {
        Ok(user)
    } else {
        Err(ApiError::permission_denied())
    }
}

/// What stands round a page below a user's.
fn below(panel: &Panel, title: &str, user: &ListedUser) -> Layout {
    let name = user.user.username.to_string();
    panel
        .layout(title)
        .below(TITLE, LIST)
        .below(name, page(user.user.id))
}
