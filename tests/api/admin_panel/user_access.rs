//! `/admin/users/<id>/…`: passwords, sessions, tokens and links.

use serde_json::json;

use super::{page_of, superuser};
use crate::harness::Answer;

#[actix_web::test]
async fn a_new_password_ends_the_sessions() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let (_, session) = anna.log_in().await;
    let form = browser.get(&format!("{}password/", page_of(&anna))).await;
    let page = browser
        .submit(&form, &[("password", "short"), ("password_again", "other")])
        .await;
    assert_eq!(
        page.error("password"),
        "A password has at least 8 characters."
    );
    assert_eq!(page.error("password_again"), "The two passwords differ.");
    assert!(service.is_alive(&session).await);
    let new = [
        ("password", "another password"),
        ("password_again", "another password"),
    ];
    let page = browser.submit(&page, &new).await;
    assert!(page.message().contains("has a new password"));
    assert!(!service.is_alive(&session).await);
    assert_eq!(anna.get("/api/v1/me/").await.status, 401);
    let logged = "SELECT count(*) FROM audit_log WHERE action = 'set_password' AND changes = '{}'";
    assert_eq!(service.number(logged).await, 1);
}

#[actix_web::test]
async fn all_sessions_are_ended() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let (_, session) = anna.log_in().await;
    let ask = browser
        .get(&format!("{}end-sessions/", page_of(&anna)))
        .await;
    assert!(ask.html.contains("1 session now"));
    assert!(service.is_alive(&session).await);
    let page = browser.submit(&ask, &[]).await;
    assert_eq!(page.message(), "All sessions were ended.");
    assert!(!service.is_alive(&session).await);
}

#[actix_web::test]
async fn all_tokens_are_revoked() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    let ask = browser
        .get(&format!("{}revoke-tokens/", page_of(&anna)))
        .await;
    assert!(ask.html.contains("1 API token now"));
    let page = browser.submit(&ask, &[]).await;
    assert_eq!(page.message(), "Revoked: 1 API token.");
    let answer = Answer::of(service.request_by(&key, "GET", "/api/v1/me/")).await;
    assert_eq!(answer.status, 401);
}

#[actix_web::test]
async fn all_links_are_revoked() {
    let (service, browser) = superuser().await;
    let anna = service.account("Enterprise").await;
    let other = service.account("Enterprise").await;
    let mut links = Vec::new();
    for account in [&anna, &anna, &other] {
        let image = account.image().await;
        let link = account
            .link(&image, json!({ "expiring_time_seconds": 300 }))
            .await;
        links.push(link["expiring_link"].as_str().unwrap().to_owned());
    }
    assert_eq!(service.get(&links[0]).await.status, 200);
    let ask = browser
        .get(&format!("{}revoke-links/", page_of(&anna)))
        .await;
    assert!(ask.html.contains("2 links can still be opened now"));
    let page = browser.submit(&ask, &[]).await;
    assert_eq!(page.message(), "Revoked: 2 links.");
    let mut statuses = Vec::new();
    for link in &links {
        statuses.push(service.get(link).await.status);
    }
    assert_eq!(statuses, [404, 404, 200]);
    let logged = "SELECT count(*) FROM audit_log WHERE action = 'revoked_links'";
    assert_eq!(service.number(logged).await, 1);
}
