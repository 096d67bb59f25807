//! What is done with several users at once.

use tierpix::domain::staff::StaffRole;

use super::{Browser, Page, logged_in, superuser};
use crate::harness::{Account, TestService, eventually};

async fn choose(browser: &Browser, action: &str, users: &[&Account]) -> Page {
    let ids: Vec<_> = users.iter().map(|user| user.id.0.to_string()).collect();
    let selected = ids.iter().map(|id| ("selected", id.as_str()));
    let fields: Vec<_> = [("action", action)].into_iter().chain(selected).collect();
    browser.post("/admin/users/?role=none", &fields).await
}

async fn count(service: &TestService, condition: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM users WHERE role IS NULL AND {condition}");
    service.number(&sql).await
}

#[actix_web::test]
async fn several_users_get_a_tier() {
    let (service, browser) = logged_in(StaffRole::Manager).await;
    let (anna, berta) = (service.account("Basic").await, service.account("").await);
    let other = service.account("Basic").await;
    let ask = choose(&browser, "set_tier", &[&anna, &berta]).await;
    assert!(ask.html.contains(&anna.username) && ask.html.contains(&berta.username));
    assert!(!ask.html.contains(&format!(">{}<", other.username)));
    let asked_again = browser.submit(&ask, &[]).await;
    assert_eq!(
        (asked_again.status, asked_again.error("tier")),
        (400, "Choose a tier.")
    );
    let list = browser.submit(&asked_again, &[("tier", "Premium")]).await;
    assert_eq!(
        (list.path.as_str(), list.message()),
        ("/admin/users/?role=none", "2 users got the tier.")
    );
    assert_eq!(count(&service, "tier_id = 2").await, 2);
    assert_eq!(
        service
            .number(
                "SELECT count(*) FROM audit_log WHERE actor_name IS NOT NULL AND action = 'changed'"
            )
            .await,
        2
    );
}

#[actix_web::test]
async fn several_users_are_deactivated_and_activated() {
    let (service, browser) = superuser().await;
    let (anna, berta) = (service.account("").await, service.account("").await);
    let ask = choose(&browser, "deactivate", &[&anna, &berta]).await;
    assert_eq!(count(&service, "NOT is_active").await, 0);
    assert_eq!(
        browser.submit(&ask, &[]).await.message(),
        "Deactivated: 2 users."
    );
    assert_eq!(count(&service, "NOT is_active").await, 2);
    let ask = choose(&browser, "activate", &[&anna]).await;
    assert_eq!(
        browser.submit(&ask, &[]).await.message(),
        "Activated: 1 user."
    );
    assert_eq!(count(&service, "NOT is_active").await, 1);
}

#[actix_web::test]
async fn several_users_are_deleted_with_their_images() {
    let (service, browser) = superuser().await;
    let (anna, berta) = (
        service.account("Basic").await,
        service.account("Basic").await,
    );
    anna.image().await;
    let ask = choose(&browser, "delete", &[&anna, &berta]).await;
    assert!(ask.html.contains("2 users with 1 image of "));
    assert_eq!(
        browser.submit(&ask, &[]).await.message(),
        "Deleted: 2 users."
    );
    assert_eq!(count(&service, "true").await, 0);
    eventually("the files are gone", async || service.files().is_empty()).await;
}

#[actix_web::test]
async fn who_cannot_be_changed_is_named_and_the_others_are_changed() {
    let (service, browser) = superuser().await;
    let root = service.staff(StaffRole::Superuser).await;
    service
        .execute(&format!(
            "UPDATE users SET role = NULL WHERE role IS NOT NULL AND id <> {}",
            root.id.0
        ))
        .await;
    let browser = {
        drop(browser);
        Browser::of(&service, &root).await
    };
    let anna = service.account("").await;
    let ask = choose(&browser, "delete", &[&root, &anna]).await;
    let list = browser.submit(&ask, &[]).await;
    assert!(
        list.message().starts_with("Deleted: 1 user. Not changed: "),
        "{}",
        list.message()
    );
    assert!(list.message().contains("is the last active superuser"));
    let left = format!("id = {}", anna.id.0);
    assert_eq!(count(&service, &left).await, 0);
}

#[actix_web::test]
async fn nothing_selected_or_chosen_changes_nothing() {
    let (service, browser) = superuser().await;
    let anna = service.account("").await;
    for page in [
        choose(&browser, "delete", &[]).await,
        choose(&browser, "", &[&anna]).await,
        choose(&browser, "explode", &[&anna]).await,
    ] {
        assert!(
            page.message()
                .starts_with("Select users and choose what to do")
        );
    }
    assert_eq!(count(&service, "true").await, 1);
}
