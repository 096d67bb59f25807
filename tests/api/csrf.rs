//! Requests with a session's cookie that another site makes a browser send.

use serde_json::json;

use crate::{
    harness::{Answer, PRIVATE, TestService, image_form},
    pictures,
};

const UPLOAD: &str = "/api/v1/images_upload/";

/// The status of an upload with a session's cookie and these headers.
async fn upload(service: &TestService, session: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = service.request_in(session, "POST", UPLOAD);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.multipart(image_form(pictures::Png::new(3, 2, 2, 8).encode()))).await
}

#[actix_web::test]
async fn what_another_site_sends_with_our_cookie_is_refused() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let answer = upload(&service, &session, &[header]).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (403, &json!("csrf_failed")),
            "{header:?}"
        );
    }
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn what_our_own_pages_send_passes() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    for header in [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "none"),
        ("origin", service.url.as_str()),
    ] {
        let answer = upload(&service, &session, &[header]).await;
        assert_eq!(answer.status, 201, "{header:?}: {answer:?}");
    }
}

#[actix_web::test]
async fn what_the_browser_says_of_the_site_outweighs_the_origin() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let ours = [("sec-fetch-site", "same-origin"), ("origin", "null")];
    assert_eq!(upload(&service, &session, &ours).await.status, 201);
    let theirs = [
        ("sec-fetch-site", "cross-site"),
        ("origin", service.url.as_str()),
    ];
    assert_eq!(upload(&service, &session, &theirs).await.status, 403);
}

#[actix_web::test]
async fn the_public_url_is_an_origin_of_ours() {
    let service =
        TestService::start_with(&["--public-url", "https://pics.example.org/shared"]).await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let ours = [("origin", "https://pics.example.org")];
    assert_eq!(upload(&service, &session, &ours).await.status, 201);
    let other_scheme = [("origin", "http://pics.example.org")];
    assert_eq!(upload(&service, &session, &other_scheme).await.status, 403);
}

#[actix_web::test]
async fn an_origin_is_ours_with_and_without_its_usual_port() {
    let service = TestService::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    let (_, session) = service.account("Basic").await.log_in().await;
    for [host, origin] in [
        ["nas.local:80", "http://nas.local"],
        ["nas.local", "http://nas.local:80"],
        ["NAS.local", "http://nas.local"],
    ] {
        let ours = [("host", host), ("origin", origin)];
        let answer = upload(&service, &session, &ours).await;
        assert_eq!(answer.status, 201, "{host} {origin}: {answer:?}");
        let forwarded = [("x-forwarded-host", host), ("origin", origin)];
        let answer = upload(&service, &session, &forwarded).await;
        assert_eq!(answer.status, 201, "{host} {origin}: {answer:?}");
    }
    let other_port = [("host", "nas.local:8080"), ("origin", "http://nas.local")];
    assert_eq!(upload(&service, &session, &other_port).await.status, 403);
}

#[actix_web::test]
async fn a_browser_behind_a_proxy_that_writes_the_port_logs_in() {
    let service = TestService::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    let anna = service.account("Basic").await;
    let form = [("username", &anna.username), ("password", &anna.password)];
    for [host, proto, origin] in [
        ["nas.local:80", "http", "http://nas.local"],
        ["pics.example.org:443", "https", "https://pics.example.org"],
    ] {
        let request = service
            .request("POST", "/api-auth/login/")
            .header("x-forwarded-host", host)
            .header("x-forwarded-proto", proto)
            .header("origin", origin);
        let answer = Answer::of(request.form(&form)).await;
        assert_eq!(answer.status, 200, "{host}: {answer:?}");
    }
}

#[actix_web::test]
async fn a_program_with_a_cookie_says_nothing_of_a_site_and_passes() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    assert_eq!(upload(&service, &session, &[]).await.status, 201);
}

#[actix_web::test]
async fn who_sends_a_password_with_the_request_is_not_asked_for_a_site() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let request = anna
        .request("POST", UPLOAD)
        .header("sec-fetch-site", "cross-site");
    let form = image_form(pictures::Png::new(3, 2, 2, 8).encode());
    assert_eq!(Answer::of(request.multipart(form)).await.status, 201);
}

#[actix_web::test]
async fn reading_is_allowed_from_everywhere() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let request = service.request_in(&session, "GET", PRIVATE);
    assert_eq!(
        Answer::of(request.header("sec-fetch-site", "cross-site"))
            .await
            .status,
        404
    );
}

#[actix_web::test]
async fn another_site_cannot_log_anybody_out() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let request = service.request_in(&session, "POST", "/api-auth/logout/");
    let answer = Answer::of(request.header("origin", "https://evil.example")).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (403, &json!("csrf_failed"))
    );
    assert!(service.is_alive(&session).await);
}
