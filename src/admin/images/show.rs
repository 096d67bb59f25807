//! `/admin/images/<id>/`: an image in all its sizes.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::{LIST, TITLE, media, sized};
use crate::{
    admin::{
        layout::Layout,
        links,
        list::List,
        panel::Panel,
        table::{Cell, Picture, bytes},
        users,
    },
    db::images::{Image, ListedImage},
    domain::{image::Size, staff::Power},
    error::ApiError,
    http::images::tier,
};

#[derive(Template)]
#[template(path = "admin/images/show.html")]
struct ImagePage {
    layout: Layout,
    id: String,
    sizes: Vec<ShownSize>,
    original: String,
    facts: Vec<(&'static str, Cell)>,
    links: List,
    may_delete: bool,
}

/// One size of the image.
struct ShownSize {
    name: String,
    picture: Picture,
    /// How large it is, or that it is still to be made.
    note: String,
}

/// `GET /admin/images/<id>/`.
pub async fn page(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let listed = super::image(&panel, &id).await?;
    // With what is known of the thumbnails.
    let image = panel.service.caches.image(listed.image.id).await?;
    let image = image.ok_or_else(ApiError::not_found)?;
    panel.page(&ImagePage {
        layout: panel.layout(image.file_name.as_str()).below(TITLE, LIST),
        id: image.id.to_string(),
        sizes: sizes(&panel, &listed, &image).await?,
        original: media(&image, Size::Original),
        facts: facts(&listed),
        links: links::list::of_image(&panel, image.id).await?,
        may_delete: panel.may(Power::ManageUsers),
    })
}

/// Those that the owner's tier has, those that were made besides, and the original.
async fn sizes(
    panel: &Panel,
    listed: &ListedImage,
    image: &Image,
) -> Result<Vec<ShownSize>, ApiError> {
    let tier = tier(&panel.service, listed.tier).await?;
    let heights = tier
        .iter()
        .flat_map(|tier| tier.thumbnail_heights.as_slice().iter().copied());
    let made = image.thumbnails.iter().map(|made| made.height);
    let mut heights: Vec<u32> = heights.chain(made).collect();
    heights.sort_unstable();
    heights.dedup();
    let sizes = heights.into_iter().map(Size::Thumbnail);
    let shown = |size: Size| {
        let picture = sized(image, size);
        let pixels = format!("{} × {}", picture.width, picture.height);
        let stored = match image.stored(size) {
            Some(stored) => bytes(i64::try_from(stored.bytes).unwrap_or(i64::MAX)),
            None => "made when it is first asked for".to_owned(),
        };
        ShownSize {
            name: size.to_string(),
            picture: Picture {
                href: media(image, size),
                ..picture
            },
            note: format!("{pixels}, {stored}"),
        }
    };
    Ok(sizes.chain([Size::Original]).map(shown).collect())
}

/// What there is to know of it. What a camera wrote into it, as the place, stays in the original.
fn facts(listed: &ListedImage) -> Vec<(&'static str, Cell)> {
    let image = &listed.image;
    let digest = image.original.sha256.iter();
    let digest: String = digest.map(|byte| format!("{byte:02x}")).collect();
    let pixels = u64::from(image.dimensions.width) * u64::from(image.dimensions.height);
    let dimensions = format!(
        "{} × {} ({:.1} megapixels)",
        image.dimensions.width,
        image.dimensions.height,
        pixels as f64 / 1e6
    );
    vec![
        (
            "User",
            Cell::link(users::page(image.user), &listed.username),
        ),
        ("Stored", Cell::Time(Some(image.created_at))),
        ("Type", Cell::text(image.format.content_type())),
        ("Pixels", Cell::text(dimensions)),
        (
            "Size",
            Cell::text(bytes(
                i64::try_from(image.original.bytes).unwrap_or(i64::MAX),
            )),
        ),
        ("SHA-256", Cell::text(digest)),
        ("Id", Cell::text(image.id)),
    ]
}
