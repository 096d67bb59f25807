//! `/healthz` and `/readyz`, for whoever watches over the service.

use std::{sync::atomic::Ordering, time::Duration};

use actix_web::{HttpResponse, http::header, web::Data};
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::openapi::tags;
use crate::{service::Service, site::SiteError};

/// How long each part may take: whoever watches is to be told within five seconds.
const PATIENCE: Duration = Duration::from_secs(4);

/// How long an idle thumbnail thread may take to answer.
const POOL_PATIENCE: Duration = Duration::from_secs(1);

/// How the service is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `alive` or `ready`.
    #[schema(value_type = String, examples("ready"))]
    status: &'static str,
}

/// Why requests cannot be served.
#[derive(Serialize, ToSchema)]
struct NotReady {
    /// `not ready`.
    #[schema(value_type = String, examples("not ready"))]
    status: &'static str,
    /// A sentence for each part that does not work.
    #[schema(examples("storage: no answer in 4 s"))]
    causes: Vec<String>,
}

/// Is the process alive?
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "alive",
    tag = tags::SERVICE,
    responses((status = 200, description = "It is.", body = Health)),
)]
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "alive" })
}

/// Can requests be served?
///
/// The database answers, the storage is the site's own and can be written to, the thumbnail pool works, and the service is
/// not being taken down.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "ready",
    tag = tags::SERVICE,
    responses(
        (status = 200, description = "They can.", body = Health),
        (status = 503, description = "They cannot, and why.", body = NotReady),
    ),
)]
pub async fn ready(service: Data<Service>) -> HttpResponse {
    let causes: Vec<String> = if service.draining.load(Ordering::Relaxed) {
        vec!["service: it is being taken down".to_owned()]
    } else {
        let (site, storage, pool) = futures_util::join!(
            in_time("database", check_site(&service)),
            in_time("storage", check_storage(&service)),
            in_time("thumbnails", check_pool(&service)),
        );
        [site, storage, pool].into_iter().flatten().collect()
    };
    if causes.is_empty() {
        return HttpResponse::Ok().json(Health { status: "ready" });
    }
    let status = "not ready";
    HttpResponse::ServiceUnavailable()
        .insert_header((header::RETRY_AFTER, "2"))
        .insert_header(header::ContentType::json())
        .json(NotReady { status, causes })
}

/// `None` if all is well, else what is not.
async fn in_time(part: &str, check: impl Future<Output = Option<String>>) -> Option<String> {
    let no_answer = || Some(format!("{part}: no answer in {} s", PATIENCE.as_secs()));
    timeout(PATIENCE, check)
        .await
        .unwrap_or_else(|_| no_answer())
}

async fn check_site(service: &Service) -> Option<String> {
    let check = async {
        service.site.ready().await?;
        service.site.check_in_use().await
    };
    match check.await {
        Ok(_) => None,
        Err(SiteError::Db(error)) => Some(format!("database: {error}")),
        Err(error) => Some(format!("storage: {error}")),
    }
}

async fn check_storage(service: &Service) -> Option<String> {
    let error = service.storage.check().await.err()?;
    Some(format!("storage: {error}"))
}

async fn check_pool(service: &Service) -> Option<String> {
    // A pool with work for every thread has no time to answer, and is alive.
    let alive = service.admission.is_busy() || service.thumbnailer.is_alive(POOL_PATIENCE).await;
    (!alive).then(|| "thumbnails: the pool does not answer".to_owned())
}
