//! `GET /api/v1/me/`.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Account, TestService, picture};

async fn me(account: &Account) -> Value {
    let answer = account.get("/api/v1/me/").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[actix_web::test]
async fn an_account_is_shown_with_its_tier() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let expected = json!({
        "username": anna.username,
        "account_tier": "Enterprise",
        "tier": {
            "name": "Enterprise",
            "thumbnail_heights": [200, 400],
            "original_link": true,
            "expiring_links": true,
            "max_upload_bytes": null,
            "storage_quota_bytes": null,
            "uploads_per_hour": null,
        },
        "usage": { "images": 0, "stored_bytes": 0, "uploads_last_hour": 0 },
    });
    assert_eq!(me(&anna).await, expected);
}

#[actix_web::test]
async fn an_account_without_a_tier_is_shown_so() {
    let service = TestService::start().await;
    let anna = service.account("").await;
    let shown = me(&anna).await;
    assert_eq!(
        (&shown["account_tier"], &shown["tier"]),
        (&Value::Null, &Value::Null)
    );
}

#[actix_web::test]
async fn the_limits_of_the_tier_are_shown() {
    let service = TestService::start().await;
    service
        .execute(
            "UPDATE tiers SET max_upload_bytes = 1000, storage_quota_bytes = 20000, uploads_per_hour = 30",
        )
        .await;
    let anna = service.account("Basic").await;
    let tier = &me(&anna).await["tier"];
    for (name, limit) in [
        ("max_upload_bytes", 1000),
        ("storage_quota_bytes", 20_000),
        ("uploads_per_hour", 30),
    ] {
        assert_eq!(tier[name], limit, "{name}");
    }
}

#[actix_web::test]
async fn usage_counts_the_bytes_of_originals() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    for _ in 0..2 {
        anna.image().await;
    }
    let bytes = 2 * picture().len();
    let expected = json!({ "images": 2, "stored_bytes": bytes, "uploads_last_hour": 2 });
    assert_eq!(me(&anna).await["usage"], expected);
}

#[actix_web::test]
async fn a_deleted_image_is_used_no_more_but_was_uploaded() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let image = anna.image().await;
    anna.delete(&image).await;
    let expected = json!({ "images": 0, "stored_bytes": 0, "uploads_last_hour": 1 });
    assert_eq!(me(&anna).await["usage"], expected);
}

#[actix_web::test]
async fn an_upload_of_an_hour_ago_is_not_of_the_last_hour() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    anna.image().await;
    service
        .execute("UPDATE recent_uploads SET stored_at = stored_at - interval '1 hour'")
        .await;
    assert_eq!(me(&anna).await["usage"]["uploads_last_hour"], 0);
}

#[actix_web::test]
async fn uploads_that_arrive_at_once_are_each_counted_and_leave_in_their_order() {
    let service = TestService::start().await;
    // Without limits, so that nothing but the count puts them in order.
    let anna = service.account("Enterprise").await;
    let upload = async || assert_eq!(anna.upload(picture()).await.status, 201);
    join_all((0..20).map(|_| upload())).await;
    let counted = async || me(&anna).await["usage"]["uploads_last_hour"].clone();
    assert_eq!(counted().await, 20);
    let orders = "SELECT count(*) FROM (
        SELECT row_number() OVER (ORDER BY stored_at, number) AS place, number FROM recent_uploads
    ) ordered WHERE place = number";
    assert_eq!(service.number(orders).await, 20);
    // The first of them turn an hour old.
    for (older, left) in [(5, 15), (19, 1), (20, 0)] {
        let age = format!(
            "UPDATE recent_uploads SET stored_at = stored_at - interval '1 hour'
             WHERE number <= {older} AND stored_at > now() - interval '1 hour'"
        );
        service.execute(&age).await;
        assert_eq!(counted().await, left, "{older}");
    }
    // Another one counts from there on, whatever was removed.
    service
        .execute("DELETE FROM recent_uploads WHERE number > 15")
        .await;
    upload().await;
    upload().await;
    assert_eq!(counted().await, 2);
}

#[actix_web::test]
async fn a_refused_upload_counts_for_nothing() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    assert_eq!(anna.upload("GIF89a: no picture").await.status, 400);
    let expected = json!({ "images": 0, "stored_bytes": 0, "uploads_last_hour": 0 });
    assert_eq!(me(&anna).await["usage"], expected);
}

#[actix_web::test]
async fn what_others_use_does_not_count() {
    let service = TestService::start().await;
    let (anna, bert) = (
        service.account("Basic").await,
        service.account("Basic").await,
    );
    bert.image().await;
    assert_eq!(me(&anna).await["usage"]["images"], 0);
}
