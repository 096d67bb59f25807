//! What can be done with several images at once: `POST /admin/images/`.

use actix_web::HttpResponse;
use uuid::Uuid;

use super::{LIST, TITLE, delete};
use crate::{
    admin::{
        confirm::{Confirm, is_confirmed},
        form::Choice,
        list::{ACTION, SELECTED, selected},
        message::Message,
        panel::Panel,
        posted::Posted,
        table::count,
    },
    db::images::{GetListedImages, ListedImage},
    domain::image::ImageId,
    error::ApiError,
};

/// How many images are taken at once: a page of the list, and then some.
const AT_ONCE: usize = 200;

const DELETE: &str = "delete";

/// What the list offers.
pub fn choices() -> Vec<Choice> {
    vec![Choice::new(DELETE, "Delete")]
}

/// Asks first; then deletes all of them in one transaction.
pub async fn act(panel: Panel, posted: Posted) -> Result<HttpResponse, ApiError> {
    let here = format!("{LIST}{}", panel.params);
    let ids = selected::<Uuid>(&posted).into_iter().take(AT_ONCE);
    let ids: Vec<_> = ids.map(ImageId).collect();
    if ids.is_empty() || posted.get(ACTION) != Some(DELETE) {
        let text = "Select images and choose what to do with them. Nothing was changed.";
        return panel.see(&here, &Message::warning(text));
    }
    if is_confirmed(&posted) {
        let (wanted, removed) = (ids.len(), delete::remove(&panel, ids).await?);
        return panel.see(&here, &told(wanted, removed));
    }
    let images = panel.run(GetListedImages(ids)).await?;
    if images.is_empty() {
        let text = "The images that you selected are gone already.";
        return panel.see(&here, &Message::warning(text));
    }
    ask(&panel, &images, here).await
}

fn told(wanted: usize, removed: usize) -> Message {
    let text = format!("Deleted: {}.", count(removed as i64, "image"));
    match wanted - removed {
        0 => Message::success(text),
        gone => {
            let gone = count(gone as i64, "image");
            Message::warning(format!("{text} Gone already: {gone}."))
        }
    }
}

async fn ask(
    panel: &Panel,
    images: &[ListedImage],
    here: String,
) -> Result<HttpResponse, ApiError> {
    let title = format!("Delete: {}", count(images.len() as i64, "image"));
    let layout = panel.layout(title).below(TITLE, LIST);
    let question = "Shall these images be deleted? They cannot be brought back.";
    let mut page = Confirm::deletion(layout, question, here);
    page.consequences = delete::consequences(panel, images).await?;
    let ids = images
        .iter()
        .map(|one| (SELECTED.to_owned(), one.image.id.to_string()));
    let action = (ACTION.to_owned(), DELETE.to_owned());
    page.hidden = [action].into_iter().chain(ids).collect();
    panel.page(&page)
}
