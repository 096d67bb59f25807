//! `/admin/…`, as a browser without script sees it.

mod access;
mod browser;
mod conflict;
mod given_out;
mod history;
mod home;
mod hostile_values;
mod images;
mod images_list;
mod jobs;
mod keys;
mod tier_changes;
mod tiers;
mod upload;
mod user_access;
mod users;
mod users_bulk;
mod users_list;

use tierpix::domain::staff::StaffRole;

use crate::harness::{Account, TestService};
use browser::{Browser, Page};

/// A service, and a browser in which somebody of this role is logged in.
async fn logged_in(role: StaffRole) -> (TestService, Browser) {
    let service = TestService::start().await;
    let browser = Browser::of(&service, &service.staff(role).await).await;
    (service, browser)
}

/// A service, and a browser in which its superuser is logged in.
async fn superuser() -> (TestService, Browser) {
    logged_in(StaffRole::Superuser).await
}

/// The id in the path of an image of the API.
fn image_id(path: &str) -> &str {
    path.trim_end_matches('/').rsplit_once('/').unwrap().1
}

/// A user's page.
fn page_of(user: &Account) -> String {
    format!("/admin/users/{}/", user.id.0)
}
