//! Heads of requests that no proper client sends, and some that improper ones do.

use serde_json::{Value, json};

use crate::harness::{Answer, RawClient, TestService};

/// Sends bytes; returns the head and the JSON of the answer, behind which the connection is closed.
async fn answered(service: &TestService, sent: &[u8]) -> (String, Value) {
    let mut client = RawClient::connect(service).await;
    client.send(sent).await;
    let (head, body) = client.whole_answer().await;
    assert_eq!(client.rest().await, "", "{head}");
    match serde_json::from_str(&body) {
        Ok(json) => (head, json),
        Err(_) => panic!("{body:?} behind {head}"),
    }
}

#[actix_web::test]
async fn a_head_that_is_refused_is_told_why_like_everything_else() {
    let service = TestService::start().await;
    let long = "a".repeat(40_000);
    for (sent, status, code) in [
        ("nonsense\r\n\r\n".to_owned(), 400, "parse_error"),
        ("\x16\x03\x01\x02\0".to_owned(), 400, "parse_error"),
        (
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            400,
            "parse_error",
        ),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400, "parse_error"),
        (
            "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n".to_owned(),
            400,
            "parse_error",
        ),
        (
            format!("GET /?{long} HTTP/1.1\r\nHost: a\r\n\r\n"),
            414,
            "uri_too_long",
        ),
        (
            format!("GET / HTTP/1.1\r\nHost: a\r\nA: {long}\r\nB: {long}\r\n\r\n"),
            431,
            "header_fields_too_large",
        ),
    ] {
        let (head, json) = answered(&service, sent.as_bytes()).await;
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status} ")),
            "{sent:.40}: {head}"
        );
        assert_eq!(json["code"], json!(code), "{sent:.40}");
        assert!(json["detail"].as_str().unwrap().ends_with('.'));
        for header in [
            "x-request-id: ",
            "content-type: application/json",
            "x-content-type-options: nosniff",
            "content-security-policy: default-src 'none'",
            "cache-control: no-store",
            "connection: close",
        ] {
            assert!(head.contains(header), "{header} is not in {head}");
        }
    }
}

#[actix_web::test]
async fn a_head_of_many_megabytes_is_answered_before_it_has_ended() {
    let service = TestService::start().await;
    let mut client = RawClient::connect(&service).await;
    client.send("GET / HTTP/1.1\r\nHost: a\r\n").await;
    let line = format!("A: {}\r\n", "a".repeat(1000));
    for _ in 0..2000 {
        client.send(&line).await;
    }
    let (head, _) = client.whole_answer().await;
    assert!(head.starts_with("HTTP/1.1 431 "), "{head}");
}

#[actix_web::test]
async fn what_is_asked_by_head_is_refused_without_a_body() {
    let service = TestService::start().await;
    let mut client = RawClient::connect(&service).await;
    client.send("HEAD / HTTP/1.1\r\nHost: a b\r\n\r\n").await;
    let all = client.rest().await;
    assert!(
        all.starts_with("HTTP/1.1 400 ") && all.ends_with("\r\n\r\n"),
        "{all}"
    );
}

#[actix_web::test]
async fn a_refused_head_does_not_harm_the_request_before_it() {
    let service = TestService::start().await;
    let mut client = RawClient::connect(&service).await;
    client
        .send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n")
        .await;
    assert_eq!(client.answer().await.0, 200);
    assert_eq!(client.answer().await.0, 400);
    assert_eq!(client.rest().await, "");
}

#[actix_web::test]
async fn no_client_can_ask_to_be_refused() {
    let service = TestService::start().await;
    for path in ["/\"slow\"", "/%22slow%22"] {
        let mut client = RawClient::connect(&service).await;
        client
            .send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"))
            .await;
        assert_eq!(client.answer().await.0, 404, "{path}");
    }
}

#[actix_web::test]
async fn bytes_that_a_url_should_have_encoded_are_read_as_if_it_had() {
    let service = TestService::start().await;
    let admin = service
        .staff(tierpix::domain::staff::StaffRole::Superuser)
        .await;
    let anna = service.account("Basic").await;
    let image = anna.image().await;
    let authorization = format!("Host: a\r\nAuthorization: {}\r\n", admin.basic());
    let found = async |target: &[u8]| {
        let mut client = RawClient::connect(&service).await;
        let request = [
            b"GET ",
            target,
            b" HTTP/1.1\r\n",
            authorization.as_bytes(),
            b"\r\n",
        ];
        client.send(request.concat()).await;
        let (status, body) = client.answer().await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str::<Value>(&body).unwrap()["results"]
            .as_array()
            .unwrap()
            .len()
    };
    service
        .execute(&format!(
            "UPDATE users SET username = 'jörg' WHERE id = {}",
            anna.id.0
        ))
        .await;
    assert_eq!(found("/api/v1/admin/users/?search=jö".as_bytes()).await, 1);
    assert_eq!(found("/api/v1/admin/users/?search=jü".as_bytes()).await, 0);
    assert_eq!(
        found(b"/api/v1/admin/users/?search=j&utm=\"<\xFC>\"").await,
        1
    );
    assert_eq!(
        service.get(&format!("{image}?fbclid=\u{fc}")).await.status,
        401
    );
}

#[actix_web::test]
async fn the_host_of_an_absolute_target_counts() {
    let service = TestService::start().await;
    let mut client = RawClient::connect(&service).await;
    let request = "GET http://pics.example.org/api/schema/ HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    client.send(request).await;
    let (_, body) = client.answer().await;
    let schema: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(schema["servers"][0]["url"], "http://pics.example.org");
}

#[actix_web::test]
async fn an_offer_to_speak_http_2_is_passed_over_and_the_connection_kept() {
    let service = TestService::start().await;
    let mut client = RawClient::connect(&service).await;
    // As Java's client sends it with its first request.
    let upgrade = "GET /healthz HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nHost: a\r\n\
        HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\n\r\n";
    for _ in 0..2 {
        client.send(upgrade).await;
        let (head, _) = client.whole_answer().await;
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert!(!head.contains("connection:"), "{head}");
    }
}

#[actix_web::test]
async fn an_idle_connection_is_kept_as_long_as_was_promised_and_then_closed() {
    let service = TestService::start_with(&["--keep-alive", "1"]).await;
    let mut client = RawClient::connect(&service).await;
    client
        .send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        .await;
    let (head, _) = client.whole_answer().await;
    assert!(head.contains("keep-alive: timeout=1\r\n"), "{head}");
    let answered = std::time::Instant::now();
    assert_eq!(client.rest().await, "");
    assert!(answered.elapsed() >= std::time::Duration::from_secs(1));
}

#[actix_web::test]
async fn connections_are_kept_longer_than_by_the_usual_proxies_and_clients() {
    let service = TestService::start().await;
    let answer = service.get("/healthz").await;
    assert_eq!(answer.header("keep-alive"), "timeout=75");
    let closing = service
        .request("GET", "/healthz")
        .header("connection", "close");
    assert_eq!(Answer::of(closing).await.header("keep-alive"), "");
}
