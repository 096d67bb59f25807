//! `/admin/keys/`.

use serde_json::json;
use tierpix::domain::staff::StaffRole;

use super::{logged_in, superuser};
use crate::harness::eventually;

#[actix_web::test]
async fn keys_are_rotated_and_withdrawn() {
    let (service, browser) = superuser().await;
    let anna = service.account("Enterprise").await;
    let path = anna.image().await;
    let link = anna
        .link(&path, json!({ "expiring_time_seconds": 300 }))
        .await;
    let url = link["expiring_link"].as_str().unwrap();
    let keys = browser.get("/admin/keys/").await;
    assert_eq!(keys.rows(), ["Key 1"]);
    let ask = browser.get(&keys.link("Rotate").unwrap()).await;
    let keys = browser.submit(&ask, &[]).await;
    assert_eq!(keys.message(), "Made the key 2, which signs from now on.");
    assert_eq!(keys.rows(), ["Key 2", "Key 1"]);
    assert_eq!(service.get(url).await.status, 200);
    let ask = browser.get("/admin/keys/1/withdraw/").await;
    assert!(
        ask.html.contains("1 link that it has signed will end"),
        "{}",
        ask.html
    );
    let keys = browser.submit(&ask, &[]).await;
    assert_eq!(keys.message(), "Withdrew the key 1. Its links have ended.");
    eventually("the link has ended", async || {
        service.get(url).await.status == 404
    })
    .await;
    let links = browser.get("/admin/links/?is_live=true").await;
    assert!(links.rows().is_empty());
    assert!(
        browser
            .get("/admin/links/")
            .await
            .html
            .contains("key withdrawn")
    );
    let logged =
        "SELECT count(*) FROM audit_log WHERE object_kind = 'key' AND actor_name IS NOT NULL";
    assert_eq!(service.number(logged).await, 2);
}

#[actix_web::test]
async fn the_last_key_stays() {
    let (service, browser) = superuser().await;
    let ask = browser.get("/admin/keys/1/withdraw/").await;
    let refused = browser.submit(&ask, &[]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.html.contains("the only one that signs"));
    let left = "SELECT count(*) FROM signing_keys WHERE withdrawn_at IS NULL";
    assert_eq!(service.number(left).await, 1);
}

#[actix_web::test]
async fn only_superusers_change_keys() {
    let (service, browser) = logged_in(StaffRole::Manager).await;
    let keys = browser.get("/admin/keys/").await;
    assert_eq!(
        (keys.status, keys.link("Rotate"), keys.link("Withdraw")),
        (200, None, None)
    );
    for path in ["/admin/keys/rotate/", "/admin/keys/1/withdraw/"] {
        assert_eq!(browser.get(path).await.status, 403);
        assert_eq!(browser.post(path, &[("confirmed", "1")]).await.status, 403);
    }
    assert_eq!(service.number("SELECT count(*) FROM signing_keys").await, 1);
}

#[actix_web::test]
async fn a_key_that_is_not_there_is_not_found() {
    let (_service, browser) = superuser().await;
    for id in ["7", "x", "99999999999999"] {
        let page = browser.get(&format!("/admin/keys/{id}/withdraw/")).await;
        assert_eq!(page.status, 404, "{id}");
    }
}
