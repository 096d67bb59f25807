//! The keys that sign links, changed while the service runs.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tierpix::{
    db::signing_keys::{InsertSigningKey, WithdrawSigningKey},
    domain::{
        link::KeyId,
        staff::{Actor, Refusal},
    },
};

use crate::harness::{Account, TestService, eventually};

const FIRST: KeyId = KeyId(1);

async fn rotate(service: &TestService) -> KeyId {
    let insert = InsertSigningKey {
        by: Actor::CommandLine,
        salt: [7; 32],
    };
    service.make(insert).await.unwrap()
}

fn withdraw(id: KeyId) -> WithdrawSigningKey {
    let by = Actor::CommandLine;
    WithdrawSigningKey { by, id }
}

async fn new_link(account: &Account, image: &str) -> String {
    let link = account
        .link(image, json!({ "expiring_time_seconds": 300 }))
        .await;
    link["expiring_link"].as_str().unwrap().to_owned()
}

fn is_signed_with(link: &str, key: KeyId) -> bool {
    link.contains(&format!("&key={}&", key.0))
}

/// Waits until new links are signed with this key.
async fn signs(account: &Account, image: &str, key: KeyId) {
    eventually("the new key signs", async || {
        is_signed_with(&new_link(account, image).await, key)
    })
    .await;
}

#[actix_web::test]
async fn a_new_key_signs_the_links_from_then_on() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    assert!(is_signed_with(&new_link(&anna, &image).await, FIRST));
    let second = rotate(&service).await;
    signs(&anna, &image, second).await;
    let link = new_link(&anna, &image).await;
    assert_eq!(service.get(&link).await.status, 200);
}

#[actix_web::test]
async fn links_of_an_older_key_live_on() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let link = new_link(&anna, &image).await;
    let second = rotate(&service).await;
    signs(&anna, &image, second).await;
    assert_eq!(service.get(&link).await.status, 200);
}

#[actix_web::test]
async fn links_of_a_withdrawn_key_end_within_a_second() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let link = new_link(&anna, &image).await;
    rotate(&service).await;
    assert_eq!(service.get(&link).await.status, 200);
    service.make(withdraw(FIRST)).await.unwrap();
    let withdrawn = Instant::now();
    eventually("the link has ended", async || {
        service.get(&link).await.status == 404
    })
    .await;
    assert!(withdrawn.elapsed() < Duration::from_secs(1));
    let ended = json!({ "message": "Link has expired." });
    assert_eq!(service.get(&link).await.outcome(), (404, ended));
}

#[actix_web::test]
async fn links_of_the_other_keys_outlive_a_withdrawal() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let old = new_link(&anna, &image).await;
    let second = rotate(&service).await;
    signs(&anna, &image, second).await;
    let new = new_link(&anna, &image).await;
    service.make(withdraw(FIRST)).await.unwrap();
    eventually("the old link has ended", async || {
        service.get(&old).await.status == 404
    })
    .await;
    assert_eq!(service.get(&new).await.status, 200);
}

#[actix_web::test]
async fn when_the_newest_key_is_withdrawn_the_one_before_signs() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let second = rotate(&service).await;
    signs(&anna, &image, second).await;
    service.make(withdraw(second)).await.unwrap();
    signs(&anna, &image, FIRST).await;
}

#[actix_web::test]
async fn a_link_of_a_withdrawn_key_is_listed_without_a_url() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    new_link(&anna, &image).await;
    rotate(&service).await;
    service.make(withdraw(FIRST)).await.unwrap();
    eventually("the list shows no URL", async || {
        let links = anna.get(&format!("{image}links/")).await.json();
        links["results"][0]["expiring_link"] == Value::Null
    })
    .await;
}

#[actix_web::test]
async fn the_only_key_cannot_be_withdrawn() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let refused = service.make(withdraw(FIRST)).await;
    assert_eq!(refused, Err(Refusal::LastKey));
    let link = new_link(&anna, &image).await;
    assert_eq!(service.get(&link).await.status, 200);
}

#[actix_web::test]
async fn the_last_key_that_is_left_cannot_be_withdrawn() {
    let service = TestService::start().await;
    let second = rotate(&service).await;
    service.make(withdraw(FIRST)).await.unwrap();
    let refused = service.make(withdraw(second)).await;
    assert_eq!(refused, Err(Refusal::LastKey));
}

#[actix_web::test]
async fn a_key_that_is_not_there_cannot_be_withdrawn() {
    let service = TestService::start().await;
    let refused = service.make(withdraw(KeyId(99))).await;
    assert_eq!(refused, Err(Refusal::Gone));
}

#[actix_web::test]
async fn two_withdrawals_at_once_leave_a_key() {
    let service = TestService::start().await;
    let second = rotate(&service).await;
    let other = service.connection().await;
    other
        .batch_execute("BEGIN; UPDATE signing_keys SET withdrawn_at = now() WHERE id = 1")
        .await
        .unwrap();
    let database = service.database.clone();
    let withdrawal = actix_web::rt::spawn(async move { database.run(withdraw(second)).await });
    eventually("the second withdrawal waits for the first", async || {
        withdrawal.is_finished() || service.waiting().await == 1
    })
    .await;
    other.batch_execute("COMMIT").await.unwrap();
    assert_eq!(withdrawal.await.unwrap().unwrap(), Err(Refusal::LastKey));
    let live = "SELECT count(*) FROM signing_keys WHERE withdrawn_at IS NULL";
    assert_eq!(service.number(live).await, 1);
}
