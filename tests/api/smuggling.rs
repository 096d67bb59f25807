//! Requests of which two readers could disagree where they end (RFC 9112, sections 6 and 11.2).

use crate::harness::{RawClient, TestService};

/// What somebody behind a proxy would have answered in another's name.
const SECOND: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

/// Sends a request with these lines in its head, and all that is answered until the service closes the connection.
async fn answered(service: &TestService, lines: &str, body: &str) -> String {
    let mut client = RawClient::connect(service).await;
    let head = "POST /api-auth/login/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    client
        .send(format!("{head}{lines}\r\n{body}{SECOND}"))
        .await;
    client.end().await;
    client.rest().await
}

#[actix_web::test]
async fn a_request_whose_end_is_doubtful_is_refused_and_what_follows_it_is_not_read() {
    let service = TestService::start().await;
    for lines in [
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\nContent-Length: 7\r\n",
        "Content-Length: 2, 2\r\n",
        "Content-Length: +2\r\n",
        "Content-Length: -2\r\n",
        "Content-Length: 0x2\r\n",
        "Content-Length: \r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length : 2\r\n",
        "X: y\r\n Content-Length: 2\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        "X: a\0b\r\n",
    ] {
        let text = answered(&service, lines, "2\r\n{}\r\n0\r\n\r\n").await;
        assert!(text.starts_with("HTTP/1.1 400 "), "{lines:?}: {text}");
        assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{lines:?}: {text}");
    }
}

#[actix_web::test]
async fn a_chunk_whose_length_is_doubtful_ends_the_connection() {
    let service = TestService::start().await;
    for body in [
        "0x2\r\n{}\r\n0\r\n\r\n",
        "+2\r\n{}\r\n0\r\n\r\n",
        "2\n{}\r\n0\r\n\r\n",
        "2 2\r\n{}\r\n0\r\n\r\n",
        "100000000000000002\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}x\r\n0\r\n\r\n",
        "\r\n{}\r\n0\r\n\r\n",
    ] {
        let text = answered(&service, "Transfer-Encoding: chunked\r\n", body).await;
        assert!(text.starts_with("HTTP/1.1 400 "), "{body:?}: {text}");
        assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{body:?}: {text}");
    }
}

#[actix_web::test]
async fn a_request_that_ends_where_it_says_is_followed_by_the_next() {
    let service = TestService::start().await;
    for (lines, body) in [
        ("Content-Length: 2\r\n", "{}"),
        ("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
    ] {
        let text = answered(&service, lines, body).await;
        let statuses: Vec<_> = text.match_indices("HTTP/1.1 ").collect();
        assert_eq!(statuses.len(), 2, "{lines:?}: {text}");
        assert!(text.contains("HTTP/1.1 200 "), "{lines:?}: {text}");
    }
}
