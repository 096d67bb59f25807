//! `DELETE /api/v1/images/<id>/`.

use serde_json::{Value, json};

use crate::{
    harness::{Answer, TestService, eventually, picture},
    pictures::Jpeg,
};

const UNKNOWN: &str = "/api/v1/images/0198c0de-0000-7000-8000-000000000000/";

fn not_found() -> (u16, Value) {
    (404, json!({ "detail": "Not found.", "code": "not_found" }))
}

#[actix_web::test]
async fn a_deleted_image_is_found_no_more() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let path = anna.image().await;
    assert_eq!(anna.get(&path).await.status, 200);
    let deleted = anna.delete(&path).await;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    assert_eq!(anna.get(&path).await.outcome(), not_found());
    assert_eq!(
        anna.get("/api/v1/images/").await.json()["results"],
        json!([])
    );
}

#[actix_web::test]
async fn a_deleted_image_leaves_no_row_and_no_file() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let path = anna.image().await;
    anna.link(&path, json!({ "expiring_time_seconds": 300 }))
        .await;
    assert_eq!(service.files().len(), 3);
    assert_eq!(anna.delete(&path).await.status, 204);
    for table in ["thumbnails", "links"] {
        let rows = format!("SELECT count(*) FROM {table}");
        assert_eq!(service.number(&rows).await, 0, "{table}");
    }
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn a_thumbnail_that_was_made_later_goes_too() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let path = anna.image().await;
    service
        .execute("UPDATE tiers SET thumbnail_heights = '{10}' WHERE name = 'Basic'")
        .await;
    eventually("the new height is shown", async || {
        anna.get(&path).await.sizes() == ["10px"]
    })
    .await;
    let url = anna.get(&path).await.url_of("10px");
    assert_eq!(service.get(&url).await.status, 200);
    assert_eq!(service.files().len(), 3);
    assert_eq!(anna.delete(&path).await.status, 204);
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn every_url_of_a_deleted_image_ends() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let uploaded = anna.upload(picture()).await;
    let path = format!(
        "/api/v1/images/{}/",
        uploaded.json()["id"].as_str().unwrap()
    );
    let urls = ["200px", "400px", "original"].map(|size| uploaded.url_of(size));
    for url in &urls {
        assert_eq!(service.get(url).await.status, 200);
    }
    anna.delete(&path).await;
    for url in &urls {
        assert_eq!(service.get(url).await.outcome(), not_found(), "{url}");
    }
}

#[actix_web::test]
async fn every_link_to_a_deleted_image_ends() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let uploaded = anna.upload_with_link(picture(), "300").await;
    let path = format!(
        "/api/v1/images/{}/",
        uploaded.json()["id"].as_str().unwrap()
    );
    assert_eq!(service.get(&uploaded.link()).await.status, 200);
    anna.delete(&path).await;
    let ended = json!({ "message": "Link has expired." });
    assert_eq!(service.get(&uploaded.link()).await.outcome(), (404, ended));
}

#[actix_web::test]
async fn an_image_is_deleted_once() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let path = anna.image().await;
    assert_eq!(anna.delete(&path).await.status, 204);
    assert_eq!(anna.delete(&path).await.outcome(), not_found());
}

#[actix_web::test]
async fn what_is_no_id_of_an_image_is_not_found() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for path in [UNKNOWN, "/api/v1/images/abc/"] {
        assert_eq!(anna.delete(path).await.outcome(), not_found(), "{path}");
    }
}

#[actix_web::test]
async fn another_users_image_is_not_found_and_stays() {
    let service = TestService::start().await;
    let (anna, bert) = (
        service.account("Basic").await,
        service.account("Basic").await,
    );
    let path = anna.image().await;
    assert_eq!(bert.delete(&path).await.outcome(), not_found());
    let shown = anna.get(&path).await;
    assert_eq!(service.get(&shown.url_of("200px")).await.status, 200);
}

#[actix_web::test]
async fn the_other_images_stay() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    // The same bytes: each image has its own files.
    let (gone, kept) = (anna.image().await, anna.image().await);
    anna.delete(&gone).await;
    let shown = anna.get(&kept).await;
    for size in shown.sizes() {
        assert_eq!(
            service.get(&shown.url_of(&size)).await.status,
            200,
            "{size}"
        );
    }
}

#[actix_web::test]
async fn an_image_deleted_elsewhere_is_found_no_more() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let path = anna.image().await;
    let url = anna.get(&path).await.url_of("200px");
    assert_eq!(service.get(&url).await.status, 200);
    service.execute("DELETE FROM images").await;
    eventually("the image is gone", async || {
        anna.get(&path).await.status == 404 && service.get(&url).await.status == 404
    })
    .await;
}

#[actix_web::test]
async fn a_thumbnail_made_while_its_image_is_deleted_leaves_nothing() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let uploaded = anna.upload(Jpeg::photo(40, 30).encode()).await;
    let path = format!(
        "/api/v1/images/{}/",
        uploaded.json()["id"].as_str().unwrap()
    );
    service
        .execute("UPDATE tiers SET thumbnail_heights = '{10}' WHERE name = 'Basic'")
        .await;
    eventually("the new height is shown", async || {
        anna.get(&path).await.sizes() == ["10px"]
    })
    .await;
    let url = anna.get(&path).await.url_of("10px");
    let before = service.files();
    let other = service.connection().await;
    other
        .batch_execute("BEGIN; SELECT FROM images FOR UPDATE")
        .await
        .unwrap();
    let opened = actix_web::rt::spawn(Answer::of(service.request("GET", &url)));
    eventually("the thumbnail is to be noted", async || {
        service.waiting().await == 1
    })
    .await;
    other
        .batch_execute("DELETE FROM images; COMMIT")
        .await
        .unwrap();
    assert_eq!(opened.await.unwrap().outcome(), not_found());
    assert_eq!(service.files(), before);
}
