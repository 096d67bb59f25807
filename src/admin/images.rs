//! `/admin/images/…`.

pub mod add;
pub mod bulk;
pub mod delete;
pub mod list;
pub mod show;

use actix_web::web::Path;
use uuid::Uuid;

use super::{panel::Panel, table::Picture, url::Params};
use crate::{
    db::images::{GetListedImages, Image, ListedImage},
    domain::{
        image::{ImageId, Size},
        tier::{Tier, TierId},
        user::Username,
    },
    error::ApiError,
    http::images::tier,
};

/// Where the list is.
pub const LIST: &str = "/admin/images/";
/// What the list is called.
const TITLE: &str = "Images";

/// What a thumbnail is to have to fill a place in a gallery, in pixels.
const GALLERY_HEIGHT: u32 = 150;
/// The height of the thumbnails of those whose owner has no tier.
const WITHOUT_TIER: u32 = 200;

/// An image's page.
pub fn page(id: ImageId) -> String {
    format!("{LIST}{id}/")
}

/// The list of a user's images.
pub fn of_user(user: &Username) -> String {
    format!("{LIST}{}", Params::default().with("user", user.as_str()))
}

/// Where a size of an image is. Pages show it from where they are themselves, which their policy allows.
fn media(image: &Image, size: Size) -> String {
    format!("/media/{}", image.object(size))
}

/// A size of an image as a picture that leads to the image's page.
fn sized(image: &Image, size: Size) -> Picture {
    let dimensions = image.dimensions_of(size);
    Picture {
        href: page(image.id),
        src: media(image, size),
        width: dimensions.width,
        height: dimensions.height,
    }
}

/// The thumbnail that stands for an image: one that its owner's tier has, so that none is made for the list alone.
fn thumbnail(image: &Image, tier: Option<&Tier>) -> Picture {
    let heights = tier.map_or(&[][..], |tier| tier.thumbnail_heights.as_slice());
    let enough = heights.iter().filter(|height| **height >= GALLERY_HEIGHT);
    let height = enough.min().or(heights.iter().max());
    let height = height.copied().unwrap_or(WITHOUT_TIER);
    sized(image, Size::Thumbnail(height))
}

/// The thumbnail that stands for an image of a user of this tier.
pub async fn thumbnail_of(
    panel: &Panel,
    image: &Image,
    tier_id: Option<TierId>,
) -> Result<Picture, ApiError> {
    let tier = tier(&panel.service, tier_id).await?;
    Ok(thumbnail(image, tier.as_deref()))
}

/// The image that a path names.
async fn image(panel: &Panel, id: &Path<String>) -> Result<ListedImage, ApiError> {
    let id = Uuid::try_parse(id).map_err(|_| ApiError::not_found())?;
    let found = panel.run(GetListedImages(vec![ImageId(id)])).await?;
    found.into_iter().next().ok_or_else(ApiError::not_found)
}
