//! `/api/v1/admin/audit/`: who changed what, from what to what.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    db::audit_log::{FindChanges, LoggedChange},
    domain::{audit::AuditFilter, fields::FieldErrors, user::UserId},
    error::ApiError,
    http::paging,
    service::Service,
};

#[derive(Serialize)]
struct ChangeBody<'a> {
    id: i64,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    actor_id: Option<UserId>,
    actor: Option<&'a str>,
    object_kind: &'static str,
    object_id: &'a str,
    object_name: &'a str,
    action: &'static str,
    changes: &'a Value,
}

impl<'a> ChangeBody<'a> {
    fn new(change: &'a LoggedChange) -> Self {
        let actor = change.actor.as_ref();
        Self {
            id: change.id,
            at: change.at,
            actor_id: actor.map(|(id, _)| *id),
            actor: actor.map(|(_, name)| name.as_str()),
            object_kind: change.kind.as_str(),
            object_id: &change.object_id,
            object_name: &change.object_name,
            action: change.action.as_str(),
            changes: &change.changes,
        }
    }
}

/// `GET /api/v1/admin/audit/`: newest first, of everything or of one object.
pub async fn list(request: HttpRequest, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let fields = paging::query(&request)?;
    let wanted = paging::wanted(&fields, |_| true);
    let (filter, wanted) = FieldErrors::both(AuditFilter::parse(&fields), wanted)?;
    let find = FindChanges {
        filter,
        position: wanted.position.clone(),
        size: wanted.size,
    };
    let page = service.db.run(find).await?;
    let results: Vec<_> = page.rows.iter().map(ChangeBody::new).collect();
    let place = |change: &LoggedChange| change.id;
    paging::answer(&request, &service, &wanted.position, &page, place, &results)
}
