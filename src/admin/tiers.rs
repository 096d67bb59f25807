//! `/admin/tiers/…`.

pub mod add;
pub mod change;
pub mod delete;
mod form;
mod impact;
pub mod list;

use actix_web::web::Path;

use super::panel::Panel;
use crate::{
    db::tiers::{GetListedTier, ListedTier},
    domain::tier::TierId,
    error::ApiError,
};

/// Where the list is.
pub const LIST: &str = "/admin/tiers/";
/// What the list is called.
const TITLE: &str = "Tiers";

/// The tier that a path names.
pub async fn tier(panel: &Panel, id: &Path<String>) -> Result<ListedTier, ApiError> {
    let id = id.parse().map(TierId).map_err(|_| ApiError::not_found())?;
    let tier = panel.run(GetListedTier(id)).await?;
    tier.ok_or_else(ApiError::not_found)
}

/// A tier's page.
pub fn page(tier: &ListedTier) -> String {
    format!("{LIST}{}/", tier.tier.id.0)
}
