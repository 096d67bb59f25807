//! Files that a proxy in front sends itself.

use serde_json::json;

use crate::{
    harness::{Account, Answer, TestService},
    pictures::Jpeg,
};

const TRUSTED: &str = "127.0.0.1";

/// Larger than what stays in memory.
fn large() -> Vec<u8> {
    let mut picture = Jpeg::photo(320, 240).encode();
    picture.resize(200_000, 7);
    picture
}

/// A service that tells these proxies by this header; an account and its upload.
async fn uploaded(proxies: &str, header: &str) -> (TestService, Account, Answer) {
    let flags = ["--trusted-proxies", proxies, "--sendfile-header", header];
    let service = TestService::start_with(&flags).await;
    let anna = service.account("Enterprise").await;
    let upload = anna.upload_with_link(large(), "300").await;
    assert_eq!(upload.status, 201, "{upload:?}");
    (service, anna, upload)
}

/// The file of the original, below the folder of the objects.
fn original(service: &TestService) -> String {
    let files = service.files().into_iter();
    let original = files
        .max_by_key(|file| file.metadata().unwrap().len())
        .unwrap();
    let path = original.strip_prefix(&service.objects).unwrap();
    path.to_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_trusted_proxy_is_told_where_a_large_picture_lies() {
    let (service, _, upload) = uploaded(TRUSTED, "X-Accel-Redirect").await;
    for url in [upload.url_of("original"), upload.link()] {
        let answer = service.get(&url).await;
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{answer:?}");
        let place = format!("/tierpix-objects/{}", original(&service));
        assert_eq!(answer.header("x-accel-redirect"), place);
        assert_eq!(answer.header("content-type"), "image/jpeg");
        assert!(answer.header("etag").starts_with('"'));
        assert!(answer.header("content-disposition").contains("photo.jpg"));
        assert_ne!(answer.header("cache-control"), "");
    }
    // A part of it is the proxy's to cut out.
    let part = service.request("GET", &upload.url_of("original"));
    let part = Answer::of(part.header("range", "bytes=0-9")).await;
    assert_eq!((part.status, part.body.len()), (200, 0));
}

#[actix_web::test]
async fn another_kind_of_proxy_is_told_the_files_path() {
    let (service, _, upload) = uploaded(TRUSTED, "x-sendfile").await;
    let answer = service.get(&upload.url_of("original")).await;
    let path = service.objects.join(original(&service));
    assert_eq!(answer.header("x-sendfile"), path.to_str().unwrap());
    assert!(answer.body.is_empty());
}

#[actix_web::test]
async fn nobody_else_is_and_what_is_small_or_compared_is_sent_from_here() {
    let (service, _, upload) = uploaded("10.0.0.0/8", "X-Accel-Redirect").await;
    // What a client says of itself makes it no proxy.
    let request = service.request("GET", &upload.url_of("original"));
    let answer = Answer::of(request.header("x-forwarded-for", "10.0.0.1")).await;
    assert!(answer.body == large());
    assert_eq!(answer.header("x-accel-redirect"), "");

    let (service, _, upload) = uploaded(TRUSTED, "X-Accel-Redirect").await;
    let original = upload.url_of("original");
    let thumbnail = service.get(&upload.url_of("200px")).await;
    assert!(!thumbnail.body.is_empty());
    let etag = service.get(&original).await.header("etag").to_owned();
    for (name, value, status, length) in [
        ("if-match", &etag[..], 200, 200_000),
        ("if-match", "\"another\"", 412, 1),
        ("if-none-match", &etag, 304, 0),
        ("if-range", &etag, 200, 200_000),
    ] {
        let answer = Answer::of(service.request("GET", &original).header(name, value)).await;
        assert_eq!(answer.status, status, "{name}: {value}");
        assert!(answer.body.len() >= length, "{name}: {value}");
        assert_eq!(answer.header("x-accel-redirect"), "", "{name}: {value}");
    }
    let head = Answer::of(service.request("HEAD", &original)).await;
    assert_eq!(head.header("content-length"), "200000");
}

#[actix_web::test]
async fn a_link_is_counted_and_ends_as_ever() {
    let (service, anna, upload) = uploaded(TRUSTED, "X-Accel-Redirect").await;
    let image = upload.header("location");
    let image = image.strip_prefix(&service.url).unwrap_or(image);
    let fields = json!({ "expiring_time_seconds": 300, "max_uses": 2 });
    let link = anna.link(image, fields).await;
    let link = link["expiring_link"].as_str().unwrap().to_owned();
    let mut statuses = Vec::new();
    for agent in ["one", "two", "three"] {
        let request = service.request("GET", &link).header("user-agent", agent);
        let answer = Answer::of(request).await;
        assert_eq!(
            answer.status == 200,
            !answer.header("x-accel-redirect").is_empty()
        );
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [200, 200, 404]);
}

#[actix_web::test]
async fn a_file_that_was_altered_is_not_handed_over() {
    let (service, _, upload) = uploaded(TRUSTED, "X-Accel-Redirect").await;
    std::fs::write(service.objects.join(original(&service)), b"altered").unwrap();
    let answer = service.get(&upload.url_of("original")).await;
    assert_eq!(
        (answer.status, answer.header("x-accel-redirect")),
        (404, "")
    );
}
