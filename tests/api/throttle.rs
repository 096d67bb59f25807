//! Too many failed logins.

use futures_util::future::join_all;
use serde_json::json;

use tierpix::domain::staff::StaffRole;

use crate::harness::{Account, Answer, PRIVATE, TestService, basic, eventually};

/// The flags under which `X-Forwarded-For` tells the address.
const BEHIND_A_PROXY: [&str; 2] = ["--trusted-proxies", "127.0.0.0/8"];

async fn log_in(service: &TestService, username: &str, password: &str, address: &str) -> Answer {
    let request = service
        .request("POST", "/api-auth/login/")
        .header("x-forwarded-for", address);
    Answer::of(request.form(&[("username", username), ("password", password)])).await
}

/// Fails ten times, as often as is allowed.
async fn use_up(service: &TestService, who: &Account, address: &str) {
    for _ in 0..10 {
        let answer = log_in(service, &who.username, "wrong", address).await;
        assert_eq!(answer.status, 401, "{answer:?}");
    }
}

fn assert_throttled(answer: &Answer) {
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (429, &json!("throttled")),
        "{answer:?}"
    );
    let wait: u32 = answer.header("retry-after").parse().unwrap();
    assert!((290..=301).contains(&wait), "{wait}");
}

#[actix_web::test]
async fn the_eleventh_try_is_refused_also_with_the_right_password() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    use_up(&service, &anna, "").await;
    assert_throttled(&log_in(&service, &anna.username, "wrong", "").await);
    assert_throttled(&log_in(&service, &anna.username, &anna.password, "").await);
    assert_throttled(&anna.get(PRIVATE).await);
}

#[actix_web::test]
async fn the_right_password_from_another_network_is_not_locked_out() {
    let service = TestService::start_with(&BEHIND_A_PROXY).await;
    let anna = service.account("Basic").await;
    use_up(&service, &anna, "192.0.2.1").await;
    // The same /24.
    assert_throttled(&log_in(&service, &anna.username, &anna.password, "192.0.2.200").await);
    for address in ["192.0.3.1", "2001:db8::1"] {
        let answer = log_in(&service, &anna.username, &anna.password, address).await;
        assert_eq!(answer.status, 200, "{address}");
    }
}

#[actix_web::test]
async fn an_ipv6_network_is_a_64() {
    let service = TestService::start_with(&BEHIND_A_PROXY).await;
    let anna = service.account("Basic").await;
    use_up(&service, &anna, "2001:db8::1").await;
    assert_throttled(&log_in(&service, &anna.username, &anna.password, "2001:db8::ffff:2").await);
    let answer = log_in(&service, &anna.username, &anna.password, "2001:db8:0:1::1").await;
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn an_address_that_the_client_made_up_is_not_believed() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    use_up(&service, &anna, "192.0.2.1").await;
    assert_throttled(&log_in(&service, &anna.username, &anna.password, "192.0.3.1").await);
}

#[actix_web::test]
async fn failures_by_basic_and_by_the_form_count_together() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let wrong = basic(&anna.username, "wrong");
    for _ in 0..5 {
        let request = service
            .request("GET", PRIVATE)
            .header("authorization", &wrong);
        assert_eq!(Answer::of(request).await.status, 401);
        assert_eq!(
            log_in(&service, &anna.username, "wrong", "").await.status,
            401
        );
    }
    assert_throttled(&anna.get(PRIVATE).await);
    assert_throttled(&log_in(&service, &anna.username, &anna.password, "").await);
}

#[actix_web::test]
async fn a_password_that_was_seen_does_not_open_a_closed_account() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    assert_eq!(anna.get(PRIVATE).await.status, 404);
    use_up(&service, &anna, "").await;
    assert_throttled(&anna.get(PRIVATE).await);
}

#[actix_web::test]
async fn another_account_and_a_session_are_not_throttled() {
    let service = TestService::start().await;
    let (anna, bert) = (
        service.account("Basic").await,
        service.account("Basic").await,
    );
    let (_, session) = anna.log_in().await;
    use_up(&service, &anna, "").await;
    assert_eq!(bert.log_in().await.0.status, 200);
    assert!(service.is_alive(&session).await);
}

#[actix_web::test]
async fn right_passwords_and_incomplete_forms_count_for_nothing() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for _ in 0..11 {
        assert_eq!(anna.log_in().await.0.status, 200);
        assert_eq!(log_in(&service, &anna.username, "", "").await.status, 400);
    }
}

#[actix_web::test]
async fn an_unknown_name_is_throttled_like_a_known_one() {
    let service = TestService::start().await;
    for _ in 0..10 {
        assert_eq!(log_in(&service, "nobody", "wrong", "").await.status, 401);
    }
    assert_throttled(&log_in(&service, "nobody", "wrong", "").await);
}

#[actix_web::test]
async fn many_at_a_time_do_not_pass_the_limit() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let tries = (0..30).map(|number| {
        let password = format!("wrong {number}");
        let (service, anna) = (&service, &anna);
        async move { log_in(service, &anna.username, &password, "").await.status }
    });
    let statuses = join_all(tries).await;
    let tried = statuses.iter().filter(|&&status| status == 401).count();
    assert!((1..=12).contains(&tried), "{statuses:?}");
    assert!(
        statuses.iter().all(|status| [401, 429].contains(status)),
        "{statuses:?}"
    );
}

#[actix_web::test]
async fn a_network_is_shut_out_after_a_hundred_failures_of_whatever_account() {
    let service = TestService::start_with(&BEHIND_A_PROXY).await;
    let anna = service.account("Basic").await;
    for round in 0..10 {
        let tries = (0..10).map(|number| {
            let (service, name) = (&service, format!("nobody{round}-{number}"));
            async move { log_in(service, &name, "wrong", "192.0.2.1").await.status }
        });
        assert_eq!(join_all(tries).await, [401; 10]);
    }
    assert_throttled(&log_in(&service, &anna.username, &anna.password, "192.0.2.2").await);
    assert_eq!(
        log_in(&service, &anna.username, &anna.password, "192.0.3.2")
            .await
            .status,
        200
    );
}

#[actix_web::test]
async fn a_new_password_lets_an_account_log_in_again_that_was_locked_out() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    use_up(&service, &anna, "").await;
    service.set_password(&anna, "another-password").await;
    eventually("the account is open", async || {
        let answer = log_in(&service, &anna.username, "another-password", "").await;
        answer.status == 200
    })
    .await;
}

#[actix_web::test]
async fn staff_unlock_an_account_by_rest_and_in_the_panel() {
    let service = TestService::start().await;
    let root = service.staff(StaffRole::Superuser).await;
    let (_, session) = root.log_in().await;
    for (path, status) in [("/api/v1/admin/users", 204), ("/admin/users", 303)] {
        let anna = service.account("Basic").await;
        use_up(&service, &anna, "").await;
        assert_throttled(&log_in(&service, &anna.username, &anna.password, "").await);
        let path = format!("{path}/{}/unlock/", anna.id.0);
        let answer = Answer::of(service.request_in(&session, "POST", &path)).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        eventually("the account is open", async || {
            let answer = log_in(&service, &anna.username, &anna.password, "").await;
            answer.status == 200
        })
        .await;
    }
    let logged = "SELECT count(*) FROM audit_log WHERE action = 'unlocked'";
    assert_eq!(service.number(logged).await, 2);
}
