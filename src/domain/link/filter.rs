//! Which links staff look at.

use serde_json::Value;
use uuid::Uuid;

use super::LinkId;
use crate::domain::{
    fields::{self, FieldErrors, Fields},
    image::ImageId,
    user::Username,
};

/// Which links to list; `None` is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkFilter {
    /// To whose images.
    pub user: Option<Username>,
    /// To which image.
    pub image: Option<ImageId>,
    /// Whether they can still be opened.
    pub is_live: Option<bool>,
    /// These alone.
    pub ids: Option<Vec<LinkId>>,
}

impl LinkFilter {
    /// Reads the parameters of a list; empty ones count as absent.
    pub fn parse(fields: &Fields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let user = fields::optional(fields, "user", fields::from_text);
        let image = fields::optional(fields, "image", image);
        let is_live = fields::optional(fields, "is_live", fields::boolean);
        let filter = Self {
            user: errors.collect("user", user).flatten(),
            image: errors.collect("image", image).flatten(),
            is_live: errors.collect("is_live", is_live).flatten(),
            ids: None,
        };
        errors.or(filter)
    }
}

fn image(value: &Value) -> Result<ImageId, String> {
    let text = value.as_str().unwrap_or_default();
    let id = Uuid::try_parse(text.trim());
    id.map(ImageId)
        .map_err(|_| "This is not the id of an image.".to_owned())
}
