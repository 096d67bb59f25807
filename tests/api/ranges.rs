//! Parts of a picture (RFC 9110, section 14).

use crate::{
    harness::{Answer, TestService},
    pictures::Jpeg,
};

fn photo() -> Vec<u8> {
    Jpeg::photo(120, 80).encode()
}

/// A service and the URL of an original.
async fn uploaded() -> (TestService, String) {
    let service = TestService::start().await;
    let answer = service.account("Premium").await.upload(photo()).await;
    let url = answer.url_of("original");
    (service, url)
}

async fn range(service: &TestService, url: &str, range: &str) -> Answer {
    Answer::of(service.request("GET", url).header("range", range)).await
}

#[actix_web::test]
async fn one_range_is_answered_with_its_bytes() {
    let (service, url) = uploaded().await;
    let (photo, last) = (photo(), photo().len() - 1);
    for (asked, from, to) in [
        ("bytes=0-0", 0, 0),
        ("bytes=10-99", 10, 99),
        ("bytes=100-", 100, last),
        ("bytes=-7", last - 6, last),
        ("bytes=0-99999999", 0, last),
        ("bytes=5-6,99999999-", 5, 6),
    ] {
        let answer = range(&service, &url, asked).await;
        assert_eq!(
            (answer.status, &answer.body[..]),
            (206, &photo[from..=to]),
            "{asked}"
        );
        let expected = format!("bytes {from}-{to}/{}", photo.len());
        assert_eq!(answer.header("content-range"), expected, "{asked}");
        assert_eq!(answer.header("content-type"), "image/jpeg");
        assert_eq!(answer.header("content-length"), (to - from + 1).to_string());
    }
}

#[actix_web::test]
async fn several_ranges_are_answered_in_parts() {
    let (service, url) = uploaded().await;
    let (photo, length) = (photo(), photo().len());
    let answer = range(&service, &url, "bytes=0-9, 50-59, -5").await;
    assert_eq!((answer.status, answer.header("content-range")), (206, ""));
    let boundary = answer
        .header("content-type")
        .strip_prefix("multipart/byteranges; boundary=");
    let mut expected = Vec::new();
    for (from, to) in [(0, 9), (50, 59), (length - 5, length - 1)] {
        let head = format!(
            "\r\n--{}\r\nContent-Type: image/jpeg\r\nContent-Range: bytes {from}-{to}/{length}\r\n\r\n",
            boundary.unwrap()
        );
        expected.extend(head.as_bytes());
        expected.extend(&photo[from..=to]);
    }
    expected.extend(format!("\r\n--{}--\r\n", boundary.unwrap()).as_bytes());
    assert_eq!(answer.body, expected);
    assert_eq!(answer.header("content-length"), expected.len().to_string());
}

#[actix_web::test]
async fn a_range_behind_the_end_is_refused_with_the_length() {
    let (service, url) = uploaded().await;
    let length = photo().len();
    for asked in [format!("bytes={length}-"), "bytes=-0".to_owned()] {
        let answer = range(&service, &url, &asked).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (416, &"range_not_satisfiable".into())
        );
        assert_eq!(answer.header("content-range"), format!("bytes */{length}"));
    }
}

#[actix_web::test]
async fn a_range_that_cannot_be_followed_gets_the_whole() {
    let (service, url) = uploaded().await;
    for asked in [
        "bytes=5-4",
        "lines=1-2",
        "bytes=x",
        "bytes=0-600000,1-600000",
        "bytes",
    ] {
        let answer = range(&service, &url, asked).await;
        assert_eq!(
            (answer.status, &answer.body[..]),
            (200, &photo()[..]),
            "{asked}"
        );
    }
}

#[actix_web::test]
async fn a_range_of_another_state_gets_the_whole() {
    let (service, url) = uploaded().await;
    let first = service.get(&url).await;
    let (etag, modified) = (first.header("etag"), first.header("last-modified"));
    let weak = format!("W/{etag}");
    for (condition, status) in [
        (etag, 206),
        (modified, 206),
        (weak.as_str(), 200),
        ("\"other\"", 200),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 200),
    ] {
        let request = service.request("GET", &url).header("range", "bytes=0-9");
        let answer = Answer::of(request.header("if-range", condition)).await;
        assert_eq!(answer.status, status, "{condition}");
    }
}

#[actix_web::test]
async fn head_is_of_the_whole_whatever_range_is_asked_for() {
    let (service, url) = uploaded().await;
    let answer = Answer::of(service.request("HEAD", &url).header("range", "bytes=0-9")).await;
    let length = photo().len().to_string();
    assert_eq!(
        (answer.status, answer.header("content-length")),
        (200, length.as_str())
    );
}

#[actix_web::test]
async fn a_broken_download_is_taken_up_where_it_ended() {
    let (service, url) = uploaded().await;
    let start = range(&service, &url, "bytes=0-999").await;
    let request = service.request("GET", &url).header("range", "bytes=1000-");
    let rest = Answer::of(request.header("if-range", start.header("etag"))).await;
    assert_eq!([start.body, rest.body].concat(), photo());
}
