//! `/media/…`: pictures for whoever has the URL.

use serde_json::json;

use crate::{
    harness::{Answer, RawClient, TestService, basic, eventually, image_form},
    pictures::{Jpeg, Png},
};

fn photo() -> Vec<u8> {
    Jpeg::photo(120, 80).encode()
}

/// A service, and the answer to the upload of a photo.
async fn uploaded() -> (TestService, Answer) {
    let service = TestService::start().await;
    let answer = service.account("Premium").await.upload(photo()).await;
    (service, answer)
}

fn not_found() -> (u16, serde_json::Value) {
    (404, json!({ "detail": "Not found.", "code": "not_found" }))
}

#[actix_web::test]
async fn a_picture_is_sent_with_all_that_caches_and_browsers_need() {
    let (service, upload) = uploaded().await;
    let answer = service.get(&upload.url_of("original")).await;
    assert_eq!((answer.status, &answer.body[..]), (200, &photo()[..]));
    assert_eq!(answer.header("content-type"), "image/jpeg");
    assert_eq!(answer.header("content-length"), photo().len().to_string());
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(answer.header("accept-ranges"), "bytes");
    let etag = answer.header("etag");
    assert!(
        etag.len() > 20 && etag.starts_with('"') && etag.ends_with('"'),
        "{etag}"
    );
    assert!(answer.header("last-modified").ends_with(" GMT"));
    assert!(
        answer
            .header("content-disposition")
            .starts_with("inline; filename=\"photo.jpg\"; filename*=UTF-8''photo.jpg")
    );
}

#[actix_web::test]
async fn a_picture_runs_nothing_whatever_a_browser_takes_it_for() {
    let (service, upload) = uploaded().await;
    let answer = service.get(&upload.url_of("original")).await;
    let policy = answer.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && policy.contains("sandbox"),
        "{policy}"
    );
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[actix_web::test]
async fn the_operator_says_how_long_caches_keep_pictures() {
    let service = TestService::start_with(&["--media-max-age", "60"]).await;
    let upload = service.account("Basic").await.upload(photo()).await;
    let answer = service.get(&upload.url_of("200px")).await;
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=60, immutable"
    );
}

#[actix_web::test]
async fn head_tells_the_same_without_the_bytes() {
    let (service, upload) = uploaded().await;
    let url = upload.url_of("original");
    let (get, head) = (
        service.get(&url).await,
        Answer::of(service.request("HEAD", &url)).await,
    );
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in [
        "content-type",
        "content-length",
        "etag",
        "last-modified",
        "cache-control",
        "accept-ranges",
        "content-disposition",
    ] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
}

#[actix_web::test]
async fn a_tag_is_of_the_bytes() {
    let service = TestService::start().await;
    // Not one that is small enough to be its own thumbnail.
    let large = || Jpeg::photo(400, 300).encode();
    let upload = service.account("Premium").await.upload(large()).await;
    let again = service.account("Premium").await.upload(large()).await;
    let tag = async |answer: &Answer, size| {
        service
            .get(&answer.url_of(size))
            .await
            .header("etag")
            .to_owned()
    };
    assert_eq!(
        tag(&upload, "original").await,
        tag(&again, "original").await
    );
    assert_ne!(tag(&upload, "original").await, tag(&upload, "200px").await);
}

#[actix_web::test]
async fn what_the_client_has_is_not_sent_again() {
    let (service, upload) = uploaded().await;
    let url = upload.url_of("200px");
    let first = service.get(&url).await;
    for (name, value) in [
        ("if-none-match", first.header("etag").to_owned()),
        (
            "if-none-match",
            format!("\"other\", W/{}", first.header("etag")),
        ),
        (
            "if-modified-since",
            first.header("last-modified").to_owned(),
        ),
    ] {
        let answer = Answer::of(service.request("GET", &url).header(name, &value)).await;
        assert_eq!(
            (answer.status, answer.body.len()),
            (304, 0),
            "{name}: {value}"
        );
        for kept in ["etag", "cache-control", "last-modified"] {
            assert_eq!(answer.header(kept), first.header(kept), "{kept}");
        }
    }
}

#[actix_web::test]
async fn what_the_client_has_not_is_sent() {
    let (service, upload) = uploaded().await;
    let url = upload.url_of("200px");
    for (name, value) in [
        ("if-none-match", "\"other\""),
        ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("if-modified-since", "yesterday"),
        ("if-match", "*"),
    ] {
        let answer = Answer::of(service.request("GET", &url).header(name, value)).await;
        assert_eq!(answer.status, 200, "{name}: {value}");
    }
}

#[actix_web::test]
async fn a_condition_that_fails_is_told() {
    let (service, upload) = uploaded().await;
    let url = upload.url_of("200px");
    for (name, value) in [
        ("if-match", "\"other\""),
        ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ] {
        let answer = Answer::of(service.request("GET", &url).header(name, value)).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (412, &json!("precondition_failed"))
        );
    }
}

#[actix_web::test]
async fn an_authorization_header_is_ignored() {
    let (service, upload) = uploaded().await;
    for header in [
        basic("nobody", "wrong"),
        "Basic %".to_owned(),
        "Token x".to_owned(),
    ] {
        let request = service.request("GET", &upload.url_of("200px"));
        assert_eq!(
            Answer::of(request.header("authorization", header))
                .await
                .status,
            200
        );
    }
}

#[actix_web::test]
async fn a_name_changed_in_any_place_is_not_found() {
    let (service, upload) = uploaded().await;
    let url = upload.url_of("200px");
    let start = url.rfind('/').unwrap() + 1;
    for index in start..url.len() {
        let other = if &url[index..=index] == "0" { "1" } else { "0" };
        let changed = format!("{}{other}{}", &url[..index], &url[index + 1..]);
        assert_eq!(
            service.get(&changed).await.outcome(),
            not_found(),
            "{changed}"
        );
    }
}

#[actix_web::test]
async fn a_thumbnails_name_does_not_lead_to_the_original() {
    let (service, upload) = uploaded().await;
    let url = upload.url_of("200px");
    for other in [
        "original",
        "400",
        "201",
        "0200",
        "+200",
        "200px",
        "-1",
        "99999999999",
    ] {
        let changed = url.replace("-200-", &format!("-{other}-"));
        assert_ne!(changed, url);
        assert_eq!(
            service.get(&changed).await.outcome(),
            not_found(),
            "{changed}"
        );
    }
    let original = upload
        .url_of("original")
        .rsplit_once('-')
        .unwrap()
        .1
        .to_owned();
    assert!(
        !url.contains(original.trim_end_matches(".jpg")),
        "the same unguessable part"
    );
}

#[actix_web::test]
async fn a_name_that_is_none_is_not_found() {
    let service = TestService::start().await;
    for path in [
        "/media",
        "/media/",
        "/media/x",
        "/media/x/y",
        "/media/../secret.key",
        "/media/..%2f..%2fsecret.key",
        "/media/%2e%2e/%2e%2e/secret.key",
        "/media/%00",
        "/media/%ff%fe",
        "/media/%",
    ] {
        let mut client = RawClient::connect(&service).await;
        client
            .send(format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n"))
            .await;
        let (status, body) = client.answer().await;
        assert_eq!(
            (status, serde_json::from_str(&body).unwrap()),
            not_found(),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_url_stays_good_when_the_tier_changes() {
    let (service, upload) = uploaded().await;
    service
        .execute("UPDATE tiers SET thumbnail_heights = '{100}', original_link = false")
        .await;
    service.execute("UPDATE users SET tier_id = NULL").await;
    for size in ["200px", "400px", "original"] {
        assert_eq!(
            service.get(&upload.url_of(size)).await.status,
            200,
            "{size}"
        );
    }
}

#[actix_web::test]
async fn a_deleted_images_urls_end() {
    let (service, upload) = uploaded().await;
    for size in ["200px", "400px", "original"] {
        assert_eq!(
            service.get(&upload.url_of(size)).await.status,
            200,
            "{size}"
        );
    }
    service.execute("DELETE FROM images").await;
    for size in ["200px", "400px", "original"] {
        eventually(size, async || {
            service.get(&upload.url_of(size)).await.status == 404
        })
        .await;
    }
}

#[actix_web::test]
async fn the_urls_of_a_deleted_users_images_end() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let upload = anna.upload(photo()).await;
    let url = upload.url_of("original");
    assert_eq!(service.get(&url).await.status, 200);
    service.delete_user(&anna).await;
    eventually("the URL ends", async || {
        service.get(&url).await.status == 404
    })
    .await;
}

#[actix_web::test]
async fn a_download_is_named_as_the_upload_was_but_safely() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    for (sent, plain, named) in [
        ("Straße 1.jpeg", "Stra_e 1.jpg", "Stra%C3%9Fe%201.jpg"),
        ("jörg.jpeg", "jorg.jpg", "j%C3%B6rg.jpg"),
        ("写真.jpeg", "image.jpg", "%E5%86%99%E7%9C%9F.jpg"),
        ("C:\\Users\\anna\\cat.gif", "cat.jpg", "cat.jpg"),
        ("../../etc/passwd", "passwd.jpg", "passwd.jpg"),
        ("page.html", "page.jpg", "page.jpg"),
        (
            "a\"; filename=\"b.exe",
            "a_; filename=_b.jpg",
            "a%22%3B%20filename%3D%22b.jpg",
        ),
    ] {
        let part = reqwest::multipart::Part::bytes(photo()).file_name(sent);
        let answer = anna
            .upload_form(reqwest::multipart::Form::new().part("image", part))
            .await;
        let original = service.get(&answer.url_of("original")).await;
        let expected = format!("inline; filename=\"{plain}\"; filename*=UTF-8''{named}");
        assert_eq!(original.header("content-disposition"), expected, "{sent}");
    }
}

#[actix_web::test]
async fn a_thumbnails_download_is_named_with_its_size() {
    let service = TestService::start().await;
    let form = image_form(Png::new(30, 20, 2, 8).encode());
    let upload = service.account("Basic").await.upload_form(form).await;
    let answer = service.get(&upload.url_of("200px")).await;
    assert_eq!(
        answer.header("content-disposition"),
        "inline; filename=\"photo-200px.png\"; filename*=UTF-8''photo-200px.png"
    );
}

#[actix_web::test]
async fn no_name_is_longer_than_file_systems_take() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    for (sent, letters) in [
        ("x".repeat(300), 251),
        ("ä".repeat(300), 125),
        ("写".repeat(300), 83),
    ] {
        let part = reqwest::multipart::Part::bytes(photo()).file_name(format!("{sent}.jpeg"));
        let form = reqwest::multipart::Form::new().part("image", part);
        let upload = anna.upload_form(form).await;
        for (size, end) in [("original", ".jpg"), ("200px", "-200px.jpg")] {
            let answer = service.get(&upload.url_of(size)).await;
            let disposition = answer.header("content-disposition");
            let (plain, named) = disposition.split_once("; filename*=UTF-8''").unwrap();
            let plain = plain.strip_prefix("inline; filename=\"").unwrap();
            assert!(
                plain.len() <= 256 && plain.ends_with(&format!("{end}\"")),
                "{plain}"
            );
            let named = percent_encoding::percent_decode_str(named)
                .decode_utf8()
                .unwrap();
            assert!(named.len() <= 255 && named.ends_with(end), "{named}");
            if size == "original" {
                assert_eq!(named.chars().count(), letters + end.len());
            }
        }
    }
}
