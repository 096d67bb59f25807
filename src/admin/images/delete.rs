//! `/admin/images/<id>/delete/`.

use actix_web::{HttpResponse, web::Path};

use super::{LIST, TITLE, image, page as page_of};
use crate::{
    admin::{
        confirm::{Confirm, Consequence},
        message::Message,
        panel::Panel,
        table::{bytes, count},
    },
    db::{
        images::{ListedImage, RemoveImages},
        links::ListLinks,
    },
    domain::image::ImageId,
    error::ApiError,
};

/// `GET /admin/images/<id>/delete/`.
pub async fn page(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let image = image(&panel, &id).await?;
    let id = image.image.id;
    let name = image.image.file_name.as_str();
    let layout = panel
        .layout("Delete")
        .below(TITLE, LIST)
        .below(name, page_of(id));
    let question = format!(
        "Shall the image “{name}” of {} be deleted? It cannot be brought back.",
        image.username
    );
    let mut page = Confirm::deletion(layout, question, page_of(id));
    page.consequences = consequences(&panel, &[image]).await?;
    panel.page(&page)
}

/// `POST /admin/images/<id>/delete/`.
pub async fn delete(panel: Panel, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let image = image(&panel, &id).await?;
    if remove(&panel, vec![image.image.id]).await? == 0 {
        return Err(ApiError::not_found());
    }
    let name = image.image.file_name.as_str();
    let text = format!("The image “{name}” of {} was deleted.", image.username);
    panel.see(LIST, &Message::success(text))
}

/// Deletes images, and says how many there were.
pub async fn remove(panel: &Panel, ids: Vec<ImageId>) -> Result<usize, ApiError> {
    let by = panel.by.clone();
    Ok(panel.make(RemoveImages { by, ids }).await??)
}

/// Names and counts what goes.
pub async fn consequences(
    panel: &Panel,
    images: &[ListedImage],
) -> Result<Vec<Consequence>, ApiError> {
    let stored: u64 = images.iter().map(|one| one.image.original.bytes).sum();
    let stored = bytes(i64::try_from(stored).unwrap_or(i64::MAX));
    let all = images.len() as i64;
    let names = images
        .iter()
        .map(|one| {
            let name = format!("{} of {}", one.image.file_name.as_str(), one.username);
            (name, Some(page_of(one.image.id)))
        })
        .collect();
    let mut live = 0;
    let now = time::OffsetDateTime::now_utc();
    for one in images {
        let links = panel.run(ListLinks(one.image.id)).await?;
        live += links.iter().filter(|link| link.can_open(now)).count() as i64;
    }
    let files = format!(
        "{} with {stored}, the thumbnails and every URL:",
        count(all, "image")
    );
    let links = format!("{} that can still be opened", count(live, "link"));
    Ok(vec![
        Consequence::named(files, names, all),
        Consequence::plain(links),
    ])
}
