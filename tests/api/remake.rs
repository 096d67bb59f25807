//! Stored files that went or changed behind the service's back.

use std::{fs, path::PathBuf};

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    harness::{Account, Answer, TestService, eventually},
    pictures::Jpeg,
};

fn photo() -> Vec<u8> {
    Jpeg::photo(400, 300).encode()
}

async fn uploaded() -> (TestService, Account, Answer) {
    // What is in memory is not looked for in files.
    let service = TestService::start_with(&["--media-cache-bytes", "0"]).await;
    let anna = service.account("Enterprise").await;
    let answer = anna.upload_with_link(photo(), "300").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    (service, anna, answer)
}

/// The stored file of a size: it is named as its URL is.
fn file_of(service: &TestService, url: &str) -> PathBuf {
    let name = url.rsplit('/').next().unwrap();
    let found = service
        .files()
        .into_iter()
        .find(|path| path.ends_with(name));
    found.unwrap_or_else(|| panic!("{name} in {:?}", service.files()))
}

#[actix_web::test]
async fn a_thumbnail_that_is_missing_is_made_again_with_the_same_bytes() {
    let (service, _, upload) = uploaded().await;
    let url = upload.url_of("200px");
    let first = service.get(&url).await;
    fs::remove_file(file_of(&service, &url)).unwrap();
    let again = service.get(&url).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(fs::read(file_of(&service, &url)).unwrap(), first.body);
}

#[actix_web::test]
async fn a_thumbnail_that_is_damaged_is_made_again() {
    let (service, _, upload) = uploaded().await;
    let url = upload.url_of("200px");
    let whole = service.get(&url).await.body;
    let mut altered = whole.to_vec();
    altered[100] ^= 1;
    for damaged in [&whole[..whole.len() / 2], b"", &altered] {
        fs::write(file_of(&service, &url), damaged).unwrap();
        let again = service.get(&url).await;
        assert_eq!((again.status, &again.body), (200, &whole));
    }
}

#[actix_web::test]
async fn a_missing_thumbnail_is_made_once_however_many_ask() {
    let (service, _, upload) = uploaded().await;
    let url = upload.url_of("200px");
    let first = service.get(&url).await;
    for statement in [
        "CREATE TABLE made ()",
        "CREATE FUNCTION note_made() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN INSERT INTO made DEFAULT VALUES; RETURN NULL; END'",
        "CREATE TRIGGER made AFTER INSERT OR UPDATE ON thumbnails \
         FOR EACH ROW EXECUTE FUNCTION note_made()",
    ] {
        service.execute(statement).await;
    }
    fs::remove_file(file_of(&service, &url)).unwrap();
    for answer in join_all((0..20).map(|_| service.get(&url))).await {
        assert_eq!((answer.status, &answer.body), (200, &first.body));
    }
    assert_eq!(service.number("SELECT count(*) FROM made").await, 1);
}

#[actix_web::test]
async fn a_thumbnail_that_the_tier_has_now_is_made_when_it_is_asked_for() {
    let (service, anna, upload) = uploaded().await;
    service
        .execute("UPDATE tiers SET thumbnail_heights = '{60}'")
        .await;
    let path = format!("/api/v1/images/{}/", upload.json()["id"].as_str().unwrap());
    eventually("the tier is heard of", async || {
        anna.get(&path).await.sizes() == ["60px", "original"]
    })
    .await;
    let answer = service.get(&anna.get(&path).await.url_of("60px")).await;
    let picture = image::load_from_memory(&answer.body).unwrap();
    assert_eq!((picture.width(), picture.height()), (80, 60));
}

#[actix_web::test]
async fn a_missing_original_is_not_found() {
    let (service, _, upload) = uploaded().await;
    fs::remove_file(file_of(&service, &upload.url_of("original"))).unwrap();
    let answer = service.get(&upload.url_of("original")).await;
    let expected = json!({ "detail": "Not found.", "code": "not_found" });
    assert_eq!(answer.outcome(), (404, expected));
    let link = service.get(&upload.link()).await;
    assert_eq!(
        link.outcome(),
        (404, json!({ "message": "Link has expired." }))
    );
    assert_eq!(service.get(&upload.url_of("200px")).await.status, 200);
}

#[actix_web::test]
async fn an_altered_original_is_not_found_and_never_sent() {
    let (service, _, upload) = uploaded().await;
    let url = upload.url_of("original");
    let mut altered = photo();
    altered[1000] ^= 1;
    for bytes in [
        altered,
        photo()[..1000].to_vec(),
        [photo(), vec![0]].concat(),
    ] {
        fs::write(file_of(&service, &url), bytes).unwrap();
        assert_eq!(service.get(&url).await.status, 404);
        assert_eq!(service.get(&upload.link()).await.status, 404);
    }
    fs::write(file_of(&service, &url), photo()).unwrap();
    assert_eq!(service.get(&url).await.body, photo());
}

#[actix_web::test]
async fn no_thumbnail_is_made_of_an_altered_original() {
    let (service, _, upload) = uploaded().await;
    let (thumbnail, original) = (upload.url_of("200px"), upload.url_of("original"));
    fs::remove_file(file_of(&service, &thumbnail)).unwrap();
    fs::write(file_of(&service, &original), Jpeg::photo(300, 400).encode()).unwrap();
    assert_eq!(service.get(&thumbnail).await.status, 404);
}

#[actix_web::test]
async fn a_small_picture_in_memory_is_sent_whatever_became_of_its_file_until_its_image_is_deleted()
{
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let upload = anna.upload_with_link(photo(), "300").await;
    let (thumbnail, original) = (upload.url_of("200px"), upload.url_of("original"));
    for url in [&thumbnail, &original] {
        let first = service.get(url).await;
        fs::write(file_of(&service, url), b"altered").unwrap();
        let again = service.get(url).await;
        assert_eq!((again.status, &again.body), (200, &first.body));
        assert_eq!(again.header("etag"), first.header("etag"));
        let part = service.request("GET", url).header("range", "bytes=2-5");
        let part = Answer::of(part).await;
        assert_eq!((part.status, &part.body[..]), (206, &first.body[2..6]));
    }
    let link = service.get(&upload.link()).await;
    assert_eq!((link.status, link.body), (200, photo().into()));
    let path = format!("/api/v1/images/{}/", upload.json()["id"].as_str().unwrap());
    assert_eq!(anna.delete(&path).await.status, 204);
    for url in [thumbnail, original, upload.link()] {
        assert_eq!(service.get(&url).await.status, 404);
    }
}
