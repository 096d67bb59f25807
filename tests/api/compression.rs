//! JSON and pages in fewer bytes.

use std::io::Read;

use crate::{
    harness::{Answer, TestService},
    pictures::Png,
};

/// A path whose answer is worth it.
const LARGE: &str = "/api/schema/";

async fn asked(service: &TestService, method: &str, path: &str, codings: &str) -> Answer {
    let request = service.request(method, path);
    Answer::of(request.header("accept-encoding", codings)).await
}

fn undone(answer: &Answer) -> Vec<u8> {
    let mut body = Vec::new();
    match answer.header("content-encoding") {
        "br" => brotli::Decompressor::new(&answer.body[..], 4096)
            .read_to_end(&mut body)
            .unwrap(),
        "gzip" => flate2::read::GzDecoder::new(&answer.body[..])
            .read_to_end(&mut body)
            .unwrap(),
        other => panic!("{other:?}"),
    };
    body
}

#[actix_web::test]
async fn a_client_gets_the_coding_that_it_likes_best() {
    let service = TestService::start().await;
    let plain = service.get(LARGE).await;
    for (codings, best) in [
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0, gzip;q=0.1", "gzip"),
    ] {
        let answer = asked(&service, "GET", LARGE, codings).await;
        assert_eq!(answer.header("content-encoding"), best, "{codings}");
        assert_eq!(answer.header("content-type"), "application/json");
        let length = answer.body.len();
        assert_eq!(answer.header("content-length"), length.to_string());
        assert!(length * 4 < plain.body.len(), "{codings}: {length}");
        assert!(undone(&answer) == plain.body, "{codings}");
    }
}

#[actix_web::test]
async fn a_client_that_takes_no_coding_of_ours_gets_none() {
    let service = TestService::start().await;
    let plain = service.get(LARGE).await;
    assert_eq!(plain.header("content-encoding"), "");
    for codings in ["", "identity", "zstd", "gzip;q=0", "*;q=0", "nonsense;;"] {
        let answer = asked(&service, "GET", LARGE, codings).await;
        assert_eq!(answer.header("content-encoding"), "", "{codings}");
        assert!(answer.body == plain.body, "{codings}");
    }
}

#[actix_web::test]
async fn caches_keep_the_codings_apart() {
    let service = TestService::start().await;
    for codings in ["identity", "gzip"] {
        let answer = asked(&service, "GET", LARGE, codings).await;
        let vary = answer.headers("vary").join(",");
        assert!(vary.contains("Accept-Encoding"), "{codings}: {vary}");
        assert!(vary.contains("Accept,"), "{codings}: {vary}");
    }
}

#[actix_web::test]
async fn a_page_is_compressed_too_and_a_small_answer_is_not() {
    let service = TestService::start().await;
    let page = service.request("GET", LARGE).header("accept", "text/html");
    let page = Answer::of(page.header("accept-encoding", "br")).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(undone(&page).starts_with(b"<!doctype html>"));
    let small = asked(&service, "GET", "/healthz", "br, gzip").await;
    assert_eq!(small.header("content-encoding"), "");
    assert_eq!(small.json()["status"], "alive");
}

#[actix_web::test]
async fn head_tells_what_get_does() {
    let service = TestService::start().await;
    let get = asked(&service, "GET", LARGE, "gzip").await;
    let head = asked(&service, "HEAD", LARGE, "gzip").await;
    assert_eq!(head.body.len(), 0);
    for name in ["content-encoding", "content-length", "vary"] {
        assert_eq!(head.headers(name), get.headers(name), "{name}");
    }
}

#[actix_web::test]
async fn a_picture_is_sent_as_it_is() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    // One that could well be compressed.
    let picture = Png::new(300, 200, 2, 8).encode();
    let url = anna.upload(picture.clone()).await.url_of("original");
    let answer = asked(&service, "GET", &url, "br, gzip").await;
    assert_eq!(answer.header("content-encoding"), "");
    assert_eq!(answer.header("vary"), "");
    assert!(answer.body == picture);
}

#[actix_web::test]
async fn a_detail_is_known_again_by_a_client_that_takes_codings() {
    let service = TestService::start().await;
    service
        .execute("UPDATE tiers SET thumbnail_heights = '{1,2,3,4,5,6,7,8,9,10}'")
        .await;
    let anna = service.account("Premium").await;
    let path = anna.image().await;
    let request = || {
        anna.request("GET", &path)
            .header("accept-encoding", "br, gzip")
    };
    let answer = Answer::of(request()).await;
    assert!(answer.body.len() > 1024, "{answer:?}");
    let tag = answer.header("etag").to_owned();
    // A tag that names bytes names the same ones for everybody.
    assert_eq!(answer.header("content-encoding"), "");
    assert_eq!(anna.get(&path).await.header("etag"), tag);
    let again = Answer::of(request().header("if-none-match", &tag)).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
}
