//! `/api/v1/admin/audit/`: who changed what, from what to what.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::{
    db::audit_log::{FindChanges, LoggedChange},
    domain::{audit::AuditFilter, fields::FieldErrors, user::UserId},
    error::ApiError,
    http::{
        openapi::{errors, tags},
        paging, query,
    },
    service::Service,
};

/// A change.
#[derive(Serialize, ToSchema)]
#[schema(as = Change, examples(json!({
    "id": 12,
    "at": "2026-11-23T12:00:00.000Z",
    "actor_id": 1,
    "actor": "root",
    "object_kind": "tier",
    "object_id": "4",
    "object_name": "Gold",
    "action": "changed",
    "changes": { "thumbnail_heights": [[200], [200, 400]] }
})))]
struct ChangeBody<'a> {
    id: i64,
    #[serde(serialize_with = "crate::domain::timestamp::serialize")]
    at: OffsetDateTime,
    /// Who did it; null if that user is gone, or for the command line.
    #[schema(value_type = Option<i64>, required = true)]
    actor_id: Option<UserId>,
    /// The name at that time; null for the command line.
    #[schema(value_type = Option<String>, required = true)]
    actor: Option<&'a str>,
    /// `tier`, `user`, `image` or `key`.
    #[schema(value_type = String)]
    object_kind: &'static str,
    object_id: &'a str,
    /// The name at that time.
    object_name: &'a str,
    /// `added`, `changed`, `deleted`, `set_password`, `ended_sessions`, `unlocked`, `revoked_tokens`, `revoked_links`, `withdrawn`, `cancelled` or `allowed`.
    #[schema(value_type = String)]
    action: &'static str,
    /// Each field from what to what, never a secret.
    #[schema(value_type = Object)]
    changes: &'a Value,
}

/// A page of changes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the form of what paging::answer writes")]
struct ChangePage<'a> {
    /// The URL of the next page; null on the last one.
    #[schema(required = true, format = "uri")]
    next: Option<String>,
    /// The URL of the page before; null on the first one.
    #[schema(required = true, format = "uri")]
    previous: Option<String>,
    results: Vec<ChangeBody<'a>>,
}

/// Which changes are listed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes parameters, of which every fault is told at once"
)]
struct ChangeQuery {
    /// Of objects of this kind: `tier`, `user`, `image` or `key`.
    #[param(value_type = String, required = false, pattern = "^(tier|user|image|key)$")]
    object_kind: (),
    /// Of the object of this id; only together with the kind.
    #[param(value_type = String, required = false)]
    object_id: (),
    /// Made by whoever had this name then.
    #[param(value_type = String, required = false, example = "root")]
    actor: (),
    /// Made then or later: RFC 3339, or a day.
    #[param(value_type = OffsetDateTime, required = false)]
    after: (),
    /// Made earlier than that: RFC 3339, or a day.
    #[param(value_type = OffsetDateTime, required = false)]
    before: (),
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

/// Who changed what.
///
/// Newest first, of everything, of objects of a kind or of one object. Nobody can edit it.
#[utoipa::path(
    get,
    path = "/api/v1/admin/audit/",
    operation_id = "admin_audit_list",
    tag = tags::ADMIN_AUDIT,
    params(ChangeQuery, paging::PageQuery),
    responses(
        (status = 200, description = "A page.", body = ChangePage),
        (
            status = 400,
            description = "What is wrong with the parameters, all at once.",
            body = errors::FieldErrors,
            example = json!({ "object_kind": ["This field is required."] })
        ),
    ),
)]
pub async fn list(request: HttpRequest, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let fields = query::read(&request);
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
