//! `/admin/`: the front page.

use actix_web::HttpResponse;
use askama::Template;

use super::{layout::Layout, panel::Panel};
use crate::error::ApiError;

#[derive(Template)]
#[template(path = "admin/home.html")]
struct HomePage {
    layout: Layout,
}

/// Leads to the sections.
pub async fn page(panel: Panel) -> Result<HttpResponse, ApiError> {
    let layout = panel.layout("Administration");
    panel.page(&HomePage { layout })
}
