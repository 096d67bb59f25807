//! Every path of the service.
//!
//! Paths are written without their last `/`; `NormalizePath` takes it off what comes in, for every method.

mod path;

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};

use super::{
    account, admin, docs, health, home, image_links, images, links, login, media, metrics, openapi,
    pages, tokens, upload,
};
use crate::{
    auth::identify::Need,
    domain::{staff::Power, token::Scope},
    error::ApiError,
};

pub use path::{Answer, Path};
use path::{delete, patch, private};
pub(crate) use path::{get, needs, open, post};

const UPLOAD: Need = Need::Scope(Scope::Upload);
const READ: Need = Need::Scope(Scope::Read);
const DELETE: Need = Need::Scope(Scope::Delete);
const LINKS: Need = Need::Scope(Scope::Links);
const LOOK: Need = Need::Staff(Power::Look);
const MANAGE_USERS: Need = Need::Staff(Power::ManageUsers);
const MANAGE_SERVICE: Need = Need::Staff(Power::ManageService);

/// Adds the paths to the application.
pub fn configure(app: &mut ServiceConfig) {
    for path in all() {
        app.service(path);
    }
    app.configure(crate::admin::routes::configure);
    app.default_service(web::to(not_found));
}

/// The paths, each with what answers it.
pub fn all() -> Vec<Path> {
    let mut paths = everyones();
    paths.extend(staffs());
    paths
}

fn everyones() -> Vec<Path> {
    vec![
        open(
            "/api-auth/login",
            vec![get(login::form), post(login::log_in)],
        ),
        open("/api-auth/logout", vec![post(login::log_out)]),
        open(links::PATTERN, vec![get(links::open)]),
        open(media::PATTERN, vec![get(media::get)]),
        open("/healthz", vec![get(health::alive)]),
        open("/readyz", vec![get(health::ready)]),
        open("/metrics", vec![get(metrics::show)]),
        open("/api/schema", vec![get(openapi::schema)]),
        open("/api/docs", vec![get(docs::show)]),
        open("/static/docs.css", vec![get(docs::stylesheet)]),
        open("/static/docs.js", vec![get(docs::script)]),
        open("/static/icon.svg", vec![get(pages::icon)]),
        open("/static/tierpix.css", vec![get(pages::stylesheet)]),
        open("/static/admin.css", vec![get(pages::admin_stylesheet)]),
        open("/static/admin.js", vec![get(pages::admin_script)]),
        open("/", vec![get(home::page)]),
        private(
            "/api/v1/images_upload",
            vec![needs(UPLOAD, post(upload::upload))],
        ),
        private(
            "/api/v1/images",
            vec![needs(READ, get(images::pages::list))],
        ),
        private(
            "/api/v1/images/{id}",
            vec![
                needs(READ, get(images::get)),
                needs(DELETE, delete(images::delete)),
            ],
        ),
        private(
            "/api/v1/images/{id}/links",
            vec![
                needs(READ, get(image_links::list)),
                needs(LINKS, post(image_links::create)),
            ],
        ),
        private(
            "/api/v1/images/{id}/links/{link}",
            vec![needs(LINKS, delete(image_links::revoke))],
        ),
        private("/api/v1/me", vec![needs(READ, get(account::me))]),
        private(
            "/api/v1/tokens",
            vec![
                needs(Need::NoToken, get(tokens::list)),
                needs(Need::NoToken, post(tokens::create)),
            ],
        ),
        private(
            "/api/v1/tokens/{id}",
            vec![needs(Need::NoToken, delete(tokens::delete))],
        ),
    ]
}

fn staffs() -> Vec<Path> {
    vec![
        private(
            "/api/v1/admin/tiers",
            vec![
                needs(LOOK, get(admin::tiers::list)),
                needs(MANAGE_SERVICE, post(admin::tiers::create)),
            ],
        ),
        private(
            "/api/v1/admin/tiers/{id}",
            vec![
                needs(LOOK, get(admin::tiers::get)),
                needs(MANAGE_SERVICE, patch(admin::tiers::change)),
                needs(MANAGE_SERVICE, delete(admin::tiers::delete)),
            ],
        ),
        private(
            "/api/v1/admin/users",
            vec![
                needs(LOOK, get(admin::users::list)),
                needs(MANAGE_USERS, post(admin::users::create)),
            ],
        ),
        private(
            "/api/v1/admin/users/{id}",
            vec![
                needs(LOOK, get(admin::users::get)),
                needs(MANAGE_USERS, patch(admin::users::change)),
                needs(MANAGE_USERS, delete(admin::users::delete)),
            ],
        ),
        private(
            "/api/v1/admin/users/{id}/end-sessions",
            vec![needs(MANAGE_USERS, post(admin::users::end_sessions))],
        ),
        private(
            "/api/v1/admin/users/{id}/unlock",
            vec![needs(MANAGE_USERS, post(admin::users::unlock))],
        ),
        private(
            "/api/v1/admin/users/{id}/revoke-tokens",
            vec![needs(MANAGE_USERS, post(admin::users::revoke_tokens))],
        ),
        private(
            "/api/v1/admin/users/{id}/revoke-links",
            vec![needs(MANAGE_USERS, post(admin::users::revoke_links))],
        ),
        private(
            "/api/v1/admin/images",
            vec![needs(LOOK, get(admin::images::list))],
        ),
        private(
            "/api/v1/admin/images/{id}",
            vec![
                needs(LOOK, get(admin::images::get)),
                needs(MANAGE_USERS, delete(admin::images::delete)),
            ],
        ),
        private(
            "/api/v1/admin/audit",
            vec![needs(LOOK, get(admin::audit::list))],
        ),
    ]
}

/// What answers a path that is none.
pub async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::not_found())
}
