//! The front page.

use serde_json::json;
use tierpix::domain::staff::StaffRole;

use super::{Page, logged_in, superuser};
use crate::harness::{Answer, eventually, picture};

/// What the chart of this title says in one line.
fn summary<'a>(page: &'a Page, title: &str) -> &'a str {
    let (_, card) = page.html.split_once(&format!(">{title}</h2>")).unwrap();
    let (_, summary) = card.split_once("<p class=\"summary\">").unwrap();
    summary.split_once("</p>").unwrap().0
}

#[actix_web::test]
async fn the_front_page_shows_what_happened_lately() {
    let (service, browser) = logged_in(StaffRole::Viewer).await;
    let anna = service.account("Enterprise").await;
    let path = anna.image().await;
    anna.image().await;
    let link = anna
        .link(
            &path,
            json!({ "expiring_time_seconds": 300, "max_uses": 3 }),
        )
        .await;
    let url = link["expiring_link"].as_str().unwrap();
    assert_eq!(service.get(url).await.status, 200);
    let page = browser.get("/admin/").await;
    assert_eq!(
        summary(&page, "Uploads a day"),
        "2 uploads in 30 days, 2 today."
    );
    assert_eq!(
        summary(&page, "Links opened a day"),
        "1 opening in 30 days, 1 today."
    );
    assert_eq!(page.pictures().len(), 2);
    assert!(page.html.contains("<rect class=\"bar\""));
    assert!(
        !page.html.contains("style="),
        "the policy allows no inline styles"
    );
}

#[actix_web::test]
async fn a_deleted_image_stays_an_upload_and_is_no_longer_in_store() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let path = anna.image().await;
    let stored = browser.get("/admin/").await;
    assert_ne!(summary(&stored, "Bytes in store"), "0 B now.");
    assert_eq!(anna.delete(&path).await.status, 204);
    let page = browser.get("/admin/").await;
    assert_eq!(
        summary(&page, "Uploads a day"),
        "1 upload in 30 days, 1 today."
    );
    assert_eq!(summary(&page, "Bytes in store"), "0 B now.");
}

#[actix_web::test]
async fn what_goes_with_a_user_leaves_the_store_in_one_count() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    anna.image().await;
    anna.image().await;
    let ask = browser
        .get(&format!("{}delete/", super::page_of(&anna)))
        .await;
    browser.submit(&ask, &[]).await;
    let page = browser.get("/admin/").await;
    assert_eq!(summary(&page, "Bytes in store"), "0 B now.");
}

#[actix_web::test]
async fn openings_that_are_gathered_are_counted_too() {
    let (service, browser) = superuser().await;
    let anna = service.account("Enterprise").await;
    let path = anna.image().await;
    let link = anna
        .link(&path, json!({ "expiring_time_seconds": 300 }))
        .await;
    service.get(link["expiring_link"].as_str().unwrap()).await;
    eventually("the opening is counted", async || {
        let page = browser.get("/admin/").await;
        summary(&page, "Links opened a day") == "1 opening in 30 days, 1 today."
    })
    .await;
}

#[actix_web::test]
async fn days_before_the_last_thirty_count_for_the_store_alone() {
    let (service, browser) = superuser().await;
    service
        .execute(
            "INSERT INTO daily_figures (day, shard, uploads, bytes_added, bytes_removed)
             VALUES ('2020-01-01', 0, 5, 7000, 0), ('2020-01-02', 3, 0, 0, 2000)",
        )
        .await;
    let page = browser.get("/admin/").await;
    assert_eq!(
        summary(&page, "Uploads a day"),
        "0 uploads in 30 days, 0 today."
    );
    assert_eq!(summary(&page, "Bytes in store"), "5.0 kB now.");
}

#[actix_web::test]
async fn errors_and_refusals_are_counted_by_cause() {
    let (service, browser) = superuser().await;
    let anna = service.account("").await;
    assert_eq!(anna.upload(picture()).await.status, 403);
    assert_eq!(anna.upload(picture()).await.status, 403);
    service.get("/api/v1/nothing/").await;
    let page = browser.get("/admin/").await;
    for (cause, status, count) in [("no account tier", 403, 2), ("not found", 404, 1)] {
        let row = format!(
            "<th scope=\"row\">{cause}</th><td class=\"number\">{status}</td><td class=\"number\">{count}</td>"
        );
        assert!(page.html.contains(&row), "{row} in {}", page.html);
    }
}

#[actix_web::test]
async fn users_are_counted_by_tier_and_the_last_changes_told() {
    let (service, browser) = superuser().await;
    service.account("Premium").await;
    let form = browser.get("/admin/tiers/2/").await;
    browser
        .submit(&form, &[("uploads_per_hour", "9"), ("confirmed", "1")])
        .await;
    let page = browser.get("/admin/").await;
    assert!(page.html.contains(">tier Premium</a>"), "{}", page.html);
    assert_eq!(page.link("Premium").unwrap(), "/admin/users/?tier=Premium");
}

#[actix_web::test]
async fn staff_are_told_of_a_proxy_that_is_not_trusted() {
    let (service, staff) = superuser().await;
    assert!(
        !staff
            .get("/admin/")
            .await
            .html
            .contains("TIERPIX_TRUSTED_PROXIES")
    );
    let request = service.request("GET", "/api/v1/me/");
    Answer::of(request.header("x-forwarded-for", "203.0.113.9")).await;
    let page = staff.get("/admin/").await.html;
    assert!(page.contains("TIERPIX_TRUSTED_PROXIES=127.0.0.1"), "{page}");
}

#[actix_web::test]
async fn staff_are_told_of_a_proxy_that_rewrites_the_host() {
    let (service, staff) = superuser().await;
    let form = [("username", "anna"), ("password", "wrong")];
    let request = service.request("POST", "/api-auth/login/").form(&form);
    let answer = Answer::of(request.header("origin", "http://pics.example.org")).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    let page = staff.get("/admin/").await.html;
    assert!(
        page.contains("TIERPIX_PUBLIC_URL=http://pics.example.org"),
        "{page}"
    );
}

#[actix_web::test]
async fn staff_are_told_nothing_of_a_request_that_a_browser_says_another_site_made() {
    let (service, staff) = superuser().await;
    let request = service
        .request("POST", "/api-auth/login/")
        .form(&[("username", "anna")]);
    let request = request.header("origin", "https://evil.example");
    let answer = Answer::of(request.header("sec-fetch-site", "cross-site")).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(!staff.get("/admin/").await.html.contains("evil.example"));
}
