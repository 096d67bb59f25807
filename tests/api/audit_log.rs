//! What the audit log holds of a change, and that nobody can edit it.

use serde_json::{Value, json};
use tierpix::{
    db::signing_keys::{InsertSigningKey, WithdrawSigningKey},
    domain::{
        link::KeyId,
        staff::{Actor, StaffRole},
    },
};

use crate::harness::TestService;

/// Every row, oldest first: who, what kind, its name, what was done, and the changes.
async fn rows(service: &TestService) -> Vec<Value> {
    let client = service.connection().await;
    let sql = "SELECT json_build_array(actor_name, object_kind, object_name, action, changes)::text
               FROM audit_log ORDER BY id";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter()
        .map(|row| serde_json::from_str(row.get(0)).unwrap())
        .collect()
}

/// The rows that were written since there were so many.
async fn since(service: &TestService, count: usize) -> Vec<Value> {
    rows(service).await.split_off(count)
}

#[actix_web::test]
async fn a_tiers_life_is_told_field_by_field() {
    let service = TestService::start().await;
    let root = service.staff(StaffRole::Superuser).await;
    let before = rows(&service).await.len();
    let tiers = "/api/v1/admin/tiers/";
    let made = root
        .post(tiers, json!({ "name": "Gold", "thumbnail_heights": [200] }))
        .await;
    let path = format!("{tiers}{}/", made.json()["id"]);
    let change =
        json!({ "name": "Silver", "thumbnail_heights": [200, 400], "original_link": false });
    root.patch(&path, change).await;
    assert_eq!(root.delete(&path).await.status, 204);
    let name = &root.username;
    let expected = [
        json!([name, "tier", "Gold", "added", {
            "name": [null, "Gold"], "thumbnail_heights": [null, [200]],
            "original_link": [null, false], "expiring_links": [null, false],
        }]),
        json!([name, "tier", "Silver", "changed", {
            "name": ["Gold", "Silver"], "thumbnail_heights": [[200], [200, 400]],
        }]),
        json!([name, "tier", "Silver", "deleted", {
            "name": ["Silver", null], "thumbnail_heights": [[200, 400], null],
            "original_link": [false, null], "expiring_links": [false, null],
        }]),
    ];
    assert_eq!(since(&service, before).await, expected);
}

#[actix_web::test]
async fn a_change_that_changes_nothing_leaves_no_row_and_no_version() {
    let service = TestService::start().await;
    let root = service.staff(StaffRole::Superuser).await;
    let before = rows(&service).await.len();
    let tag = root.get("/api/v1/admin/tiers/1/").await;
    let same = json!({ "name": "Basic", "thumbnail_heights": [200] });
    let answer = root.patch("/api/v1/admin/tiers/1/", same).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("etag"), tag.header("etag"));
    assert_eq!(since(&service, before).await, [json!(null); 0]);
}

#[actix_web::test]
async fn a_change_that_is_refused_leaves_no_row() {
    let service = TestService::start().await;
    let root = service.staff(StaffRole::Superuser).await;
    service.account("Basic").await;
    let before = rows(&service).await.len();
    root.delete("/api/v1/admin/tiers/1/").await;
    root.patch("/api/v1/admin/tiers/1/", json!({ "name": "Premium" }))
        .await;
    root.post(
        "/api/v1/admin/tiers/",
        json!({ "name": "Premium", "thumbnail_heights": [1] }),
    )
    .await;
    assert_eq!(since(&service, before).await, [json!(null); 0]);
}

#[actix_web::test]
async fn the_command_line_is_told_as_nobody() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    service.set_tier(&anna, "Premium").await;
    service.set_password(&anna, "another password").await;
    service.set_active(&anna, false).await;
    let name = &anna.username;
    let expected = [
        json!([null, "user", name, "added", {
            "username": [null, name], "tier": [null, "Basic"], "is_active": [null, true],
        }]),
        json!([null, "user", name, "changed", { "tier": ["Basic", "Premium"] }]),
        json!([null, "user", name, "set_password", {}]),
        json!([null, "user", name, "changed", { "is_active": [true, false] }]),
    ];
    assert_eq!(rows(&service).await, expected);
}

#[actix_web::test]
async fn what_was_done_outlives_who_did_it_and_to_whom() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    anna.image().await;
    service.delete_user(&anna).await;
    let name = &anna.username;
    let deleted = json!([null, "user", name, "deleted", {
        "username": [name, null], "tier": ["Basic", null], "is_active": [true, null], "images": [1, null],
    }]);
    assert_eq!(since(&service, 1).await, [deleted]);
}

#[actix_web::test]
async fn keys_are_told_and_nothing_of_what_they_are_made_of() {
    let service = TestService::start().await;
    let by = Actor::CommandLine;
    let insert = InsertSigningKey {
        by: by.clone(),
        salt: [7; 32],
    };
    service.make(insert).await.unwrap();
    for _ in 0..2 {
        let (by, id) = (by.clone(), KeyId(1));
        service.make(WithdrawSigningKey { by, id }).await.unwrap();
    }
    let expected = [
        json!([null, "key", "2", "added", {}]),
        json!([null, "key", "1", "withdrawn", {}]),
    ];
    assert_eq!(rows(&service).await, expected);
}

#[actix_web::test]
async fn nobody_can_edit_it() {
    let service = TestService::start().await;
    service.account("Basic").await;
    let client = service.connection().await;
    for sql in [
        "UPDATE audit_log SET actor_name = 'nobody', actor_id = 1",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
    ] {
        let error = client.batch_execute(sql).await.unwrap_err();
        let message = error.as_db_error().unwrap().message();
        assert_eq!(message, "audit_log is written once", "{sql}");
    }
    assert_eq!(rows(&service).await.len(), 1);
}
