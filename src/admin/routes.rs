//! Every page of the panel. As in [`crate::http::routes`], paths stand without their last `/`.

use actix_web::{
    middleware::from_fn,
    web::{self, FormConfig, ServiceConfig},
};

use super::{
    access, error_page, history, home, images, jobs, keys, links, login, sessions, sweep, tiers,
    tokens, users,
};
use crate::{
    auth::identify::Need,
    domain::staff::Power,
    error::ApiError,
    http::routes::{get, needs, open, post},
};

const MANAGE_USERS: Need = Need::Staff(Power::ManageUsers);
const MANAGE_SERVICE: Need = Need::Staff(Power::ManageService);

/// The most bytes of a form: a page of a list with every row selected takes a few thousand.
const MAX_FORM: usize = 64 * 1024;

/// Adds the pages to the application.
pub(crate) fn configure(app: &mut ServiceConfig) {
    app.service(
        web::scope("/admin")
            .app_data(FormConfig::default().limit(MAX_FORM))
            .wrap(from_fn(error_page::show))
            .service(open("/login", vec![get(login::form), post(login::log_in)]))
            .service(open("/logout", vec![post(login::log_out)]))
            .service(
                web::scope("")
                    .wrap(from_fn(access::require_session))
                    .configure(pages)
                    .default_service(web::to(not_found)),
            ),
    );
}

/// The pages behind the login.
fn pages(panel: &mut ServiceConfig) {
    panel
        .service(open("", vec![get(home::page)]))
        .service(open("/history", vec![get(history::page)]))
        .service(open(
            "/sweep/{files}",
            vec![
                needs(MANAGE_SERVICE, get(sweep::ask)),
                needs(MANAGE_SERVICE, post(sweep::allow)),
            ],
        ))
        .configure(tier_pages)
        .configure(user_pages)
        .configure(image_pages)
        .configure(access_pages)
        .configure(job_pages);
}

fn tier_pages(panel: &mut ServiceConfig) {
    panel
        .service(open("/tiers", vec![get(tiers::list::page_of_tiers)]))
        .service(open(
            "/tiers/add",
            vec![
                needs(MANAGE_SERVICE, get(tiers::add::page)),
                needs(MANAGE_SERVICE, post(tiers::add::save)),
            ],
        ))
        .service(open(
            "/tiers/{id}",
            vec![
                get(tiers::change::page),
                needs(MANAGE_SERVICE, post(tiers::change::save)),
            ],
        ))
        .service(open(
            "/tiers/{id}/delete",
            vec![
                needs(MANAGE_SERVICE, get(tiers::delete::page)),
                needs(MANAGE_SERVICE, post(tiers::delete::delete)),
            ],
        ));
}

fn user_pages(panel: &mut ServiceConfig) {
    panel
        .service(open(
            "/users",
            vec![
                get(users::list::page_of_users),
                needs(MANAGE_USERS, post(users::bulk::act)),
            ],
        ))
        .service(open(
            "/users/add",
            vec![
                needs(MANAGE_USERS, get(users::add::page)),
                needs(MANAGE_USERS, post(users::add::save)),
            ],
        ))
        .service(open(
            "/users/{id}",
            vec![
                get(users::change::page),
                needs(MANAGE_USERS, post(users::change::save)),
            ],
        ))
        .service(open(
            "/users/{id}/password",
            vec![
                needs(MANAGE_USERS, get(users::password::page)),
                needs(MANAGE_USERS, post(users::password::save)),
            ],
        ))
        .service(open(
            "/users/{id}/upload",
            vec![
                needs(MANAGE_SERVICE, get(users::upload::page)),
                needs(MANAGE_SERVICE, post(users::upload::upload)),
            ],
        ))
        .service(open(
            "/users/{id}/delete",
            vec![
                needs(MANAGE_USERS, get(users::delete::page)),
                needs(MANAGE_USERS, post(users::delete::delete)),
            ],
        ))
        .service(open(
            "/users/{id}/end-sessions",
            vec![
                needs(MANAGE_USERS, get(users::access::ask_to_end_sessions)),
                needs(MANAGE_USERS, post(users::access::end_sessions)),
            ],
        ))
        .service(open(
            "/users/{id}/unlock",
            vec![
                needs(MANAGE_USERS, get(users::access::ask_to_unlock)),
                needs(MANAGE_USERS, post(users::access::unlock)),
            ],
        ))
        .service(open(
            "/users/{id}/revoke-tokens",
            vec![
                needs(MANAGE_USERS, get(users::access::ask_to_revoke_tokens)),
                needs(MANAGE_USERS, post(users::access::revoke_tokens)),
            ],
        ))
        .service(open(
            "/users/{id}/revoke-links",
            vec![
                needs(MANAGE_USERS, get(users::access::ask_to_revoke_links)),
                needs(MANAGE_USERS, post(users::access::revoke_links)),
            ],
        ));
}

fn image_pages(panel: &mut ServiceConfig) {
    panel
        .service(open(
            "/images",
            vec![
                get(images::list::page_of_images),
                needs(MANAGE_USERS, post(images::bulk::act)),
            ],
        ))
        .service(open(
            "/images/add",
            vec![needs(MANAGE_SERVICE, get(images::add::page))],
        ))
        .service(open("/images/{id}", vec![get(images::show::page)]))
        .service(open(
            "/images/{id}/delete",
            vec![
                needs(MANAGE_USERS, get(images::delete::page)),
                needs(MANAGE_USERS, post(images::delete::delete)),
            ],
        ));
}

fn job_pages(panel: &mut ServiceConfig) {
    panel
        .service(open("/jobs", vec![get(jobs::list::page_of_jobs)]))
        .service(open("/jobs/{id}", vec![get(jobs::show::page)]))
        .service(open(
            "/jobs/{id}/cancel",
            vec![
                needs(MANAGE_USERS, get(jobs::show::ask_to_cancel)),
                needs(MANAGE_USERS, post(jobs::show::cancel)),
            ],
        ))
        .service(open(
            "/tiers/{id}/backfill",
            vec![
                needs(MANAGE_USERS, get(jobs::backfill::ask)),
                needs(MANAGE_USERS, post(jobs::backfill::begin)),
            ],
        ));
}

/// What was given out: links, tokens, sessions, and the keys that sign links.
fn access_pages(panel: &mut ServiceConfig) {
    panel
        .service(open(
            "/links",
            vec![
                get(links::list::page_of_links),
                needs(MANAGE_USERS, post(links::revoke::act)),
            ],
        ))
        .service(open(
            "/tokens",
            vec![get(tokens::page), needs(MANAGE_USERS, post(tokens::act))],
        ))
        .service(open(
            "/sessions",
            vec![
                get(sessions::page),
                needs(MANAGE_USERS, post(sessions::act)),
            ],
        ))
        .service(open("/keys", vec![get(keys::page)]))
        .service(open(
            "/keys/rotate",
            vec![
                needs(MANAGE_SERVICE, get(keys::ask_to_rotate)),
                needs(MANAGE_SERVICE, post(keys::rotate)),
            ],
        ))
        .service(open(
            "/keys/{id}/withdraw",
            vec![
                needs(MANAGE_SERVICE, get(keys::ask_to_withdraw)),
                needs(MANAGE_SERVICE, post(keys::act_on_withdraw)),
            ],
        ));
}

async fn not_found() -> Result<actix_web::HttpResponse, ApiError> {
    Err(ApiError::not_found())
}
