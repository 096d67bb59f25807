//! Links, API tokens and sessions: looked at and ended.

use serde_json::json;
use tierpix::domain::staff::StaffRole;

use super::{image_id, logged_in, superuser};

#[actix_web::test]
async fn a_link_is_revoked_from_the_images_page() {
    let (service, browser) = logged_in(StaffRole::Manager).await;
    let anna = service.account("Enterprise").await;
    let path = anna.image().await;
    let link = anna
        .link(&path, json!({ "expiring_time_seconds": 300 }))
        .await;
    let kept = anna
        .link(&path, json!({ "expiring_time_seconds": 300 }))
        .await;
    let page = browser
        .get(&format!("/admin/images/{}/", image_id(&path)))
        .await;
    assert_eq!(page.selectable().len(), 2);
    let id = link["id"].as_str().unwrap();
    let list = browser.act("/admin/links/", "revoke", &[id]).await;
    assert_eq!(list.message(), "Revoked: 1 link.");
    let opened = async |link: &serde_json::Value| {
        service
            .get(link["expiring_link"].as_str().unwrap())
            .await
            .status
    };
    assert_eq!((opened(&link).await, opened(&kept).await), (404, 200));
    let logged = format!(
        "SELECT count(*) FROM audit_log WHERE action = 'revoked_links' AND object_kind = 'image' AND object_id = '{}'",
        image_id(&path)
    );
    assert_eq!(service.number(&logged).await, 1);
    let again = browser.act("/admin/links/", "revoke", &[id]).await;
    assert_eq!(again.message(), "Revoked: 0 links. Ended already: 1 link.");
}

#[actix_web::test]
async fn links_are_filtered_and_say_how_they_stand() {
    let (service, browser) = superuser().await;
    let anna = service.account("Enterprise").await;
    let path = anna.image().await;
    for _ in 0..2 {
        anna.link(
            &path,
            json!({ "expiring_time_seconds": 300, "max_uses": 1 }),
        )
        .await;
    }
    service
        .execute("UPDATE links SET uses = 1 WHERE id = (SELECT min(id::text)::uuid FROM links)")
        .await;
    let rows = async |query: &str| {
        let page = browser.get(&format!("/admin/links/?{query}")).await;
        assert_eq!(page.status, 200, "{}", page.html);
        page.rows().len()
    };
    assert_eq!(rows("").await, 2);
    assert_eq!(rows(&format!("user={}", anna.username)).await, 2);
    assert_eq!(rows("user=nobody").await, 0);
    assert_eq!(rows("is_live=true").await, 1);
    assert_eq!(rows("is_live=false").await, 1);
    assert_eq!(rows(&format!("image={}", image_id(&path))).await, 2);
    let page = browser.get("/admin/links/").await;
    assert!(page.html.contains(">used up<") && page.html.contains(">can be opened<"));
    assert_ne!(
        browser.get("/admin/links/?image=5").await.error("image"),
        ""
    );
}

#[actix_web::test]
async fn tokens_are_revoked() {
    let (service, browser) = logged_in(StaffRole::Manager).await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    let list = browser
        .get(&format!("/admin/tokens/?user={}", anna.username))
        .await;
    assert_eq!(list.rows(), ["phone"]);
    assert!(!list.html.contains(&key));
    let ids = list.selectable();
    let fields = [("action", "revoke"), ("selected", ids[0].as_str())];
    let ask = browser.post("/admin/tokens/", &fields).await;
    assert!(
        ask.html.contains(&format!("phone of {}", anna.username)),
        "{}",
        ask.html
    );
    let done = browser.submit(&ask, &[]).await;
    assert_eq!(done.message(), "Revoked: 1 API token.");
    let request = service.request("GET", "/api/v1/me/").bearer_auth(&key);
    assert_eq!(request.send().await.unwrap().status(), 401);
    let logged = format!(
        "SELECT count(*) FROM audit_log WHERE action = 'revoked_tokens' AND object_id = '{}' AND changes->'tokens'->0->>0 = 'phone'",
        anna.id.0
    );
    assert_eq!(service.number(&logged).await, 1);
}

#[actix_web::test]
async fn sessions_are_ended_one_by_one() {
    let (service, browser) = logged_in(StaffRole::Manager).await;
    let anna = service.account("Basic").await;
    let (_, first) = anna.log_in().await;
    let (_, second) = anna.log_in().await;
    let here = format!("/admin/sessions/?user={}", anna.username);
    let list = browser.get(&here).await;
    // The last login comes first.
    let ids = list.selectable();
    assert_eq!(ids.len(), 2);
    assert!(!list.html.contains(&first));
    let done = browser.act(&here, "end", &[&ids[1]]).await;
    assert_eq!(
        (done.path.as_str(), done.message()),
        (here.as_str(), "Ended: 1 session.")
    );
    assert!(!service.is_alive(&first).await);
    assert!(service.is_alive(&second).await);
}

#[actix_web::test]
async fn managers_end_nothing_of_the_staffs() {
    let (service, browser) = logged_in(StaffRole::Manager).await;
    let root = service.staff(StaffRole::Superuser).await;
    let (_, session) = root.log_in().await;
    root.token(&["read"]).await;
    let list = browser
        .get(&format!("/admin/sessions/?user={}", root.username))
        .await;
    let refused = browser
        .act("/admin/sessions/", "end", &[&list.selectable()[0]])
        .await;
    assert_eq!(refused.status, 403);
    assert!(service.is_alive(&session).await);
    let list = browser
        .get(&format!("/admin/tokens/?user={}", root.username))
        .await;
    let refused = browser
        .act("/admin/tokens/", "revoke", &[&list.selectable()[0]])
        .await;
    assert_eq!(refused.status, 403);
    assert_eq!(service.number("SELECT count(*) FROM api_tokens").await, 1);
}

#[actix_web::test]
async fn viewers_look_and_end_nothing() {
    let (service, browser) = logged_in(StaffRole::Viewer).await;
    let anna = service.account("Basic").await;
    let (_, session) = anna.log_in().await;
    anna.token(&["read"]).await;
    for path in ["/admin/links/", "/admin/tokens/", "/admin/sessions/"] {
        let page = browser.get(path).await;
        assert_eq!((page.status, page.selectable().len()), (200, 0), "{path}");
        assert_eq!(
            browser.post(path, &[("action", "revoke")]).await.status,
            403
        );
    }
    assert!(service.is_alive(&session).await);
}

#[actix_web::test]
async fn nothing_selected_or_chosen_ends_nothing() {
    let (service, browser) = superuser().await;
    service.account("Basic").await.token(&["read"]).await;
    for (path, action) in [
        ("/admin/links/", "revoke"),
        ("/admin/tokens/", "revoke"),
        ("/admin/sessions/", "end"),
    ] {
        let list = browser.get(path).await;
        let ids = list.selectable();
        let id = ids.first().map_or("x", String::as_str);
        for fields in [
            vec![("action", action)],
            vec![("action", action), ("selected", "nonsense")],
            vec![("action", "explode"), ("selected", id), ("confirmed", "1")],
        ] {
            let page = browser.post(path, &fields).await;
            assert!(page.message().starts_with("Select "), "{path} {fields:?}");
        }
        assert_eq!(browser.get(path).await.rows().len(), list.rows().len());
    }
}
