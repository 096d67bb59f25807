//! Forms as clients send them that do not read the standard, and as Django reads them.

use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::Write;

use crate::{
    harness::{Account, Answer, TestService, picture},
    pictures::Png,
};

const UPLOAD: &str = "/api/v1/images_upload/";
const LOGIN: &str = "/api-auth/login/";

async fn send(account: &Account, boundary: &str, body: impl Into<Vec<u8>>) -> Answer {
    let content_type = format!("multipart/form-data; boundary={boundary}");
    let request = account.request("POST", UPLOAD);
    Answer::of(
        request
            .header("content-type", content_type)
            .body(body.into()),
    )
    .await
}

/// A form of one part with this head; the boundary is `b`.
fn form(head: impl AsRef<[u8]>, content: &[u8]) -> Vec<u8> {
    [
        b"--b\r\n",
        head.as_ref(),
        b"\r\n\r\n",
        content,
        b"\r\n--b--\r\n",
    ]
    .concat()
}

/// Fails unless the form was stored with these bytes as its original.
async fn assert_stored(service: &TestService, answer: &Answer, original: &[u8], what: &str) {
    assert_eq!(answer.status, 201, "{what}: {answer:?}");
    let stored = service.get(&answer.url_of("original")).await;
    assert_eq!(stored.body, original, "{what}");
}

#[actix_web::test]
async fn a_boundary_needs_no_quotes() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    for boundary in ["----=_Part_1_2.3", "a:/?@=b", "(a),<b>"] {
        let head = "Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n";
        let body = [
            format!("--{boundary}\r\n{head}").as_bytes(),
            &picture(),
            format!("\r\n--{boundary}--\r\n").as_bytes(),
        ]
        .concat();
        for boundary in [boundary.to_owned(), format!("\"{boundary}\"")] {
            let answer = send(&anna, &boundary, body.clone()).await;
            assert_stored(&service, &answer, &picture(), &boundary).await;
        }
    }
}

#[actix_web::test]
async fn a_part_may_be_encoded_as_in_mail() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let photo = Png::new(300, 200, 2, 8).encode();
    let lines = BASE64_STANDARD.encode(&photo);
    let lines: Vec<_> = lines.as_bytes().chunks(76).collect();
    let quoted: String = photo
        .iter()
        .map(|byte| format!("={byte:02X}=\r\n"))
        .collect();
    for (encoding, content) in [
        ("base64", lines.join(&b"\r\n"[..])),
        ("BASE64", BASE64_STANDARD.encode(&photo).into_bytes()),
        ("quoted-printable", quoted.into_bytes()),
        ("binary", photo.clone()),
    ] {
        let head = format!(
            "Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\nContent-Transfer-Encoding: {encoding}"
        );
        let answer = send(&anna, "b", form(head, &content)).await;
        assert_stored(&service, &answer, &photo, encoding).await;
    }
    let head = "Content-Disposition: form-data; name=\"image\"; filename=\"a\"\r\nContent-Transfer-Encoding: base64";
    let answer = send(&anna, "b", form(head, b"no base64!")).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (400, &json!("parse_error"))
    );
}

#[actix_web::test]
async fn an_encoded_picture_may_be_as_large_as_any_other() {
    let photo = Png::new(300, 200, 2, 8).encode();
    let limit = photo.len().to_string();
    let service = TestService::start_with(&["--max-upload-bytes", &limit]).await;
    let anna = service.account("Premium").await;
    let head = "Content-Disposition: form-data; name=image; filename=a\r\nContent-Transfer-Encoding: base64";
    for (more, status) in [(0, 201), (3, 413)] {
        let file = [photo.as_slice(), &vec![0; more]].concat();
        let content = BASE64_STANDARD.encode(file).into_bytes();
        let answer = send(&anna, "b", form(head, &content)).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

#[actix_web::test]
async fn what_stands_beside_the_image_is_passed_over_whatever_it_is() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let body = [
        &b"a preamble\r\n--b \t\r\n\r\nno head\r\n--b\r\nA: b\r\n\r\nno disposition\r\n"[..],
        b"--b\r\nContent-Disposition: form-data\r\n\r\nno name\r\n",
        b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nnested\r\n--c--\r\n",
        b"--b\r\nContent-Disposition: form-data;\r\n name=\"image\";\r\n filename=\"a.png\"\r\nContent-Length: 3\r\n\r\n",
        &picture(),
        b"\r\n--b--  \r\nan epilogue\r\n",
    ]
    .concat();
    let answer = send(&anna, "b", body).await;
    assert_stored(&service, &answer, &picture(), "all at once").await;
}

#[actix_web::test]
async fn a_disposition_is_taken_as_it_is_meant() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    for (head, name) in [
        (
            &b"Content-Disposition: attachment; name=\"image\"; filename=\"a.png\""[..],
            "a.jpg",
        ),
        (
            b"content-disposition:form-data;name=image;filename=a b.png",
            "a%20b.jpg",
        ),
        (
            b"Content-Disposition: form-data; name=\" image \"; filename=\"J\xF6rg.png\"",
            "J%C3%B6rg.jpg",
        ),
        (
            "Content-Disposition: form-data; name=\"image\"; filename=\"Jörg.png\"".as_bytes(),
            "J%C3%B6rg.jpg",
        ),
        (
            b"Content-Disposition: form-data; name=\"image\"; filename*=UTF-8''J%C3%B6rg.png",
            "J%C3%B6rg.jpg",
        ),
        (
            b"Content-Disposition: form-data; name=\"image\"; filename*=ISO-8859-1''J%F6rg.png",
            "J%C3%B6rg.jpg",
        ),
        (
            b"Content-Disposition: form-data; name=\"image\"; filename=\"C:\\\\a\\\\b.png\"",
            "b.jpg",
        ),
    ] {
        let answer = send(&anna, "b", form(head, &picture())).await;
        let shown = String::from_utf8_lossy(head).into_owned();
        assert_stored(&service, &answer, &picture(), &shown).await;
        let stored = service.get(&answer.url_of("original")).await;
        let disposition = stored.header("content-disposition");
        let expected = format!("; filename*=UTF-8''{name}");
        assert!(disposition.ends_with(&expected), "{shown}: {disposition}");
    }
}

#[actix_web::test]
async fn an_empty_body_is_told_what_it_lacks() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let required = json!(["This field is required."]);
    let credentials = json!({ "username": required, "password": required });
    let no_file = json!({ "image": ["No file was submitted."] });
    let links = format!("{image}links/");
    for (path, expected) in [
        (UPLOAD, &no_file),
        (LOGIN, &credentials),
        (&links, &json!({ "expiring_time_seconds": required })),
    ] {
        for content_type in [
            None,
            Some("multipart/form-data; boundary=b"),
            Some("multipart/form-data"),
            Some("application/json"),
            Some("application/x-www-form-urlencoded"),
            Some("text/plain"),
        ] {
            let mut request = anna.request("POST", path);
            if let Some(content_type) = content_type {
                request = request.header("content-type", content_type);
            }
            for request in [request.try_clone().unwrap(), request.body("")] {
                let answer = Answer::of(request).await;
                assert_eq!(
                    answer.outcome(),
                    (400, expected.clone()),
                    "{path} {content_type:?}"
                );
            }
        }
    }
    let empty = send(&anna, "b", "--b--\r\n").await;
    assert_eq!(empty.outcome(), (400, no_file));
}

#[actix_web::test]
async fn a_body_in_chunks_may_turn_out_to_be_empty() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let nothing = futures_util::stream::empty::<Result<Vec<u8>, std::io::Error>>();
    let request = anna
        .request("POST", UPLOAD)
        .header("content-type", "multipart/form-data; boundary=b");
    let answer = Answer::of(request.body(reqwest::Body::wrap_stream(nothing))).await;
    let expected = json!({ "image": ["No file was submitted."] });
    assert_eq!(answer.outcome(), (400, expected));
}

#[actix_web::test]
async fn a_compressed_body_is_refused_with_a_sentence() {
    let service = TestService::start().await;
    let admin = service
        .staff(tierpix::domain::staff::StaffRole::Superuser)
        .await;
    let anna = service.account("Basic").await;
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder
        .write_all(b"{\"username\": \"a\", \"password\": \"b\"}")
        .unwrap();
    let body = encoder.finish().unwrap();
    for path in [
        UPLOAD,
        LOGIN,
        "/api/v1/tokens/",
        "/api/v1/admin/tiers/",
        "/admin/login/",
    ] {
        let account = match path {
            UPLOAD => &anna,
            _ => &admin,
        };
        let request = account
            .request("POST", path)
            .header("content-type", "application/json")
            .header("content-encoding", "gzip");
        let answer = Answer::of(request.body(body.clone())).await;
        assert_eq!(answer.status, 415, "{path}: {answer:?}");
        assert_eq!(answer.header("accept-encoding"), "identity", "{path}");
        assert!(answer.text().contains("gzip"), "{path}: {answer:?}");
    }
}
