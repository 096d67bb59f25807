//! What actix is handed.

use actix_codec::Decoder;
use actix_http::h1::{Codec, Message};
use bytes::BytesMut;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::*;

const IDLE: Duration = Duration::from_secs(75);

/// What is handed on of what a client sends in pieces of this size, until it can say no more.
fn handed_on(sent: &[u8], piece: usize) -> Vec<u8> {
    let mut reader = Reader::default();
    let mut handed = Vec::new();
    for piece in sent.chunks(piece) {
        if reader.is_in_body() {
            let length = reader.pass(piece);
            handed.extend_from_slice(&piece[..length]);
        } else {
            reader.receive(piece);
        }
        while let Next::Bytes(bytes) = reader.next() {
            handed.extend_from_slice(&bytes);
        }
    }
    handed
}

/// How many requests actix reads; panics where it could not.
fn requests(handed: &[u8]) -> usize {
    let mut codec = Codec::default();
    let mut bytes = BytesMut::from(handed);
    let mut requests = 0;
    while let Some(message) = codec
        .decode(&mut bytes)
        .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(handed)))
    {
        requests += usize::from(matches!(message, Message::Item(_)));
    }
    requests
}

fn text(sent: &str) -> String {
    String::from_utf8(handed_on(sent.as_bytes(), 7)).unwrap()
}

#[actix_web::test]
async fn what_is_right_goes_on_as_it_came() {
    let sent = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\
        GET /b HTTP/1.1\nHost: a\n\n\
        POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
        GET http://a/d HTTP/1.0\r\n\r\n";
    assert_eq!(text(sent), sent);
    assert_eq!(requests(sent.as_bytes()), 4);
}

#[actix_web::test]
async fn what_is_wrong_becomes_a_request_that_says_so_and_nothing_follows_it() {
    let get = |line: &str| format!("GET / HTTP/1.1\r\n{line}\r\n\r\nGET / HTTP/1.1\r\n");
    let long = "a".repeat(40_000);
    for (sent, path) in [
        ("\x16\x03\x01".to_owned(), "malformed"),
        ("GET /\r\n".to_owned(), "malformed"),
        ("GET / HTTP/2.0\r\n".to_owned(), "malformed"),
        ("GET /a b HTTP/1.1\r\n".to_owned(), "malformed"),
        ("\r\r\nGET / HTTP/1.1\r\n".to_owned(), "malformed"),
        (get("Host: a\r\n b: c"), "malformed"),
        (
            get("Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked"),
            "malformed",
        ),
        (
            get("Host: a\r\nContent-Length: 1\r\nContent-Length: 1"),
            "malformed",
        ),
        (
            get("Host: a\r\nTransfer-Encoding: gzip, chunked"),
            "malformed",
        ),
        (
            "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
            "malformed",
        ),
        (get("A: b"), "host"),
        (get("Host: a\r\nHost: a"), "host"),
        (get("Host: u@a"), "host"),
        (get("Host: a b"), "host"),
        (
            "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            "host",
        ),
        (format!("GET /{long}"), "target"),
        (
            format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "ä".repeat(14_000)),
            "target",
        ),
        (get(&format!("Host: a\r\nA: {long}\r\nB: {long}")), "head"),
        (get(&format!("Host: a{}", "\r\nA: b".repeat(100))), "head"),
    ] {
        let expected =
            format!("GET /\"{path}\" HTTP/1.1\r\nhost: invalid\r\nconnection: close\r\n\r\n");
        assert_eq!(text(&sent), expected, "{:.200}", sent);
        assert_eq!(requests(expected.as_bytes()), 1);
    }
}

#[actix_web::test]
async fn the_method_is_kept_where_it_can_be_told() {
    for (sent, method) in [
        ("HEAD / HTTP/3\r\n", "HEAD"),
        ("POST / HTTP/1.0\r\n\r\n", "POST"),
        ("CONNECT / HTTP/3\r\n", "GET"),
        ("get / HTTP/3\r\n", "GET"),
        ("\0", "GET"),
    ] {
        assert_eq!(text(sent).split(' ').next(), Some(method), "{sent:?}");
    }
}

#[actix_web::test]
async fn an_offer_to_speak_another_protocol_is_left_out() {
    let sent = "GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings, keep-alive\r\nHost: a\r\n\
        HTTP2-Settings: AAEAAEAAAA\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\na";
    let expected = "GET / HTTP/1.1\r\nConnection:  HTTP2-Settings, keep-alive\r\nHost: a\r\nContent-Length: 1\r\n\r\na";
    assert_eq!(text(sent), expected);
}

#[actix_web::test]
async fn a_chunk_that_is_none_ends_what_is_handed_on() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    let sent = format!("{head}x\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    for piece in [1, 1000] {
        let handed = handed_on(sent.as_bytes(), piece);
        assert!(head.as_bytes().starts_with(&handed));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_is_not_answered() {
    let (_client, server) = duplex(1000);
    let began = tokio::time::Instant::now();
    let mut handed = Vec::new();
    Connection::new(server, IDLE)
        .read_to_end(&mut handed)
        .await
        .unwrap();
    assert_eq!((handed.len(), began.elapsed()), (0, IDLE));
}

#[tokio::test(start_paused = true)]
async fn a_head_has_to_arrive_in_time_also_on_a_connection_that_was_kept() {
    let (mut client, server) = duplex(1000);
    let mut connection = Connection::new(server, IDLE);
    let mut handed = [0; 1000];
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for _ in 0..2 {
        client.write_all(request).await.unwrap();
        let mut received = Vec::new();
        while !received.ends_with(request) {
            let length = connection.read(&mut handed).await.unwrap();
            received.extend_from_slice(&handed[..length]);
        }
    }
    client.write_all(b"GET / HT").await.unwrap();
    let length = connection.read(&mut handed).await.unwrap();
    assert_eq!(&handed[..length], SIGN_OF_LIFE);
    let began = tokio::time::Instant::now();
    let length = connection.read(&mut handed).await.unwrap();
    assert!(handed[..length].starts_with(b"GET /\"slow\" "));
    assert_eq!(began.elapsed(), HEAD_PATIENCE);
}

/// Lines of heads and bodies, right and wrong, and noise.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    const KNOWN: &[&str] = &[
        "GET / HTTP/1.1\r\n",
        "POST /a?b HTTP/1.1\r\n",
        "HEAD * HTTP/1.0\r\n",
        "GET http://a/ HTTP/1.1\n",
        "CONNECT a:1 HTTP/1.1\r\n",
        "GET /\u{e4}\"<> HTTP/1.1\r\n",
        "Host: a\r\n",
        "Host:\r\n",
        "host: a b\r\n",
        "Content-Length: 3\r\n",
        "Content-Length: +3\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: Chunked \r\n",
        "Transfer-Encoding: identity\r\n",
        "Upgrade: websocket\r\n",
        "Connection: upgrade\r\n",
        "Connection: close\r\n",
        "Expect: 100-continue\r\n",
        "\r\n",
        "\n",
        "abc",
        "3\r\nabc\r\n",
        "0\r\n\r\n",
        "0\r\nA: b\r\n\r\n",
        "3;a=b\r\nabc\r\n",
        "A: \u{e4}\r\n",
        " folded\r\n",
        "A : b\r\n",
        "\0",
        "\r",
    ];
    let known = proptest::sample::select(KNOWN).prop_map(|text| text.as_bytes().to_vec());
    let noise = proptest::collection::vec(any::<u8>(), 0..6);
    let piece = prop_oneof![20 => known, 1 => noise];
    proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

thread_local! {
    static SYSTEM: actix_web::rt::SystemRunner = actix_web::rt::System::new();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn actix_reads_whatever_it_is_handed(sent in pieces(), piece in 1_usize..200) {
        // actix's codec has a clock, which needs one.
        SYSTEM.with(|system| system.block_on(async { requests(&handed_on(&sent, piece)) }));
    }

    #[test]
    fn it_is_no_matter_in_which_pieces_it_comes(sent in pieces(), piece in 1_usize..50) {
        let (apart, whole) = (handed_on(&sent, piece), handed_on(&sent, 10_000));
        // Of a body that breaks off, more may have gone on before that is seen.
        prop_assert!(apart.starts_with(&whole));
    }
}
