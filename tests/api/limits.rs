//! What a tier limits: bytes an upload, bytes in store, uploads an hour.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Account, Answer, TestService, eventually, picture};

const IMAGES: &str = "SELECT count(*) FROM images";

/// A service and an account of a tier with this limit.
async fn limited(column: &str, limit: usize) -> (TestService, Account) {
    let service = TestService::start().await;
    let sql = format!("UPDATE tiers SET {column} = {limit} WHERE name = 'Premium'");
    service.execute(&sql).await;
    let anna = service.account("Premium").await;
    (service, anna)
}

fn quota_exceeded(used: usize, allowed: usize) -> (u16, Value) {
    let detail = format!("Your storage is full: {used} of {allowed} bytes are used.");
    (403, json!({ "detail": detail, "code": "quota_exceeded" }))
}

/// Makes every upload so far look this much older.
async fn uploaded_earlier(service: &TestService, by: &str) {
    let sql = format!("UPDATE recent_uploads SET stored_at = stored_at - interval '{by}'");
    service.execute(&sql).await;
}

fn number(answer: &Answer, header: &str) -> i64 {
    let value = answer.header(header);
    value
        .parse()
        .unwrap_or_else(|_| panic!("{header}: {value:?} in {answer:?}"))
}

/// Uploads 30 pictures at once; returns how many got each status.
async fn thirty_at_once(account: &Account) -> Vec<(u16, usize)> {
    let answers = join_all((0..30).map(|_| account.upload(picture()))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
        .chunk_by(|one, next| one == next)
        .map(|chunk| (chunk[0], chunk.len()))
        .collect()
}

#[actix_web::test]
async fn an_upload_of_as_many_bytes_as_allowed_is_stored() {
    let (_service, anna) = limited("max_upload_bytes", picture().len()).await;
    assert_eq!(anna.upload(picture()).await.status, 201);
}

#[actix_web::test]
async fn an_upload_of_one_byte_more_is_refused() {
    let limit = picture().len() - 1;
    let (service, anna) = limited("max_upload_bytes", limit).await;
    let detail = format!("The file is too large: the limit is {limit} bytes.");
    let refused = json!({ "detail": detail, "code": "payload_too_large" });
    assert_eq!(anna.upload(picture()).await.outcome(), (413, refused));
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn the_limit_is_that_of_the_accounts_own_tier() {
    let (service, _) = limited("max_upload_bytes", 10).await;
    let bert = service.account("Basic").await;
    assert_eq!(bert.upload(picture()).await.status, 201);
}

#[actix_web::test]
async fn a_quota_can_be_used_to_its_last_byte() {
    let bytes = picture().len();
    let (_service, anna) = limited("storage_quota_bytes", 2 * bytes).await;
    for _ in 0..2 {
        assert_eq!(anna.upload(picture()).await.status, 201);
    }
    assert_eq!(
        anna.upload(picture()).await.outcome(),
        quota_exceeded(2 * bytes, 2 * bytes)
    );
}

#[actix_web::test]
async fn one_byte_over_the_quota_is_refused() {
    let quota = picture().len() - 1;
    let (service, anna) = limited("storage_quota_bytes", quota).await;
    assert_eq!(
        anna.upload(picture()).await.outcome(),
        quota_exceeded(0, quota)
    );
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn deleting_an_image_frees_its_bytes() {
    let (_service, anna) = limited("storage_quota_bytes", picture().len()).await;
    let image = anna.image().await;
    assert_eq!(anna.upload(picture()).await.status, 403);
    anna.delete(&image).await;
    assert_eq!(anna.upload(picture()).await.status, 201);
}

#[actix_web::test]
async fn a_quota_is_met_exactly_by_uploads_at_once() {
    let (service, anna) = limited("storage_quota_bytes", 2 * picture().len()).await;
    anna.image().await;
    assert_eq!(thirty_at_once(&anna).await, [(201, 1), (403, 29)]);
    assert_eq!(service.number(IMAGES).await, 2);
    assert_eq!(service.files().len(), 6);
}

#[actix_web::test]
async fn a_rate_is_met_exactly_by_uploads_at_once() {
    let (service, anna) = limited("uploads_per_hour", 2).await;
    anna.image().await;
    assert_eq!(thirty_at_once(&anna).await, [(201, 1), (429, 29)]);
    assert_eq!(service.number(IMAGES).await, 2);
    assert_eq!(service.files().len(), 6);
}

#[actix_web::test]
async fn more_uploads_than_the_rate_are_told_to_wait() {
    let (service, anna) = limited("uploads_per_hour", 1).await;
    anna.image().await;
    uploaded_earlier(&service, "20 minutes").await;
    let answer = anna.upload(picture()).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (429, &json!("throttled"))
    );
    let seconds = number(&answer, "retry-after");
    assert!((2340..=2401).contains(&seconds), "{seconds}");
}

#[actix_web::test]
async fn an_upload_of_an_hour_ago_counts_no_more() {
    let (service, anna) = limited("uploads_per_hour", 2).await;
    anna.image().await;
    uploaded_earlier(&service, "40 minutes").await;
    anna.image().await;
    assert_eq!(anna.upload(picture()).await.status, 429);
    uploaded_earlier(&service, "20 minutes").await;
    assert_eq!(anna.upload(picture()).await.status, 201);
    // The one of 20 minutes ago and the new one.
    assert_eq!(anna.upload(picture()).await.status, 429);
}

#[actix_web::test]
async fn who_waits_as_told_is_let_in_when_the_rate_was_lowered_meanwhile() {
    let (service, anna) = limited("uploads_per_hour", 3).await;
    for _ in 0..3 {
        anna.image().await;
        uploaded_earlier(&service, "10 minutes").await;
    }
    service
        .execute("UPDATE tiers SET uploads_per_hour = 1")
        .await;
    eventually("the lower rate counts", async || {
        anna.upload(picture()).await.status == 429
    })
    .await;
    // Until the youngest, of 10 minutes ago, is an hour old.
    let seconds = number(&anna.upload(picture()).await, "retry-after");
    assert!((2940..=3001).contains(&seconds), "{seconds}");
}

#[actix_web::test]
async fn a_deleted_image_still_counts_for_the_rate() {
    let (_service, anna) = limited("uploads_per_hour", 1).await;
    let image = anna.image().await;
    anna.delete(&image).await;
    assert_eq!(anna.upload(picture()).await.status, 429);
}

#[actix_web::test]
async fn a_refused_upload_does_not_count_for_the_rate() {
    let (_service, anna) = limited("uploads_per_hour", 1).await;
    assert_eq!(anna.upload("GIF89a: no picture").await.status, 400);
    assert_eq!(anna.upload(picture()).await.status, 201);
}

#[actix_web::test]
async fn another_users_uploads_do_not_count_for_the_rate() {
    let (service, anna) = limited("uploads_per_hour", 1).await;
    anna.image().await;
    let bert = service.account("Premium").await;
    assert_eq!(bert.upload(picture()).await.status, 201);
}

#[actix_web::test]
async fn an_upload_is_told_how_many_are_left() {
    let (service, anna) = limited("uploads_per_hour", 2).await;
    anna.image().await;
    uploaded_earlier(&service, "20 minutes").await;
    let answer = anna.upload(picture()).await;
    assert_eq!(number(&answer, "ratelimit-limit"), 2);
    assert_eq!(number(&answer, "ratelimit-remaining"), 0);
    // Until the older one is an hour old.
    let seconds = number(&answer, "ratelimit-reset");
    assert!((2340..=2400).contains(&seconds), "{seconds}");
}

#[actix_web::test]
async fn without_a_rate_nothing_is_told_of_one() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let answer = anna.upload(picture()).await;
    for name in ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"] {
        assert_eq!(answer.header(name), "", "{name}");
    }
}

#[actix_web::test]
async fn a_limit_that_was_raised_counts_for_the_next_upload() {
    let (service, anna) = limited("uploads_per_hour", 1).await;
    anna.image().await;
    assert_eq!(anna.upload(picture()).await.status, 429);
    service
        .execute("UPDATE tiers SET uploads_per_hour = 2")
        .await;
    eventually("the raised rate counts", async || {
        anna.upload(picture()).await.status == 201
    })
    .await;
}
