//! Tiers are remembered, and a change by whomever counts on the next requests.

use serde_json::json;
use tierpix::{
    db::tiers::{FindTier, UpdateTier},
    domain::{
        staff::{Actor, ForVersion},
        tier::TierChange,
    },
};

use crate::{
    harness::{TestService, eventually},
    pictures::Png,
};

fn png() -> Vec<u8> {
    Png::new(30, 20, 2, 8).encode()
}

#[actix_web::test]
async fn a_tier_changed_by_another_process_counts() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    assert_eq!(anna.upload(png()).await.sizes(), ["200px"]);
    let tier = service.query(FindTier("Basic".to_owned())).await.unwrap();
    let update = UpdateTier {
        by: Actor::CommandLine,
        id: tier.id,
        version: ForVersion::Any,
        change: TierChange {
            thumbnail_heights: Some("10,7".parse().unwrap()),
            original_link: Some(true),
            expiring_links: Some(true),
            ..TierChange::default()
        },
    };
    service.make(update).await.unwrap();
    eventually("the heights count", async || {
        anna.upload(png()).await.sizes() == ["10px", "7px", "original"]
    })
    .await;
    assert_eq!(anna.upload_with_link(png(), "300").await.status, 201);
}

#[actix_web::test]
async fn a_user_moved_to_another_tier_has_what_that_has() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    assert_eq!(anna.upload_with_link(png(), "300").await.status, 400);
    service.set_tier(&anna, "Enterprise").await;
    eventually("the new tier counts", async || {
        anna.upload_with_link(png(), "300").await.status == 201
    })
    .await;
    assert_eq!(
        anna.log_in().await.0.json()["account_tier"],
        json!("Enterprise")
    );
}

#[actix_web::test]
async fn a_limit_set_by_another_process_counts() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    assert_eq!(anna.upload(png()).await.status, 201);
    service
        .execute("UPDATE tiers SET max_upload_bytes = 10")
        .await;
    eventually("the limit counts", async || {
        anna.upload(png()).await.status == 413
    })
    .await;
}

#[actix_web::test]
async fn a_tier_is_not_read_at_each_request() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    // Once the service hears of changes: before that it remembers nothing.
    eventually("the tier is remembered", async || {
        let before = anna.upload(png()).await.sizes();
        let unheard = "UPDATE tiers SET thumbnail_heights = CASE cardinality(thumbnail_heights)
            WHEN 1 THEN '{200,10}'::integer[] ELSE '{200}' END WHERE name = 'Basic'";
        service
            .execute("ALTER TABLE tiers DISABLE TRIGGER tiers_changed")
            .await;
        service.execute(unheard).await;
        service
            .execute("ALTER TABLE tiers ENABLE TRIGGER tiers_changed")
            .await;
        anna.upload(png()).await.sizes() == before
    })
    .await;
}
