//! HTTP Basic and the order in which a request is asked who it is from.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::harness::{Answer, PRIVATE, TestService, basic, eventually};

async fn with_header(service: &TestService, authorization: &str) -> Answer {
    Answer::of(
        service
            .request("GET", PRIVATE)
            .header("authorization", authorization),
    )
    .await
}

fn authentication_failed(detail: &str) -> (u16, serde_json::Value) {
    (
        401,
        json!({ "detail": detail, "code": "authentication_failed" }),
    )
}

#[actix_web::test]
async fn a_name_and_a_password_open_an_api_path() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let answer = anna.get(PRIVATE).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (404, ""));
    let answer = with_header(&service, &anna.basic().replace("Basic", "bAsIc")).await;
    assert_eq!(answer.status, 404);
}

#[actix_web::test]
async fn nothing_is_told_that_credentials_are_missing() {
    let service = TestService::start().await;
    let answer = service.get(PRIVATE).await;
    let expected = json!({
        "detail": "Authentication credentials were not provided.",
        "code": "not_authenticated",
    });
    assert_eq!(answer.outcome(), (401, expected));
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"api\"");
}

#[actix_web::test]
async fn wrong_credentials_are_refused_alike() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for header in [
        basic(&anna.username, "wrong"),
        basic("nobody", "x"),
        basic("", ""),
        basic("a b", "x"),
    ] {
        let answer = with_header(&service, &header).await;
        assert_eq!(
            answer.outcome(),
            authentication_failed("Invalid username/password.")
        );
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"api\"");
    }
}

#[actix_web::test]
async fn a_malformed_header_is_told_what_is_wrong() {
    let service = TestService::start().await;
    let no_colon = format!("Basic {}", BASE64_STANDARD.encode("anna"));
    for (header, sentence) in [
        ("Basic", "Invalid basic header. No credentials provided."),
        (
            "Basic a b",
            "Invalid basic header. Credentials string should not contain spaces.",
        ),
        (
            "Basic %%%",
            "Invalid basic header. Credentials not correctly base64 encoded.",
        ),
        (
            &no_colon,
            "Invalid basic header. Credentials not correctly base64 encoded.",
        ),
    ] {
        let answer = with_header(&service, header).await;
        assert_eq!(
            answer.outcome(),
            authentication_failed(sentence),
            "{header}"
        );
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"api\"");
    }
}

#[actix_web::test]
async fn a_token_that_is_none_is_invalid() {
    let service = TestService::start().await;
    for header in ["Token 0123456789", "Bearer x.y.z"] {
        let answer = with_header(&service, header).await;
        assert_eq!(
            answer.outcome(),
            authentication_failed("Invalid token."),
            "{header}"
        );
    }
}

#[actix_web::test]
async fn a_header_comes_before_the_cookie() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    for header in [
        basic("nobody", "x"),
        "Basic %".to_owned(),
        "Token x".to_owned(),
    ] {
        let request = service.request_in(&session, "GET", PRIVATE);
        let answer = Answer::of(request.header("authorization", header)).await;
        assert_eq!(answer.status, 401, "{answer:?}");
    }
}

#[actix_web::test]
async fn a_header_of_a_scheme_that_is_not_ours_is_passed_over() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let request = service.request_in(&session, "GET", PRIVATE);
    assert_eq!(
        Answer::of(request.header("authorization", "Digest x"))
            .await
            .status,
        404
    );
    let answer = with_header(&service, "Digest x").await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (401, &json!("not_authenticated"))
    );
}

#[actix_web::test]
async fn a_password_seen_a_moment_ago_is_not_hashed_again() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    assert_eq!(anna.get(PRIVATE).await.status, 404);
    // No password is right any more, but nothing says that it was changed.
    service
        .execute("UPDATE users SET password_hash = '$argon2id$nonsense'")
        .await;
    for _ in 0..3 {
        assert_eq!(anna.get(PRIVATE).await.status, 404);
    }
    let login = [("username", &anna.username), ("password", &anna.password)];
    let answer = Answer::of(service.request("POST", "/api-auth/login/").form(&login)).await;
    assert_ne!(answer.status, 200, "the hash was not looked at: {answer:?}");
}

#[actix_web::test]
async fn a_wrong_password_is_not_let_in_by_a_right_one_that_was_seen() {
    let service = TestService::start().await;
    let (anna, bert) = (
        service.account("Basic").await,
        service.account("Basic").await,
    );
    assert_eq!(anna.get(PRIVATE).await.status, 404);
    for header in [
        basic(&anna.username, "wrong"),
        basic(&anna.username, &format!("{}x", anna.password)),
        basic(&bert.username, &anna.password),
    ] {
        assert_eq!(with_header(&service, &header).await.status, 401);
    }
}

#[actix_web::test]
async fn a_password_that_was_seen_is_forgotten_when_it_changes() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    assert_eq!(anna.get(PRIVATE).await.status, 404);
    service.set_password(&anna, "another one").await;
    eventually("the old password is refused", async || {
        anna.get(PRIVATE).await.status == 401
    })
    .await;
    let answer = with_header(&service, &basic(&anna.username, "another one")).await;
    assert_eq!(answer.status, 404);
}

#[actix_web::test]
async fn a_password_that_was_seen_is_forgotten_when_the_user_is_deactivated() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    assert_eq!(anna.get(PRIVATE).await.status, 404);
    service.set_active(&anna, false).await;
    eventually("the password is refused", async || {
        anna.get(PRIVATE).await.status == 401
    })
    .await;
}

#[actix_web::test]
async fn a_password_in_utf_8_is_read() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    service.set_password(&anna, "pass:wört €").await;
    let answer = with_header(&service, &basic(&anna.username, "pass:wört €")).await;
    assert_eq!(answer.status, 404, "{answer:?}");
}
