//! A database that goes away, comes back, or has no room.

use serde_json::json;

use crate::{
    harness::{Answer, PRIVATE, TestService, eventually},
    pictures::Png,
};

fn png() -> Vec<u8> {
    Png::new(30, 20, 2, 8).encode()
}

/// Makes each new image fail in the database with this SQLSTATE.
async fn fail_images(service: &TestService, sqlstate: &str) {
    let function = format!(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS \
         $$BEGIN RAISE EXCEPTION 'made to fail' USING ERRCODE = '{sqlstate}'; END$$"
    );
    service.execute(&function).await;
    service
        .execute("CREATE TRIGGER fail BEFORE INSERT ON images FOR EACH ROW EXECUTE FUNCTION fail()")
        .await;
}

#[actix_web::test]
async fn a_database_that_restarts_is_found_again() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let link = anna.upload_with_link(png(), "300").await.link();
    service.end_database_connections().await;
    eventually("uploads work again", async || {
        anna.upload(png()).await.status == 201
    })
    .await;
    assert_eq!(service.get(&link).await.status, 200);
}

#[actix_web::test]
async fn what_was_missed_while_nothing_was_heard_counts_afterwards() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    assert_eq!(anna.upload(png()).await.sizes(), ["200px"]);
    service
        .execute("ALTER TABLE tiers DISABLE TRIGGER tiers_changed")
        .await;
    service
        .execute("UPDATE tiers SET thumbnail_heights = '{10}'")
        .await;
    service.end_database_connections().await;
    eventually("the heights count", async || {
        let answer = anna.upload(png()).await;
        answer.status == 201 && answer.sizes() == ["10px"]
    })
    .await;
}

#[actix_web::test]
async fn without_a_database_requests_are_put_off_and_nothing_is_stored() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    service.shut_database_out().await;
    eventually("the service is unavailable", async || {
        anna.get(PRIVATE).await.status == 503
    })
    .await;
    let answer = anna.upload(png()).await;
    let expected = json!({
        "detail": "The service is not available. Try again in a moment.",
        "code": "unavailable",
    });
    assert_eq!(answer.outcome(), (503, expected));
    let wait: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(service.get("/readyz").await.status, 503);
    assert_eq!(service.get("/healthz").await.status, 200);
    service.let_database_in().await;
    eventually("uploads work again", async || {
        anna.upload(png()).await.status == 201
    })
    .await;
    assert_eq!(service.get("/readyz").await.status, 200);
    assert_eq!(service.files().len(), 2);
}

#[actix_web::test]
async fn a_session_is_not_taken_for_unknown_while_nobody_can_be_asked() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    service.shut_database_out().await;
    eventually("the service is unavailable", async || {
        let answer = Answer::of(service.request_in(&session, "GET", PRIVATE)).await;
        assert_ne!(answer.status, 401, "{answer:?}");
        answer.status == 503
    })
    .await;
}

#[actix_web::test]
async fn a_full_database_is_told_and_nothing_is_stored() {
    let service = TestService::start().await;
    fail_images(&service, "53100").await;
    let answer = service.account("Premium").await.upload(png()).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (507, &json!("storage_full"))
    );
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn a_failure_of_ours_says_nothing_of_its_cause_and_stores_nothing() {
    let service = TestService::start().await;
    fail_images(&service, "XX000").await;
    let answer = service.account("Premium").await.upload(png()).await;
    let expected = json!({ "detail": "A server error occurred.", "code": "error" });
    assert_eq!(answer.outcome(), (500, expected));
    service.assert_nothing_stored().await;
}
