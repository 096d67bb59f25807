//! `GET /api/v1/images/<id>/`.

use serde_json::json;

use crate::{
    harness::{Account, Answer, TestService, eventually},
    pictures::Jpeg,
};

/// Waits until an image is shown in these sizes; returns that answer.
async fn shown_as(account: &Account, path: &str, sizes: &[&str]) -> Answer {
    eventually(&format!("{path} is shown as {sizes:?}"), async || {
        account.get(path).await.sizes() == sizes
    })
    .await;
    account.get(path).await
}

async fn unknown(account: &Account, path: &str) {
    let not_found = json!({ "detail": "Not found.", "code": "not_found" });
    assert_eq!(
        account.get(path).await.outcome(),
        (404, not_found),
        "{path}"
    );
}

#[actix_web::test]
async fn an_image_is_shown_as_its_upload_was_answered() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let uploaded = anna.upload(Jpeg::photo(400, 300).encode()).await;
    let location = uploaded.header("location");
    let path = location.strip_prefix(&service.url).unwrap();
    assert_eq!(anna.get(path).await.outcome(), (200, uploaded.json()));
}

#[actix_web::test]
async fn the_link_of_the_upload_is_not_shown_again() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let uploaded = anna
        .upload_with_link(Jpeg::photo(40, 30).encode(), "300")
        .await;
    let path = format!(
        "/api/v1/images/{}/",
        uploaded.json()["id"].as_str().unwrap()
    );
    assert!(anna.get(&path).await.json().get("link").is_none());
}

#[actix_web::test]
async fn a_height_that_the_tier_got_later_is_shown_and_its_url_opens() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let uploaded = anna.upload(Jpeg::photo(400, 300).encode()).await;
    let path = format!(
        "/api/v1/images/{}/",
        uploaded.json()["id"].as_str().unwrap()
    );
    service
        .execute("UPDATE tiers SET thumbnail_heights = '{150,200}' WHERE name = 'Basic'")
        .await;
    let shown = shown_as(&anna, &path, &["150px", "200px"]).await;
    assert_eq!(shown.json()["images"][0]["width"], 200);
    let thumbnail = service.get(&shown.url_of("150px")).await;
    assert_eq!(thumbnail.status, 200, "{thumbnail:?}");
    let picture = image::load_from_memory(&thumbnail.body).unwrap();
    assert_eq!((picture.width(), picture.height()), (200, 150));
}

#[actix_web::test]
async fn a_height_that_the_tier_lost_is_shown_no_more_but_opens() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let uploaded = anna.upload(Jpeg::photo(400, 300).encode()).await;
    let path = format!(
        "/api/v1/images/{}/",
        uploaded.json()["id"].as_str().unwrap()
    );
    service
        .execute("UPDATE tiers SET thumbnail_heights = '{200}' WHERE name = 'Premium'")
        .await;
    shown_as(&anna, &path, &["200px", "original"]).await;
    let thumbnail = service.get(&uploaded.url_of("400px")).await;
    assert_eq!(thumbnail.status, 200);
}

#[actix_web::test]
async fn a_user_of_another_tier_sees_the_sizes_of_that() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let path = anna.image().await;
    shown_as(&anna, &path, &["200px"]).await;
    service.set_tier(&anna, "Premium").await;
    let shown = shown_as(&anna, &path, &["200px", "400px", "original"]).await;
    let original = service.get(&shown.url_of("original")).await;
    assert_eq!(original.body, crate::harness::picture());
}

#[actix_web::test]
async fn without_a_tier_an_image_has_no_sizes() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let path = anna.image().await;
    service.execute("UPDATE users SET tier_id = NULL").await;
    shown_as(&anna, &path, &[]).await;
}

#[actix_web::test]
async fn a_client_that_has_the_detail_already_gets_304() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let path = anna.image().await;
    let detail = anna.get(&path).await;
    let tag = detail.header("etag").to_owned();
    assert!(tag.starts_with('"'), "{tag}");
    let again = anna.request("GET", &path).header("if-none-match", &tag);
    let again = Answer::of(again).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.headers("vary"), detail.headers("vary"));
    assert_eq!(again.header("vary"), "Accept");
    assert_eq!(again.header("etag"), tag);
}

#[actix_web::test]
async fn a_client_that_has_an_older_detail_gets_the_new_one() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let path = anna.image().await;
    let tag = anna.get(&path).await.header("etag").to_owned();
    service
        .execute("UPDATE tiers SET original_link = true WHERE name = 'Basic'")
        .await;
    shown_as(&anna, &path, &["200px", "original"]).await;
    let again = anna.request("GET", &path).header("if-none-match", &tag);
    let again = Answer::of(again).await;
    assert_eq!(again.status, 200);
    assert_ne!(again.header("etag"), tag);
}

#[actix_web::test]
async fn head_is_answered_as_get_without_a_body() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let path = anna.image().await;
    let get = anna.get(&path).await;
    let head = Answer::of(anna.request("HEAD", &path)).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["etag", "content-type", "content-length"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
}

#[actix_web::test]
async fn another_users_image_is_not_found() {
    let service = TestService::start().await;
    let (anna, bert) = (
        service.account("Basic").await,
        service.account("Basic").await,
    );
    let path = anna.image().await;
    assert_eq!(anna.get(&path).await.status, 200);
    unknown(&bert, &path).await;
}

#[actix_web::test]
async fn what_is_no_id_of_an_image_is_not_found() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for id in [
        "0198c0de-0000-7000-8000-000000000000",
        "0198c0de",
        "abc",
        "%00",
        "..%2F..",
    ] {
        unknown(&anna, &format!("/api/v1/images/{id}/")).await;
    }
}
