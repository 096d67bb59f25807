//! `/admin/history/`.

use tierpix::domain::staff::StaffRole;

use super::{logged_in, superuser};
use crate::harness::Answer;

#[actix_web::test]
async fn a_change_is_told_with_who_and_from_what_to_what() {
    let (_service, browser) = superuser().await;
    let form = browser.get("/admin/tiers/1/").await;
    browser
        .submit(&form, &[("thumbnail_heights", "200,300")])
        .await;
    let tier = browser.get("/admin/tiers/1/").await;
    let history = browser.get(&tier.link("History").unwrap()).await;
    assert_eq!(history.heading(), "History");
    let change =
        "<span class=\"what\">thumbnail heights</span> <del>200</del> → <ins>200, 300</ins>";
    assert!(history.html.contains(change), "{}", history.html);
    assert!(history.html.contains(">tier Basic</a>"));
}

#[actix_web::test]
async fn history_is_filtered() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let root = service.staff(StaffRole::Superuser).await;
    let form = browser.get("/admin/tiers/2/").await;
    browser.submit(&form, &[("uploads_per_hour", "5")]).await;
    Answer::of(root.request("DELETE", &format!("/api/v1/admin/users/{}/", anna.id.0))).await;
    let rows = async |query: &str| {
        let page = browser.get(&format!("/admin/history/?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        page.rows().len()
    };
    assert_eq!(rows(&format!("actor={}", root.username)).await, 1);
    assert_eq!(rows("object_kind=tier").await, 1);
    assert_eq!(rows("object_kind=tier&object_id=3").await, 0);
    assert_eq!(
        rows(&format!("object_kind=user&object_id={}", anna.id.0)).await,
        2
    );
    assert_eq!(rows("before=2020-01-01").await, 0);
    assert!(rows("after=2020-01-01").await > 3);
}

#[actix_web::test]
async fn a_wrong_filter_of_the_history_is_told() {
    let (_service, browser) = superuser().await;
    for (query, field) in [
        ("object_kind=x", "object_kind"),
        ("object_id=4", "object_kind"),
        ("actor=a%20b", "actor"),
        ("after=x", "after"),
    ] {
        let page = browser.get(&format!("/admin/history/?{query}")).await;
        assert_eq!(page.status, 400, "{query}");
        assert_ne!(page.error(field), "", "{query}");
    }
}

#[actix_web::test]
async fn history_has_pages_and_nobody_edits_it() {
    let (service, browser) = logged_in(StaffRole::Viewer).await;
    service
        .execute(
            "INSERT INTO audit_log (object_kind, object_id, object_name, action, changes)
             SELECT 'tier', '1', 'Basic', 'changed', '{}' FROM generate_series(1, 60)",
        )
        .await;
    let first = browser.get("/admin/history/?object_kind=tier").await;
    let second = browser.get(&first.link("Next page").unwrap()).await;
    assert_eq!((first.rows().len(), second.rows().len()), (50, 10));
    assert!(!first.html.contains("<select id=\"action\""));
    assert_eq!(browser.post("/admin/history/", &[]).await.status, 405);
}
