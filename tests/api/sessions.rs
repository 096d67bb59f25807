//! What a session's cookie is good for, and for how long.

use serde_json::json;

use crate::harness::{Answer, PRIVATE, TestService, eventually, session_of};

/// Moves a session that was not used yet into the past.
async fn age(service: &TestService, created: &str, last_used: &str) {
    let aged = format!(
        "UPDATE sessions SET created_at = now() - interval '{created}', \
         last_used_at = now() - interval '{last_used}'"
    );
    assert_eq!(service.execute(&aged).await, 1);
}

#[actix_web::test]
async fn an_unknown_session_is_no_login() {
    let service = TestService::start().await;
    let expected = json!({
        "detail": "Authentication credentials were not provided.",
        "code": "not_authenticated",
    });
    for session in [
        "",
        "x",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "%00",
    ] {
        let answer = Answer::of(service.request_in(session, "GET", PRIVATE)).await;
        assert_eq!(answer.outcome(), (401, expected.clone()), "{session}");
    }
}

#[actix_web::test]
async fn the_session_table_alone_logs_nobody_in() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let found = format!(
        "SELECT count(*) FROM sessions WHERE strpos(encode(digest, 'escape'), '{session}') > 0"
    );
    assert_eq!(service.number("SELECT count(*) FROM sessions").await, 1);
    assert_eq!(service.number(&found).await, 0);
}

#[actix_web::test]
async fn a_changed_password_ends_sessions_at_once() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let (_, session) = anna.log_in().await;
    assert!(service.is_alive(&session).await);
    service.set_password(&anna, "another one").await;
    eventually("the session ends", async || {
        !service.is_alive(&session).await
    })
    .await;
}

#[actix_web::test]
async fn deactivating_a_user_ends_sessions_for_good() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let (_, session) = anna.log_in().await;
    assert!(service.is_alive(&session).await);
    service.set_active(&anna, false).await;
    eventually("the session ends", async || {
        !service.is_alive(&session).await
    })
    .await;
    service.set_active(&anna, true).await;
    eventually("a new login works", async || {
        anna.get(PRIVATE).await.status == 404
    })
    .await;
    assert!(!service.is_alive(&session).await);
}

#[actix_web::test]
async fn deleting_a_user_ends_sessions() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let (_, session) = anna.log_in().await;
    assert!(service.is_alive(&session).await);
    service.delete_user(&anna).await;
    eventually("the session ends", async || {
        !service.is_alive(&session).await
    })
    .await;
}

#[actix_web::test]
async fn a_session_that_was_not_used_for_14_days_is_over() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    age(&service, "14 days 1 second", "14 days 1 second").await;
    assert!(!service.is_alive(&session).await);
}

#[actix_web::test]
async fn a_session_in_use_is_over_90_days_after_login() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    age(&service, "90 days 1 second", "1 minute").await;
    assert!(!service.is_alive(&session).await);
}

#[actix_web::test]
async fn a_session_used_after_an_hour_gets_its_cookie_anew() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    age(&service, "13 days", "13 days").await;
    let answer = Answer::of(service.request_in(&session, "GET", PRIVATE)).await;
    assert_eq!(answer.status, 404);
    assert_eq!(session_of(&answer), session);
    assert!(
        answer.header("set-cookie").contains("Max-Age=1209600"),
        "{answer:?}"
    );
    let fresh = "SELECT count(*) FROM sessions WHERE last_used_at > now() - interval '1 minute'";
    assert_eq!(service.number(fresh).await, 1);
}

#[actix_web::test]
async fn a_renewed_cookie_does_not_outlive_the_90_days() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    age(&service, "89 days", "2 hours").await;
    let answer = Answer::of(service.request_in(&session, "GET", PRIVATE)).await;
    let cookie = answer.header("set-cookie");
    let age = cookie
        .split("Max-Age=")
        .nth(1)
        .unwrap_or_else(|| panic!("{answer:?}"));
    let age: u32 = age.split(';').next().unwrap().parse().unwrap();
    assert!((86_300..=86_400).contains(&age), "{age}");
}

#[actix_web::test]
async fn a_session_in_use_costs_no_write_and_no_cookie_at_each_request() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    age(&service, "1 day", "50 minutes").await;
    let answer = Answer::of(service.request_in(&session, "GET", PRIVATE)).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (404, ""));
    let old = "SELECT count(*) FROM sessions WHERE last_used_at < now() - interval '49 minutes'";
    assert_eq!(service.number(old).await, 1);
}

#[actix_web::test]
async fn whatever_a_neighbours_cookie_holds_the_session_goes_on() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    for cookies in [
        [&b"theme=\xFC; sessionid="[..], session.as_bytes()].concat(),
        [
            "name=jörg; sessionid=".as_bytes(),
            session.as_bytes(),
            b"; \xFF",
        ]
        .concat(),
        [b"a; =b;; sessionid=\"", session.as_bytes(), b"\""].concat(),
    ] {
        let request = service.request("GET", "/api/v1/me/");
        let answer = Answer::of(request.header("cookie", cookies.clone())).await;
        let shown = String::from_utf8_lossy(&cookies);
        assert_eq!(answer.status, 200, "{shown}: {answer:?}");
    }
}
