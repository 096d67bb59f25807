//! Pictures that are something else as well: served only as the picture that they are.

use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::{
    harness::{Answer, TestService},
    pictures::{Jpeg, Png, chunk, insert_segment, with_chunk},
};

const SCRIPT: &[u8] = b"<html><script>alert(document.domain)</script></html>";

/// An empty archive: the record that ends a ZIP, which is searched for from the file's end.
const ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// A picture, the name and type that it is sent with, and the type that it has.
fn polyglots() -> Vec<(Vec<u8>, &'static str, &'static str, &'static str)> {
    let jpeg = Jpeg::photo(300, 240).encode();
    let png = Png::new(300, 240, 2, 8).encode();
    let text = [b"Comment\0", SCRIPT].concat();
    // Without anything between the signature and the script that browsers took for the end of text.
    let first = insert_segment(&Jpeg::photo(300, 240).bare().encode(), 0xFE, SCRIPT);
    vec![
        (first, "page.html", "text/html", "image/jpeg"),
        (
            [&jpeg[..], SCRIPT].concat(),
            "page.xhtml",
            "application/xhtml+xml",
            "image/jpeg",
        ),
        (
            with_chunk(&png, b"IDAT", &chunk(b"tEXt", &text)),
            "picture.svg",
            "image/svg+xml",
            "image/png",
        ),
        (
            [&jpeg[..], ZIP].concat(),
            "archive.zip",
            "application/zip",
            "image/jpeg",
        ),
        (
            [&png[..], ZIP].concat(),
            "program.jar",
            "application/java-archive",
            "image/png",
        ),
    ]
}

#[track_caller]
fn assert_only_a_picture(answer: &Answer, content_type: &str, name: &str) {
    assert_eq!(answer.header("content-type"), content_type, "{name}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{name}");
    let policy = answer.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && policy.contains("sandbox"),
        "{name}: {policy}"
    );
    assert!(!policy.contains("allow-"), "{name}: {policy}");
    let ending = content_type.replace("image/", ".").replace("jpeg", "jpg");
    let disposition = answer.header("content-disposition");
    assert!(disposition.ends_with(&ending), "{name}: {disposition}");
}

#[actix_web::test]
async fn a_polyglot_is_the_picture_that_it_is_and_nothing_else() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    for (file, name, declared, content_type) in polyglots() {
        let part = Part::bytes(file.clone()).file_name(name);
        let form = Form::new()
            .part("image", part.mime_str(declared).unwrap())
            .text("expiring_time_seconds", "300");
        let upload = anna.upload_form(form).await;
        assert_eq!(upload.status, 201, "{name}: {upload:?}");
        for url in [upload.url_of("original"), upload.link()] {
            // As a browser that opens the link, as one that resumes, and as one that has it.
            for (header, value, status) in [
                ("accept", "text/html", 200),
                ("range", "bytes=20-", 206),
                ("if-none-match", "*", 304),
            ] {
                let answer = Answer::of(service.request("GET", &url).header(header, value)).await;
                assert_eq!(answer.status, status, "{name}: {answer:?}");
                if status != 304 {
                    assert_only_a_picture(&answer, content_type, name);
                }
            }
        }
        let thumbnail = service.get(&upload.url_of("200px")).await;
        assert_only_a_picture(&thumbnail, content_type, name);
        for payload in [&b"<script"[..], b"PK\x05\x06"] {
            let mut windows = thumbnail.body.windows(payload.len());
            assert!(!windows.any(|window| window == payload), "{name}");
        }
    }
}

#[actix_web::test]
async fn what_begins_as_something_else_is_no_picture() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let jpeg = Jpeg::photo(30, 24).encode();
    for head in [SCRIPT, b"PK\x03\x04", b"GIF89a/*", b"%PDF-1.7\n", b"\n"] {
        let answer = anna.upload([head, &jpeg].concat()).await;
        let sentence = "Invalid image format. Only JPG and PNG are allowed";
        assert_eq!(
            (answer.status, &answer.json()["image"][0]),
            (400, &json!(sentence))
        );
    }
    service.assert_nothing_stored().await;
}
