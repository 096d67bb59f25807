//! `POST /api/v1/images_upload/`: what is taken, and what is answered.

use futures_util::future::join_all;
use serde_json::json;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    harness::{Answer, TestService, image_form},
    pictures::{Jpeg, Png},
};

const UPLOAD: &str = "/api/v1/images_upload/";

fn photo() -> Vec<u8> {
    Jpeg::photo(400, 300).encode()
}

#[actix_web::test]
async fn a_basic_account_gets_one_thumbnail() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let answer = anna.upload(photo()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let expected = json!({
        "id": answer.json()["id"],
        "images": [{
            "size": "200px",
            "image": answer.url_of("200px"),
            "width": 267,
            "height": 200,
            "content_type": "image/jpeg",
        }],
    });
    assert_eq!(answer.json(), expected);
}

#[actix_web::test]
async fn a_premium_account_gets_two_thumbnails_and_the_original() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let answer = anna.upload(Png::new(40, 1000, 2, 8).encode()).await;
    assert_eq!(answer.sizes(), ["200px", "400px", "original"]);
    let body = answer.json();
    for (index, width, height) in [(0, 8, 200), (1, 16, 400), (2, 40, 1000)] {
        let one = &body["images"][index];
        let told = (&one["width"], &one["height"], &one["content_type"]);
        assert_eq!(told, (&json!(width), &json!(height), &json!("image/png")));
    }
    assert_eq!(body.get("link"), None);
}

#[actix_web::test]
async fn an_enterprise_upload_gets_thumbnails_original_and_link() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let photo = photo();
    let answer = anna.upload_with_link(photo.clone(), "300").await;
    assert_eq!(answer.sizes(), ["200px", "400px", "original"]);
    let link = service.get(&answer.link()).await;
    assert_eq!(link.body, photo);
}

#[actix_web::test]
async fn thumbnails_are_answered_in_the_tiers_order() {
    let service = TestService::start().await;
    service
        .execute("UPDATE tiers SET thumbnail_heights = '{50, 90, 7}' WHERE name = 'Premium'")
        .await;
    let anna = service.account("Premium").await;
    let answer = anna.upload(photo()).await;
    assert_eq!(answer.sizes(), ["50px", "90px", "7px", "original"]);
}

#[actix_web::test]
async fn the_original_is_kept_byte_for_byte() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let photo = Jpeg::photo(90, 60).orientation(6).metadata().encode();
    let answer = anna.upload(photo.clone()).await;
    assert_eq!(service.get(&answer.url_of("original")).await.body, photo);
}

#[actix_web::test]
async fn the_location_is_where_the_image_is_found() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let answer = anna.upload_with_link(photo(), "300").await;
    let location = answer.header("location");
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(location, format!("{}/api/v1/images/{id}/", service.url));
    let found = anna.get(location.strip_prefix(&service.url).unwrap()).await;
    assert_eq!(
        (found.status, &found.json()["images"]),
        (200, &answer.json()["images"])
    );
    let bert = service.account("Enterprise").await;
    let path = format!("/api/v1/images/{id}/");
    let expected = json!({ "detail": "Not found.", "code": "not_found" });
    assert_eq!(bert.get(&path).await.outcome(), (404, expected));
}

#[actix_web::test]
async fn an_upload_leaves_a_row_its_files_and_an_empty_spool() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    assert_eq!(anna.upload(photo()).await.status, 201);
    assert_eq!(service.number("SELECT count(*) FROM images").await, 1);
    assert_eq!(service.number("SELECT count(*) FROM thumbnails").await, 2);
    assert_eq!(service.files().len(), 3);
    assert_eq!(service.spooled(), 0);
}

#[actix_web::test]
async fn a_session_uploads_too() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let request = service.request_in(&session, "POST", UPLOAD);
    assert_eq!(
        Answer::of(request.multipart(image_form(photo())))
            .await
            .status,
        201
    );
}

#[actix_web::test]
async fn a_link_expires_when_it_was_asked_to() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let before = OffsetDateTime::now_utc();
    let answer = anna.upload_with_link(photo(), "300000").await;
    let after = OffsetDateTime::now_utc();
    let text = answer.json()["link"]["expires_at"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(text.ends_with('Z'), "{text}");
    let expires = OffsetDateTime::parse(&text, &Rfc3339).unwrap();
    let lifetime = Duration::seconds(300_000);
    let range = before + lifetime - Duration::SECOND..=after + lifetime;
    assert!(range.contains(&expires), "{text}");
}

#[actix_web::test]
async fn an_integer_of_any_spelling_asks_for_a_link() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    for spelling in ["300.0", " 300 ", "+300", "0300", "300000", "\t301\r\n"] {
        let answer = anna.upload_with_link(photo(), spelling).await;
        assert_eq!(answer.status, 201, "{spelling:?}: {answer:?}");
        assert_eq!(
            service.get(&answer.link()).await.status,
            200,
            "{spelling:?}"
        );
    }
}

#[actix_web::test]
async fn an_empty_lifetime_asks_for_no_link() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for empty in ["", "  "] {
        let answer = anna.upload_with_link(photo(), empty).await;
        assert_eq!(
            (answer.status, answer.json().get("link")),
            (201, None),
            "{answer:?}"
        );
    }
}

#[actix_web::test]
async fn the_bytes_and_not_the_name_or_the_declared_type_tell_the_format() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let png = Png::new(30, 20, 6, 8).encode();
    let part = reqwest::multipart::Part::bytes(png.clone()).file_name("a.gif");
    let form = reqwest::multipart::Form::new().part("image", part.mime_str("text/html").unwrap());
    let answer = anna.upload_form(form).await;
    let original = service.get(&answer.url_of("original")).await;
    assert_eq!(original.header("content-type"), "image/png");
    assert_eq!(original.body, png);
}

#[actix_web::test]
async fn one_of_two_images_is_too_many() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let second = Png::new(30, 20, 2, 8).encode();
    let sentence = "Only one file can be uploaded at a time.";
    for first in [photo(), b"no picture".to_vec(), Vec::new()] {
        let part = reqwest::multipart::Part::bytes(second.clone()).file_name("b.png");
        let form = image_form(first).part("image", part);
        let answer = anna
            .upload_form(form.text("expiring_time_seconds", "1"))
            .await;
        let errors = answer.json();
        assert_eq!((answer.status, &errors["image"]), (400, &json!([sentence])));
        assert!(errors["expiring_time_seconds"].is_array(), "{errors}");
    }
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn a_file_counts_more_than_a_text_of_the_same_name() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for form in [
        image_form(photo()).text("image", "photo.jpg"),
        reqwest::multipart::Form::new()
            .text("image", "photo.jpg")
            .part(
                "image",
                reqwest::multipart::Part::bytes(photo()).file_name("a.jpg"),
            ),
    ] {
        assert_eq!(anna.upload_form(form).await.status, 201);
    }
}

#[actix_web::test]
async fn unknown_fields_are_passed_over() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let file = reqwest::multipart::Part::bytes(vec![7; 5000]).file_name("extra.bin");
    let form = image_form(photo())
        .text("title", "x".repeat(500_000))
        .text("", "nameless")
        .part("file", file);
    assert_eq!(anna.upload_form(form).await.status, 201);
    assert_eq!(service.files().len(), 2);
}

#[actix_web::test]
async fn what_follows_the_end_of_the_picture_is_kept_and_does_no_harm() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    // A motion photo's film, a second picture, an archive.
    for tail in [
        b"\0\0\0\x18ftypmp42".to_vec(),
        photo(),
        b"PK\x03\x04".to_vec(),
    ] {
        for picture in [photo(), Png::new(30, 20, 2, 8).encode()] {
            let file = [picture, tail.clone()].concat();
            let answer = anna.upload(file.clone()).await;
            assert_eq!(answer.status, 201, "{answer:?}");
            assert_eq!(service.get(&answer.url_of("original")).await.body, file);
        }
    }
}

#[actix_web::test]
async fn urls_begin_with_the_host_that_was_asked() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let request = anna
        .request("POST", UPLOAD)
        .header("host", "pics.example.org:8443");
    let answer = Answer::of(request.multipart(image_form(photo()))).await;
    assert!(
        answer
            .url_of("200px")
            .starts_with("http://pics.example.org:8443/media/")
    );
    assert!(
        answer
            .header("location")
            .starts_with("http://pics.example.org:8443/api/")
    );
}

#[actix_web::test]
async fn urls_begin_with_the_public_url_where_there_is_one() {
    let flags = ["--public-url", "https://pics.example.org/shared/"];
    let service = TestService::start_with(&flags).await;
    let anna = service.account("Enterprise").await;
    let answer = anna.upload_with_link(photo(), "300").await;
    let base = "https://pics.example.org/shared";
    assert!(
        answer
            .url_of("200px")
            .starts_with(&format!("{base}/media/"))
    );
    assert!(answer.link().starts_with(&format!("{base}/api/v1/image/?")));
    assert!(
        answer
            .header("location")
            .starts_with(&format!("{base}/api/v1/images/"))
    );
}

#[actix_web::test]
async fn forwarding_headers_count_from_trusted_proxies_alone() {
    let forwarded: [&[(&str, &str)]; 2] = [
        &[(
            "forwarded",
            "for=192.0.2.1;proto=https;host=pics.example.org",
        )],
        &[
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "pics.example.org"),
        ],
    ];
    for (flags, trusted) in [
        (["--trusted-proxies", "127.0.0.1"].as_slice(), true),
        (&[], false),
    ] {
        let service = TestService::start_with(flags).await;
        let anna = service.account("Basic").await;
        for headers in forwarded {
            let mut request = anna.request("POST", UPLOAD);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = Answer::of(request.multipart(image_form(photo()))).await;
            let base = if trusted {
                "https://pics.example.org"
            } else {
                &service.url
            };
            assert!(
                answer.url_of("200px").starts_with(base),
                "{headers:?}: {answer:?}"
            );
        }
    }
}

#[actix_web::test]
async fn many_at_a_time_all_get_in() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let uploads = (0..12).map(|_| anna.upload(photo()));
    for answer in join_all(uploads).await {
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    assert_eq!(service.files().len(), 24);
}
