//! `/admin/users/…`: adding, changing and deleting one.

use serde_json::json;
use tierpix::domain::staff::StaffRole;

use super::{Browser, logged_in, page_of, superuser};
use crate::harness::{Answer, basic, eventually};

const ADD: &str = "/admin/users/add/";

#[actix_web::test]
async fn a_user_is_added_with_a_tier_and_a_password() {
    let (service, browser) = logged_in(StaffRole::Manager).await;
    let form = browser.get(ADD).await;
    let values = [
        ("username", "berta"),
        ("email", "berta@example.org"),
        ("tier", "Premium"),
        ("password", "  a good one "),
        ("password_again", "  a good one "),
    ];
    let list = browser.submit(&form, &values).await;
    assert_eq!(
        (list.path.as_str(), list.message()),
        ("/admin/users/", "The user “berta” was added.")
    );
    let request = service.request("GET", "/api/v1/me/");
    let me = Answer::of(request.header("authorization", basic("berta", "  a good one "))).await;
    assert_eq!(me.json()["account_tier"], json!("Premium"));
}

#[actix_web::test]
async fn what_is_wrong_with_a_new_user_is_told_beside_each_field() {
    let (service, browser) = superuser().await;
    let form = browser.get(ADD).await;
    let values = [
        ("username", "a b"),
        ("email", "berta"),
        ("tier", "Nope"),
        ("role", "root"),
        ("password", "secret!"),
        ("password_again", "secret?"),
    ];
    let page = browser.submit(&form, &values).await;
    assert_eq!(page.status, 400);
    assert_eq!(
        page.error("username"),
        "A user name holds only letters, digits and @ . + - _"
    );
    assert_eq!(page.error("email"), "Enter a valid e-mail address.");
    assert_eq!(page.error("role"), "&#34;root&#34; is not a valid choice.");
    assert_eq!(
        page.error("password"),
        "A password has at least 8 characters."
    );
    assert_eq!(page.error("password_again"), "The two passwords differ.");
    assert_eq!(
        (page.value("username"), page.value("email")),
        ("a b".to_owned(), "berta".to_owned())
    );
    assert!(!page.html.contains("secret"));
    assert_eq!(service.number("SELECT count(*) FROM users").await, 1);
}

#[actix_web::test]
async fn a_name_that_is_taken_and_a_tier_that_is_gone_are_told() {
    let (service, browser) = superuser().await;
    let anna = service.account("").await;
    let form = browser.get(ADD).await;
    let password = [
        ("password", "long enough"),
        ("password_again", "long enough"),
    ];
    let values = [&[("username", anna.username.as_str())], &password[..]].concat();
    let page = browser.submit(&form, &values).await;
    assert_eq!(
        page.error("username"),
        "A user with this name already exists."
    );
    let values = [&[("username", "berta"), ("tier", "Gone")], &password[..]].concat();
    let page = browser.submit(&form, &values).await;
    assert_eq!(
        page.error("tier"),
        "This tier has just been deleted: choose another one."
    );
}

#[actix_web::test]
async fn a_user_is_changed() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let form = browser.get(&page_of(&anna)).await;
    let values = [
        ("tier", "Enterprise"),
        ("role", "viewer"),
        ("email", "a@b.c"),
        ("_continue", ""),
    ];
    let page = browser.submit(&form, &values).await;
    assert!(
        page.message()
            .ends_with("was changed. You may edit it again below.")
    );
    assert_eq!(
        (page.value("tier"), page.value("role")),
        ("Enterprise".to_owned(), "viewer".to_owned())
    );
    let me = anna.get("/api/v1/me/").await;
    assert_eq!(me.json()["account_tier"], json!("Enterprise"));
}

#[actix_web::test]
async fn a_typo_in_a_change_is_kept_and_told() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let form = browser.get(&page_of(&anna)).await;
    let page = browser.submit(&form, &[("email", "anna at home")]).await;
    assert_eq!(
        (page.status, page.error("email")),
        (400, "Enter a valid e-mail address.")
    );
    assert_eq!(page.value("email"), "anna at home");
}

#[actix_web::test]
async fn the_last_superuser_stays() {
    let (service, browser) = superuser().await;
    let id = service.number("SELECT id FROM users").await;
    let path = format!("/admin/users/{id}/");
    let form = browser.get(&path).await;
    let page = browser.submit(&form, &[("role", "manager")]).await;
    assert_eq!(page.status, 400);
    assert!(
        page.html
            .contains("is the last active superuser: make another one first.")
    );
    let page = browser.submit_without(&form, &["is_active"], &[]).await;
    assert!(page.html.contains("is the last active superuser"));
    let page = browser.post(&format!("{path}delete/"), &[]).await;
    assert_eq!(page.status, 409);
    assert!(page.html.contains("is the last active superuser"));
    let left = "SELECT count(*) FROM users WHERE role = 'superuser' AND is_active";
    assert_eq!(service.number(left).await, 1);
}

#[actix_web::test]
async fn a_manager_changes_users_but_not_the_staff() {
    let (service, browser) = logged_in(StaffRole::Manager).await;
    let anna = service.account("Basic").await;
    let form = browser.get(&page_of(&anna)).await;
    let page = browser
        .submit(&form, &[("tier", "Premium"), ("role", "superuser")])
        .await;
    assert_eq!(page.status, 200);
    let role = "SELECT count(*) FROM users WHERE role = 'superuser'";
    assert_eq!(service.number(role).await, 0);
    let viewer = service.staff(StaffRole::Viewer).await;
    let page = browser.get(&page_of(&viewer)).await;
    assert!(page.status == 200 && !page.html.contains("_save"));
    for below in [
        "",
        "password/",
        "delete/",
        "end-sessions/",
        "unlock/",
        "revoke-tokens/",
        "revoke-links/",
    ] {
        let page = browser
            .post(&format!("{}{below}", page_of(&viewer)), &[])
            .await;
        assert_eq!(page.status, 403, "{below}");
    }
}

#[actix_web::test]
async fn a_viewer_sees_users_and_changes_nothing() {
    let (service, browser) = logged_in(StaffRole::Viewer).await;
    let anna = service.account("Basic").await;
    let list = browser.get("/admin/users/").await;
    assert!(list.rows().contains(&anna.username.as_str()));
    assert!(list.link("Add a user").is_none() && !list.html.contains("name=\"action\""));
    assert_eq!(browser.get(&page_of(&anna)).await.status, 200);
    let id = anna.id.0.to_string();
    let delete = [("action", "delete"), ("selected", &id), ("confirmed", "1")];
    assert_eq!(browser.post("/admin/users/", &delete).await.status, 403);
    for below in [
        "",
        "password/",
        "delete/",
        "end-sessions/",
        "unlock/",
        "revoke-tokens/",
        "revoke-links/",
    ] {
        let page = browser
            .post(&format!("{}{below}", page_of(&anna)), &[])
            .await;
        assert_eq!(page.status, 403, "{below}");
    }
    assert_eq!(service.number("SELECT count(*) FROM users").await, 2);
}

#[actix_web::test]
async fn usage_is_shown_against_the_quota() {
    let (service, browser) = superuser().await;
    service
        .execute(
            "UPDATE tiers SET storage_quota_bytes = 1000000, uploads_per_hour = 10 WHERE id = 1",
        )
        .await;
    let anna = service.account("Basic").await;
    anna.image().await;
    let page = browser.get(&page_of(&anna)).await;
    assert!(page.html.contains(" of 1.0 MB"), "{}", page.html);
    assert!(page.html.contains("1 of 10"));
    assert!(page.html.contains("<rect class=\"used\" width=\"10\""));
}

#[actix_web::test]
async fn before_a_user_is_deleted_everything_that_goes_is_named_and_counted() {
    let (service, browser) = superuser().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    anna.link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    anna.token(&["read"]).await;
    anna.log_in().await;
    let page = browser.get(&format!("{}delete/", page_of(&anna))).await;
    for text in [
        "1 image with ",
        "<li>photo.jpg</li>",
        "1 link that can still be opened",
        "1 API token",
        "<li>phone</li>",
        "1 session",
    ] {
        assert!(page.html.contains(text), "{text}: {}", page.html);
    }
    assert!(!service.files().is_empty());
    let list = browser.submit(&page, &[]).await;
    assert_eq!(
        list.message(),
        format!("The user “{}” was deleted.", anna.username)
    );
    assert_eq!(service.number("SELECT count(*) FROM users").await, 1);
    eventually("the files are gone", async || service.files().is_empty()).await;
}

#[actix_web::test]
async fn who_is_deactivated_is_out_at_once() {
    let (service, browser) = superuser().await;
    let viewer = service.staff(StaffRole::Viewer).await;
    let other = Browser::of(&service, &viewer).await;
    let form = browser.get(&page_of(&viewer)).await;
    browser.submit_without(&form, &["is_active"], &[]).await;
    assert_eq!(other.get("/admin/").await.heading(), "Log in");
}
