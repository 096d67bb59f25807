//! `/api-auth/login/` and `/api-auth/logout/`.

use serde_json::json;

use crate::harness::{Account, Answer, TestService, session_of};

const LOGIN: &str = "/api-auth/login/";
const LOGOUT: &str = "/api-auth/logout/";
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A login by the form.
async fn log_in(service: &TestService, fields: &[(&str, &str)]) -> Answer {
    Answer::of(service.request("POST", LOGIN).form(fields)).await
}

/// A browser's login by the form, with one more field.
async fn log_in_by_browser(service: &TestService, who: &Account, next: (&str, &str)) -> Answer {
    let fields = [
        ("username", who.username.as_str()),
        ("password", &who.password),
        next,
    ];
    let request = service.request("POST", LOGIN).header("accept", BROWSER);
    Answer::of(request.form(&fields)).await
}

#[actix_web::test]
async fn a_right_password_is_answered_with_name_tier_and_a_session() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let (answer, session) = anna.log_in().await;
    let expected = json!({ "username": anna.username, "account_tier": "Premium" });
    assert_eq!(answer.outcome(), (200, expected));
    assert!(service.is_alive(&session).await);
}

#[actix_web::test]
async fn an_account_without_a_tier_logs_in_too() {
    let service = TestService::start().await;
    let anna = service.account("").await;
    let (answer, _) = anna.log_in().await;
    let expected = json!({ "username": anna.username, "account_tier": null });
    assert_eq!(answer.outcome(), (200, expected));
}

#[actix_web::test]
async fn a_login_is_taken_as_a_form_as_multipart_and_as_json() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let (name, password) = (anna.username.clone(), anna.password.clone());
    let fields = json!({ "username": name, "password": password });
    let parts = reqwest::multipart::Form::new()
        .text("username", name)
        .text("password", password);
    for request in [
        service.request("POST", LOGIN).form(&fields),
        service.request("POST", LOGIN).multipart(parts),
        service.request("POST", LOGIN).json(&fields),
    ] {
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(service.is_alive(&session_of(&answer)).await);
    }
}

#[actix_web::test]
async fn a_password_of_any_characters_is_read_from_a_form() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let password = "a+b c%41&d=ü€";
    service.set_password(&anna, password).await;
    let answer = log_in(
        &service,
        &[("username", &anna.username), ("password", password)],
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[actix_web::test]
async fn the_cookie_is_for_http_alone_and_lives_14_days() {
    let service = TestService::start().await;
    let (answer, session) = service.account("Basic").await.log_in().await;
    let cookie = answer.header("set-cookie");
    let mut parts: Vec<_> = cookie.split("; ").collect();
    parts.sort_unstable();
    let id = format!("sessionid={session}");
    assert_eq!(
        parts,
        ["HttpOnly", "Max-Age=1209600", "Path=/", "SameSite=Lax", &id]
    );
}

#[actix_web::test]
async fn the_cookie_is_secure_behind_a_trusted_proxy_that_speaks_https() {
    for (flags, secure) in [
        (["--trusted-proxies", "127.0.0.0/8"].as_slice(), true),
        (&[], false),
    ] {
        let service = TestService::start_with(flags).await;
        let anna = service.account("Basic").await;
        let fields = [("username", &anna.username), ("password", &anna.password)];
        let request = service
            .request("POST", LOGIN)
            .header("x-forwarded-proto", "https");
        let answer = Answer::of(request.form(&fields)).await;
        let cookie = answer.header("set-cookie");
        assert_eq!(cookie.contains("; Secure"), secure, "{flags:?}: {cookie}");
        assert_eq!(cookie.starts_with("__Host-sessionid="), secure, "{cookie}");
        let (session, _) = cookie.split_once(';').unwrap();
        for (protocol, status) in [("https", 200), ("http", if secure { 401 } else { 200 })] {
            let request = service
                .request("GET", "/api/v1/me/")
                .header("x-forwarded-proto", protocol)
                .header("cookie", session);
            assert_eq!(
                Answer::of(request).await.status,
                status,
                "{protocol}: {cookie}"
            );
        }
    }
}

#[actix_web::test]
async fn a_cookie_that_another_host_could_have_set_is_none_over_https() {
    let service = TestService::start_with(&["--trusted-proxies", "127.0.0.0/8"]).await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let request = service
        .request("GET", "/api/v1/me/")
        .header("x-forwarded-proto", "https")
        .header("cookie", format!("sessionid={session}"));
    assert_eq!(Answer::of(request).await.status, 401);
}

#[actix_web::test]
async fn each_login_begins_a_session_of_its_own() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let (_, first) = anna.log_in().await;
    let (_, second) = anna.log_in().await;
    assert_ne!(first, second);
    assert!(service.is_alive(&first).await && service.is_alive(&second).await);
}

#[actix_web::test]
async fn a_wrong_password_an_unknown_and_an_inactive_user_get_the_same_answer() {
    let service = TestService::start().await;
    let (anna, bert) = (
        service.account("Basic").await,
        service.account("Basic").await,
    );
    service
        .execute(&format!(
            "UPDATE users SET is_active = false WHERE id = {}",
            bert.id.0
        ))
        .await;
    let expected =
        json!({ "detail": "Invalid username/password.", "code": "authentication_failed" });
    for (username, password) in [
        (anna.username.as_str(), "wrong"),
        ("nobody", "password"),
        ("no name:\n", "password"),
        (&bert.username, &bert.password),
    ] {
        let answer = log_in(&service, &[("username", username), ("password", password)]).await;
        assert_eq!(answer.outcome(), (401, expected.clone()), "{username}");
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"api\"");
        assert_eq!(answer.header("set-cookie"), "");
    }
}

/// What takes time is the hashing.
#[actix_web::test]
async fn an_unknown_user_costs_the_same_hashing_as_a_wrong_password() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for username in [anna.username.as_str(), "nobody", "no name"] {
        let before = service.figure("tierpix_password_hashings_total").await;
        let fields = [("username", username), ("password", "wrong")];
        assert_eq!(log_in(&service, &fields).await.status, 401);
        let after = service.figure("tierpix_password_hashings_total").await;
        assert_eq!(after - before, 1.0, "{username}");
    }
}

#[actix_web::test]
async fn both_missing_fields_are_told_at_once() {
    let service = TestService::start().await;
    let required = json!(["This field is required."]);
    let answer = log_in(&service, &[("user", "anna")]).await;
    assert_eq!(
        answer.outcome(),
        (400, json!({ "username": required, "password": required }))
    );
    let answer = log_in(&service, &[("password", "x")]).await;
    assert_eq!(answer.outcome(), (400, json!({ "username": required })));
    let answer = Answer::of(
        service
            .request("POST", LOGIN)
            .json(&json!({ "username": "x" })),
    )
    .await;
    assert_eq!(answer.outcome(), (400, json!({ "password": required })));
}

#[actix_web::test]
async fn a_field_that_is_no_text_is_told() {
    let service = TestService::start().await;
    let body = json!({ "username": ["anna"], "password": null });
    let answer = Answer::of(service.request("POST", LOGIN).json(&body)).await;
    let expected = json!({
        "username": ["Not a valid string."],
        "password": ["This field may not be null."],
    });
    assert_eq!(answer.outcome(), (400, expected));
}

#[actix_web::test]
async fn a_body_of_another_type_is_unsupported() {
    let service = TestService::start().await;
    let request = service
        .request("POST", LOGIN)
        .header("content-type", "text/plain");
    let answer = Answer::of(request.body("username=anna&password=x")).await;
    let expected = json!({
        "detail": "Unsupported media type \"text/plain\" in request.",
        "code": "unsupported_media_type",
    });
    assert_eq!(answer.outcome(), (415, expected));
}

#[actix_web::test]
async fn a_body_that_breaks_off_is_a_parse_error() {
    let service = TestService::start().await;
    for (content_type, body) in [
        ("application/json", "{\"username\": \"an"),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data",
        ),
        ("multipart/form-data", "--b--\r\n"),
    ] {
        let request = service
            .request("POST", LOGIN)
            .header("content-type", content_type);
        let answer = Answer::of(request.body(body)).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &json!("parse_error")),
            "{body}"
        );
    }
}

#[actix_web::test]
async fn a_huge_body_is_refused() {
    let service = TestService::start().await;
    let password = "x".repeat(100_000);
    let answer = log_in(&service, &[("username", "anna"), ("password", &password)]).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (413, &json!("payload_too_large"))
    );
}

#[actix_web::test]
async fn a_browser_is_sent_on_to_the_page_it_wanted() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let answer = log_in_by_browser(&service, &anna, ("next", "/api/v1/images/?page_size=5")).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (302, "/api/v1/images/?page_size=5")
    );
    assert!(service.is_alive(&session_of(&answer)).await);
}

#[actix_web::test]
async fn a_browser_is_never_sent_to_another_site() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for next in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "",
    ] {
        let answer = log_in_by_browser(&service, &anna, ("next", next)).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (302, "/"),
            "{next}"
        );
    }
}

#[actix_web::test]
async fn a_browser_that_fails_sees_the_form_again_without_the_password() {
    let service = TestService::start().await;
    let fields = [
        ("username", "anna<b>"),
        ("password", "a wrong one"),
        ("next", "/a"),
    ];
    let request = service.request("POST", LOGIN).header("accept", BROWSER);
    let answer = Answer::of(request.form(&fields)).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (401, "text/html; charset=utf-8")
    );
    let page = answer.text();
    assert!(
        page.contains("Invalid username/password.") && page.contains("value=\"/a\""),
        "{page}"
    );
    assert!(
        !page.contains("a wrong one") && !page.contains("<b>"),
        "{page}"
    );
}

#[actix_web::test]
async fn the_form_is_a_page_that_takes_next_along_as_text() {
    let service = TestService::start().await;
    let answer = service
        .get("/api-auth/login/?next=%22%3E%3Cscript%3E")
        .await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    let page = answer.text();
    for part in [
        "<form method=\"post\"",
        "name=\"username\"",
        "name=\"password\"",
        "name=\"next\"",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("<script>"), "{page}");
}

#[actix_web::test]
async fn logging_out_ends_the_session_and_takes_the_cookie_back() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let ((_, session), (_, other)) = (anna.log_in().await, anna.log_in().await);
    assert!(service.is_alive(&session).await);
    let answer = Answer::of(service.request_in(&session, "POST", LOGOUT)).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("sessionid=;") && cookie.contains("Max-Age=0"),
        "{cookie}"
    );
    assert!(!service.is_alive(&session).await);
    assert!(service.is_alive(&other).await);
}

#[actix_web::test]
async fn a_browser_that_logs_out_is_sent_to_the_landing_page() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let request = service
        .request_in(&session, "POST", LOGOUT)
        .header("accept", BROWSER);
    let answer = Answer::of(request).await;
    assert_eq!((answer.status, answer.header("location")), (302, "/"));
    assert!(!service.is_alive(&session).await);
}

#[actix_web::test]
async fn logging_out_takes_a_post() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let answer = Answer::of(service.request_in(&session, "GET", LOGOUT)).await;
    let expected = json!({ "detail": "Method \"GET\" not allowed.", "code": "method_not_allowed" });
    assert_eq!(answer.outcome(), (405, expected));
    assert_eq!(answer.header("allow"), "POST, OPTIONS");
    assert!(service.is_alive(&session).await);
}
