//! `TIERPIX_STRIP_LOCATION`: originals that do not tell where they were made.

use reqwest::Response;
use serde_json::json;

use crate::{
    harness::{Account, Answer, TestService, image_form},
    pictures::{Exif, Jpeg, Png, chunk, chunks, tells_place, with_chunk, xmp},
};

const STRIP: &[&str] = &["--strip-location", "true"];

/// A photo that was made with the camera turned, and tells its place in every way.
fn photo() -> Vec<u8> {
    Jpeg::photo(90, 60).orientation(6).place_in_text().encode()
}

fn screenshot() -> Vec<u8> {
    let png = Png::new(90, 60, 6, 8)
        .chunk(b"eXIf", &Exif::orientation(6).tiff())
        .encode();
    let packet = [b"XML:com.adobe.xmp\0\0\0\0\0", xmp().as_slice()].concat();
    with_chunk(&png, b"IEND", &chunk(b"iTXt", &packet))
}

/// From the frame header of a JPEG on; the pixels' chunks of a PNG.
fn pixels(file: &[u8]) -> Vec<u8> {
    if file.starts_with(b"\xFF\xD8") {
        let frame = file.windows(2).position(|pair| pair == [0xFF, 0xC0]);
        return file[frame.unwrap()..].to_vec();
    }
    let of_pixels = chunks(file).into_iter().filter(|(name, _)| name == b"IDAT");
    of_pixels
        .flat_map(|(_, range)| file[range].to_vec())
        .collect()
}

async fn stored(service: &TestService, answer: &Answer) -> Vec<u8> {
    let original = service.get(&answer.url_of("original")).await;
    assert_eq!(original.status, 200, "{original:?}");
    original.body.to_vec()
}

async fn upload_with_key(account: &Account, file: Vec<u8>) -> Answer {
    let request = account
        .request("POST", "/api/v1/images_upload/")
        .header("idempotency-key", "one");
    Answer::of(request.multipart(image_form(file))).await
}

#[actix_web::test]
async fn an_original_tells_no_place_and_has_the_same_pixels() {
    let service = TestService::start_with(STRIP).await;
    let anna = service.account("Premium").await;
    for file in [photo(), screenshot()] {
        let answer = anna.upload(file.clone()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let original = stored(&service, &answer).await;
        assert!(tells_place(&file) && !tells_place(&original));
        assert_eq!(pixels(&original), pixels(&file));
        assert_eq!(answer.json()["images"][2]["height"], 90, "upright");
        // What is stored is as good an upload, and turns out the same.
        let again = anna.upload(original.clone()).await;
        assert_eq!(again.json()["images"][2]["height"], 90, "upright");
        assert_eq!(stored(&service, &again).await, original);
        let thumbnail = async |answer: &Answer| service.get(&answer.url_of("200px")).await.body;
        assert_eq!(thumbnail(&again).await, thumbnail(&answer).await);
    }
}

#[actix_web::test]
async fn originals_are_kept_byte_for_byte_otherwise() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    for file in [photo(), screenshot()] {
        let answer = anna.upload(file.clone()).await;
        assert_eq!(stored(&service, &answer).await, file);
    }
}

#[actix_web::test]
async fn what_is_counted_is_what_is_stored() {
    let service = TestService::start_with(STRIP).await;
    service
        .execute("UPDATE tiers SET storage_quota_bytes = 20000")
        .await;
    let anna = service.account("Premium").await;
    let film = [0; 30_000];
    let answer = anna.upload([photo(), film.to_vec()].concat()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let original = service.get(&answer.url_of("original")).await;
    assert_eq!(original.body.len(), photo().len());
    let usage = anna.get("/api/v1/me/").await.json()["usage"]["stored_bytes"].clone();
    assert_eq!(usage, original.body.len());
    let range = service.request("GET", &answer.url_of("original"));
    let range: Response = range.header("range", "bytes=0-9").send().await.unwrap();
    let total = format!("bytes 0-9/{}", photo().len());
    assert_eq!(range.headers()["content-range"], total);
}

#[actix_web::test]
async fn a_retry_is_compared_with_what_was_uploaded() {
    let service = TestService::start_with(STRIP).await;
    let anna = service.account("Premium").await;
    let first = upload_with_key(&anna, photo()).await;
    assert_eq!(first.status, 201, "{first:?}");
    let retry = upload_with_key(&anna, photo()).await;
    assert_eq!(retry.header("idempotency-replayed"), "true");
    assert_eq!(retry.outcome(), first.outcome());
    // The same once it is stripped, but not what was sent.
    let other = upload_with_key(&anna, stored(&service, &first).await).await;
    assert_eq!(
        (other.status, &other.json()["code"]),
        (422, &json!("idempotency_conflict"))
    );
}

#[actix_web::test]
async fn a_missing_thumbnail_is_made_again_from_the_original_without_its_place() {
    let service = TestService::start_with(STRIP).await;
    let answer = service.account("Premium").await.upload(photo()).await;
    let url = answer.url_of("200px");
    let first = service.get(&url).await.body;
    let file = service.files().into_iter().find(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        url.ends_with(name)
    });
    std::fs::remove_file(file.unwrap()).unwrap();
    let again = service.get(&url).await;
    assert_eq!((again.status, again.body), (200, first));
}

#[actix_web::test]
async fn a_damaged_picture_is_refused_as_ever() {
    let service = TestService::start_with(STRIP).await;
    let anna = service.account("Premium").await;
    let photo = photo();
    for length in [photo.len() / 2, photo.len() - 40, 700] {
        let answer = anna.upload(photo[..length].to_vec()).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    service.assert_nothing_stored().await;
}
