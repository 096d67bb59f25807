//! `POST /admin/links/`: revokes those that are selected.

use actix_web::HttpResponse;
use uuid::Uuid;

use super::REVOKE;
use crate::{
    admin::{confirm::is_confirmed, images, panel::Panel, posted::Posted, selection::AT_ONCE},
    db::{
        links::{FindLinks, RevokeSomeLinks},
        pages::Position,
    },
    domain::link::{LinkFilter, LinkId},
    error::ApiError,
};

/// Asks first; then revokes all of them in one transaction.
pub async fn act(panel: Panel, posted: Posted) -> Result<HttpResponse, ApiError> {
    let ids = REVOKE.ids::<Uuid>(&posted).into_iter().map(LinkId);
    let ids: Vec<_> = ids.collect();
    if ids.is_empty() {
        return REVOKE.nothing(&panel);
    }
    if is_confirmed(&posted) {
        let (wanted, by) = (ids.len(), panel.by.clone());
        let revoked = panel.make(RevokeSomeLinks { by, ids }).await??;
        return REVOKE.done(&panel, wanted, revoked);
    }
    let find = FindLinks {
        filter: LinkFilter {
            ids: Some(ids),
            ..LinkFilter::default()
        },
        position: Position::Start,
        size: AT_ONCE,
    };
    let links = panel.run(find).await?.rows;
    let rows = links.into_iter().map(|listed| {
        let link = listed.link;
        let name = format!("{} of {}, {}", listed.file_name, listed.username, link.size);
        let page = images::page(link.image);
        (link.claims.id.0.to_string(), name, Some(page))
    });
    REVOKE.ask(&panel, rows.collect())
}
