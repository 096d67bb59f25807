//! `Idempotency-Key` on uploads.

use futures_util::future::join;
use reqwest::RequestBuilder;
use serde_json::json;

use crate::{
    harness::{Account, Answer, RawClient, TestService, eventually, image_form, picture},
    pictures::Jpeg,
};

const IMAGES: &str = "SELECT count(*) FROM images";

fn request(account: &Account, key: &str, file: Vec<u8>) -> RequestBuilder {
    account
        .request("POST", "/api/v1/images_upload/")
        .header("idempotency-key", key)
        .multipart(image_form(file))
}

async fn upload(account: &Account, key: &str, file: Vec<u8>) -> Answer {
    Answer::of(request(account, key, file)).await
}

async fn upload_with_link(account: &Account, key: &str, seconds: &str) -> Answer {
    let form = image_form(picture()).text("expiring_time_seconds", seconds.to_owned());
    let request = account.request("POST", "/api/v1/images_upload/");
    Answer::of(request.header("idempotency-key", key).multipart(form)).await
}

fn other_picture() -> Vec<u8> {
    Jpeg::photo(41, 30).encode()
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == "true"
}

/// Makes the answer that was kept look as if its attempt still ran, since this long.
async fn still_running(service: &TestService, since: &str) {
    let sql = format!(
        "UPDATE idempotency_keys
         SET location = NULL, body = NULL, began_at = now() - interval '{since}'"
    );
    assert_eq!(service.execute(&sql).await, 1);
}

#[actix_web::test]
async fn a_retry_gets_the_first_answer_again() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let first = upload_with_link(&anna, "one", "300").await;
    assert_eq!(first.status, 201, "{first:?}");
    assert!(!is_replayed(&first));
    for _ in 0..2 {
        let retry = upload_with_link(&anna, "one", "300").await;
        assert_eq!(retry.outcome(), first.outcome());
        assert_eq!(retry.header("location"), first.header("location"));
        assert!(is_replayed(&retry));
    }
    assert_eq!(service.number(IMAGES).await, 1);
    assert_eq!(service.files().len(), 3);
}

#[actix_web::test]
async fn another_key_is_another_upload() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for key in ["one", "other", "ONE", &"x".repeat(255), "~!#\"'\\"] {
        let answer = upload(&anna, key, picture()).await;
        assert_eq!((answer.status, is_replayed(&answer)), (201, false), "{key}");
    }
    assert_eq!(service.number(IMAGES).await, 5);
}

#[actix_web::test]
async fn another_users_key_is_another_key() {
    let service = TestService::start().await;
    for _ in 0..2 {
        let anna = service.account("Basic").await;
        let answer = upload(&anna, "one", picture()).await;
        assert_eq!((answer.status, is_replayed(&answer)), (201, false));
    }
}

#[actix_web::test]
async fn the_same_key_with_another_picture_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    upload(&anna, "one", picture()).await;
    let conflict = json!({
        "detail": "This Idempotency-Key was used for another upload.",
        "code": "idempotency_conflict",
    });
    let other = upload(&anna, "one", other_picture()).await;
    assert_eq!(other.outcome(), (422, conflict));
    assert_eq!(service.number(IMAGES).await, 1);
}

#[actix_web::test]
async fn the_same_key_with_another_time_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    assert_eq!(upload_with_link(&anna, "one", "300").await.status, 201);
    for seconds in ["301", ""] {
        let other = upload_with_link(&anna, "one", seconds).await;
        assert_eq!(other.status, 422, "{seconds}");
    }
}

#[actix_web::test]
async fn the_same_time_written_in_another_way_is_the_same() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    assert_eq!(upload_with_link(&anna, "one", "300").await.status, 201);
    assert!(is_replayed(
        &upload_with_link(&anna, "one", " 300.0 ").await
    ));
}

#[actix_web::test]
async fn two_at_once_store_one_image() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let (one, other) = join(
        upload(&anna, "one", picture()),
        upload(&anna, "one", picture()),
    )
    .await;
    let mut outcomes = [one, other].map(|answer| (answer.status, is_replayed(&answer)));
    outcomes.sort_unstable();
    // The slower one comes during the first or after it.
    assert!(
        matches!(
            outcomes,
            [(201, false), (201, true)] | [(201, false), (409, false)]
        ),
        "{outcomes:?}"
    );
    assert_eq!(service.number(IMAGES).await, 1);
    assert_eq!(service.files().len(), 3);
}

#[actix_web::test]
async fn a_retry_while_the_first_runs_is_told_to_wait() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let other = service.connection().await;
    other
        .batch_execute("BEGIN; SELECT FROM users FOR NO KEY UPDATE")
        .await
        .unwrap();
    let first = actix_web::rt::spawn(Answer::of(request(&anna, "one", picture())));
    eventually("the first is being stored", async || {
        service.waiting().await == 1
    })
    .await;
    let retry = upload(&anna, "one", picture()).await;
    let in_progress = json!({
        "detail": "An upload with this Idempotency-Key is still in progress.",
        "code": "idempotency_in_progress",
    });
    assert_eq!(retry.outcome(), (409, in_progress));
    assert_ne!(retry.header("retry-after"), "");
    other.batch_execute("COMMIT").await.unwrap();
    assert_eq!(first.await.unwrap().status, 201);
    assert!(is_replayed(&upload(&anna, "one", picture()).await));
}

#[actix_web::test]
async fn a_picture_that_cannot_be_rendered_gives_the_key_back() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let mut damaged = Jpeg::photo(400, 300).encode();
    damaged.truncate(damaged.len() / 2);
    assert_eq!(upload(&anna, "one", damaged).await.status, 400);
    eventually("the key is free", async || {
        upload(&anna, "one", picture()).await.status == 201
    })
    .await;
}

#[actix_web::test]
async fn an_upload_over_a_limit_gives_the_key_back() {
    let service = TestService::start().await;
    service
        .execute("UPDATE tiers SET storage_quota_bytes = 1 WHERE name = 'Basic'")
        .await;
    let anna = service.account("Basic").await;
    assert_eq!(upload(&anna, "one", picture()).await.status, 403);
    service
        .execute("UPDATE tiers SET storage_quota_bytes = NULL")
        .await;
    eventually("the retry is stored", async || {
        upload(&anna, "one", picture()).await.status == 201
    })
    .await;
    assert_eq!(service.number(IMAGES).await, 1);
}

#[actix_web::test]
async fn a_refused_form_takes_no_key() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    assert_eq!(upload(&anna, "one", b"GIF89a".to_vec()).await.status, 400);
    let keys = "SELECT count(*) FROM idempotency_keys";
    assert_eq!(service.number(keys).await, 0);
}

#[actix_web::test]
async fn a_malformed_key_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for key in [&b""[..], b"a b", b"a\tb", b"\xC3\xA4", &[b'x'; 256]] {
        let request = anna
            .request("POST", "/api/v1/images_upload/")
            .header("idempotency-key", key)
            .multipart(image_form(picture()));
        let answer = Answer::of(request).await;
        let error = json!({
            "detail": "An Idempotency-Key has 1 to 255 visible ASCII characters.",
            "code": "parse_error",
        });
        assert_eq!(answer.outcome(), (400, error), "{key:?}");
    }
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn an_answer_is_forgotten_after_a_day() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    upload(&anna, "one", picture()).await;
    for (age, replayed) in [("23 hours 59 minutes", true), ("24 hours", false)] {
        let sql = format!("UPDATE idempotency_keys SET began_at = now() - interval '{age}'");
        service.execute(&sql).await;
        let answer = upload(&anna, "one", picture()).await;
        assert_eq!(
            (answer.status, is_replayed(&answer)),
            (201, replayed),
            "{age}"
        );
    }
    assert_eq!(service.number(IMAGES).await, 2);
}

#[actix_web::test]
async fn answers_of_other_keys_go_after_a_day() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    upload(&anna, "one", picture()).await;
    service
        .execute("UPDATE idempotency_keys SET began_at = now() - interval '24 hours'")
        .await;
    upload(&anna, "other", picture()).await;
    let keys = "SELECT count(*) FROM idempotency_keys WHERE key = 'one'";
    assert_eq!(service.number(keys).await, 0);
}

#[actix_web::test]
async fn an_abandoned_attempt_is_taken_over_after_its_lease() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    upload(&anna, "one", picture()).await;
    still_running(&service, "110 seconds").await;
    assert_eq!(upload(&anna, "one", picture()).await.status, 409);
    still_running(&service, "120 seconds").await;
    let answer = upload(&anna, "one", picture()).await;
    assert_eq!((answer.status, is_replayed(&answer)), (201, false));
    assert!(is_replayed(&upload(&anna, "one", picture()).await));
}

#[actix_web::test]
async fn an_attempt_that_was_taken_over_stores_nothing() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let other = service.connection().await;
    other
        .batch_execute("BEGIN; SELECT FROM users FOR NO KEY UPDATE")
        .await
        .unwrap();
    let slow = actix_web::rt::spawn(Answer::of(request(&anna, "one", picture())));
    eventually("the upload is being stored", async || {
        service.waiting().await == 1
    })
    .await;
    let taken_over = "UPDATE idempotency_keys SET attempt = gen_random_uuid(); COMMIT";
    other.batch_execute(taken_over).await.unwrap();
    assert_eq!(slow.await.unwrap().status, 409);
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn a_retry_is_answered_whatever_has_become_of_the_account() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let first = upload_with_link(&anna, "one", "300").await;
    assert_eq!(first.status, 201, "{first:?}");
    for change in [
        "UPDATE tiers SET expiring_links = false",
        "UPDATE tiers SET max_upload_bytes = 10",
        "UPDATE tiers SET uploads_per_hour = 1, storage_quota_bytes = 1",
        "UPDATE users SET tier_id = NULL",
    ] {
        service.execute(change).await;
        eventually("the retry is answered", async || {
            let retry = upload_with_link(&anna, "one", "300").await;
            assert_eq!(retry.outcome(), first.outcome(), "{change}");
            is_replayed(&retry)
        })
        .await;
        // What is changed is known by then.
        let other = upload_with_link(&anna, "one", "301").await;
        assert_eq!(other.status, 422, "{change}: {other:?}");
    }
    assert_eq!(service.number(IMAGES).await, 1);
    assert_eq!(service.spooled(), 0);
}

#[actix_web::test]
async fn an_upload_over_the_rate_is_refused_before_its_picture_is_sent_also_with_a_fresh_key() {
    let service = TestService::start().await;
    service
        .execute("UPDATE tiers SET uploads_per_hour = 1")
        .await;
    let anna = service.account("Basic").await;
    assert_eq!(upload(&anna, "one", picture()).await.status, 201);
    let mut client = RawClient::connect(&service).await;
    let head = format!(
        "POST /api/v1/images_upload/ HTTP/1.1\r\nHost: a\r\nAuthorization: {}\r\nIdempotency-Key: two\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n",
        anna.basic()
    );
    client.send(head).await;
    let (status, body) = client.answer().await;
    assert_eq!(status, 429, "{body}");
}

#[actix_web::test]
async fn a_retry_is_answered_when_the_tier_takes_no_more() {
    let service = TestService::start().await;
    let quota = picture().len();
    service
        .execute(&format!(
            "UPDATE tiers SET uploads_per_hour = 1, storage_quota_bytes = {quota} WHERE name = 'Basic'"
        ))
        .await;
    let anna = service.account("Basic").await;
    let first = upload(&anna, "one", picture()).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(anna.upload(picture()).await.status, 429);
    let retry = upload(&anna, "one", picture()).await;
    assert_eq!(retry.outcome(), first.outcome());
}
