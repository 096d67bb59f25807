//! `GET /api/v1/admin/audit/`. What is written of each change is in `audit_log.rs`.

use serde_json::{Value, json};
use tierpix::domain::staff::StaffRole;

use crate::harness::{Account, Answer, TestService};

const AUDIT: &str = "/api/v1/admin/audit/";

/// A service and a viewer.
async fn watched() -> (TestService, Account) {
    let service = TestService::start().await;
    let viewer = service.staff(StaffRole::Viewer).await;
    (service, viewer)
}

/// What was done, to whom, on a page.
fn told(page: &Answer) -> Vec<String> {
    assert_eq!(page.status, 200, "{page:?}");
    let json = page.json();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or("-").to_owned();
    let results = json["results"].as_array().unwrap().iter();
    results
        .map(|row| format!("{} {}", text(row, "object_name"), text(row, "action")))
        .collect()
}

async fn follow(account: &Account, page: &Answer, name: &str) -> Answer {
    let json = page.json();
    let url = json[name].as_str();
    let url = url.unwrap_or_else(|| panic!("no {name} in {json}"));
    account.get(&url[url.find("/api/").unwrap()..]).await
}

#[actix_web::test]
async fn a_change_is_told_with_who_made_it_and_from_what_to_what() {
    let (service, viewer) = watched().await;
    let root = service.staff(StaffRole::Superuser).await;
    root.patch("/api/v1/admin/tiers/1/", json!({ "uploads_per_hour": 5 }))
        .await;
    let page = viewer.get(AUDIT).await.json();
    let mut row = page["results"][0].clone();
    assert!(row["id"].take().is_i64());
    assert!(row["at"].take().as_str().unwrap().ends_with('Z'));
    let expected = json!({
        "id": null, "at": null, "actor_id": root.id, "actor": root.username, "object_kind": "tier",
        "object_id": "1", "object_name": "Basic", "action": "changed", "changes": { "uploads_per_hour": [null, 5] },
    });
    assert_eq!(row, expected);
}

#[actix_web::test]
async fn a_command_is_told_without_an_actor() {
    let (_service, viewer) = watched().await;
    let page = viewer.get(AUDIT).await.json();
    let row = &page["results"][0];
    assert_eq!(
        (&row["actor_id"], &row["actor"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(row["object_name"], viewer.username.as_str());
}

#[actix_web::test]
async fn each_kind_of_change_of_a_user_is_told_by_its_name_and_without_secrets() {
    let (service, viewer) = watched().await;
    let root = service.staff(StaffRole::Superuser).await;
    let anna = service.account("Enterprise").await;
    anna.token(&["read"]).await;
    let image = anna.image().await;
    anna.link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    let image = image.replace("/v1/", "/v1/admin/");
    let path = format!("/api/v1/admin/users/{}/", anna.id.0);
    let change = json!({ "username": "berta", "password": "a secret of hers" });
    assert_eq!(root.patch(&path, change).await.status, 200);
    for action in ["end-sessions", "revoke-tokens", "revoke-links"] {
        let answer = root.post(&format!("{path}{action}/"), json!({})).await;
        assert_eq!(answer.status, 204);
        // There is nothing left to revoke, which is no change.
        if action != "end-sessions" {
            root.post(&format!("{path}{action}/"), json!({})).await;
        }
    }
    assert_eq!(root.delete(&image).await.status, 204);
    assert_eq!(root.delete(&path).await.status, 204);
    let page = viewer.get(&format!("{AUDIT}?page_size=7")).await;
    let expected = [
        "berta deleted",
        "photo.jpg deleted",
        "berta revoked_links",
        "berta revoked_tokens",
        "berta ended_sessions",
        "berta set_password",
        "berta changed",
    ];
    assert_eq!(told(&page), expected);
    let json = page.json();
    let changes: Vec<_> = (0..7)
        .map(|row| json["results"][row]["changes"].clone())
        .collect();
    let bytes = crate::harness::picture().len();
    let expected = [
        json!({
            "username": ["berta", null], "tier": ["Enterprise", null], "is_active": [true, null], "images": [0, null],
        }),
        json!({ "user": ["berta", null], "format": ["jpeg", null], "bytes": [bytes, null] }),
        json!({ "links": [1, 0] }),
        json!({ "tokens": [1, 0] }),
        json!({}),
        json!({}),
        json!({ "username": [anna.username, "berta"] }),
    ];
    assert_eq!(changes, expected);
    for secret in ["a secret of hers", "argon2"] {
        assert!(!page.text().contains(secret), "{secret}");
    }
}

#[actix_web::test]
async fn the_history_of_one_object_can_be_asked_for() {
    let (service, viewer) = watched().await;
    let anna = service.account("Basic").await;
    service.set_tier(&anna, "Premium").await;
    let name = &anna.username;
    let query = format!("{AUDIT}?object_kind=user&object_id={}", anna.id.0);
    let page = viewer.get(&query).await;
    assert_eq!(
        told(&page),
        [format!("{name} changed"), format!("{name} added")]
    );
    let page = viewer.get(&format!("{AUDIT}?object_kind=tier")).await;
    assert_eq!(told(&page), [""; 0]);
    let page = viewer
        .get(&format!("{AUDIT}?object_kind=user&object_id="))
        .await;
    assert_eq!(told(&page).len(), 3);
}

#[actix_web::test]
async fn pages_lead_on_and_back() {
    let (service, viewer) = watched().await;
    let anna = service.account("Basic").await;
    for tier in ["Premium", "Basic", "Enterprise"] {
        service.set_tier(&anna, tier).await;
    }
    let all = viewer.get(AUDIT).await.json()["results"].clone();
    let first = viewer
        .get(&format!("{AUDIT}?object_kind=user&page_size=3"))
        .await;
    let second = follow(&viewer, &first, "next").await;
    assert_eq!(second.json()["next"], Value::Null);
    let mut rows = first.json()["results"].as_array().unwrap().clone();
    rows.extend(second.json()["results"].as_array().unwrap().clone());
    assert_eq!(json!(rows), all);
    let back = follow(&viewer, &second, "previous").await;
    assert_eq!(back.json()["results"], first.json()["results"]);
    assert_eq!(back.json()["previous"], Value::Null);
}

#[actix_web::test]
async fn wrong_parameters_are_told() {
    let (_service, viewer) = watched().await;
    for (query, told) in [
        (
            "object_kind=session&page_size=0&cursor=abc",
            json!({
                "object_kind": ["\"session\" is not a valid choice."],
                "page_size": ["Enter a whole number from 1 to 100."],
                "cursor": ["Invalid cursor"],
            }),
        ),
        (
            "object_id=1",
            json!({ "object_kind": ["This field is required."] }),
        ),
        (
            "object_kind=tier&object_id=%00",
            json!({ "object_id": ["Null characters are not allowed."] }),
        ),
    ] {
        let page = viewer.get(&format!("{AUDIT}?{query}")).await;
        assert_eq!(page.outcome(), (400, told), "{query}");
    }
}

#[actix_web::test]
async fn only_staff_see_it_and_nobody_writes_it() {
    let (service, viewer) = watched().await;
    let anna = service.account("").await;
    assert_eq!(anna.get(AUDIT).await.status, 403);
    assert_eq!(service.get(AUDIT).await.status, 401);
    let key = viewer.token(&["read"]).await;
    let by_token = Answer::of(service.request_by(&key, "GET", AUDIT)).await;
    assert_eq!(by_token.status, 403);
    let answer = viewer.post(AUDIT, json!({})).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, "GET, HEAD, OPTIONS")
    );
}
