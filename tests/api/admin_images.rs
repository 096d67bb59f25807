//! `/api/v1/admin/images/…`.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tierpix::domain::staff::StaffRole;

use crate::{
    harness::{Account, Answer, TestService, picture},
    pictures::Png,
};

pub(super) const IMAGES: &str = "/api/v1/admin/images/";

pub(super) async fn managed() -> (TestService, Account) {
    let service = TestService::start().await;
    let manager = service.staff(StaffRole::Manager).await;
    (service, manager)
}

fn denied() -> (u16, Value) {
    let detail = "You do not have permission to perform this action.";
    (
        403,
        json!({ "detail": detail, "code": "permission_denied" }),
    )
}

/// The path under which staff find an image of the path that its owner has.
pub(super) fn for_staff(path: &str) -> String {
    path.replace("/v1/", "/v1/admin/")
}

#[actix_web::test]
async fn an_image_is_shown_with_its_owner_and_its_file() {
    let (service, manager) = managed().await;
    let anna = service.account("Basic").await;
    let path = anna.image().await;
    let shown = manager.get(&for_staff(&path)).await;
    assert_eq!(shown.sizes(), ["200px", "original"]);
    let original = service.get(&shown.url_of("original")).await;
    assert_eq!(original.body, picture());
    let own = anna.get(&path).await.json();
    let mut json = shown.json();
    assert_eq!(json["images"][0], own["images"][0]);
    let created = json["created_at"].take();
    assert!(created.as_str().unwrap().ends_with('Z'), "{created}");
    let digest: String = Sha256::digest(picture())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let expected = json!({
        "id": own["id"], "images": json["images"], "user": anna.username, "file_name": "photo.jpg",
        "format": "jpeg", "width": 40, "height": 30, "bytes": picture().len(), "sha256": digest,
        "created_at": null,
    });
    assert_eq!(json, expected);
}

#[actix_web::test]
async fn an_image_of_a_user_without_a_tier_is_shown_as_it_was_uploaded() {
    let (service, manager) = managed().await;
    let anna = service.account("Basic").await;
    let path = anna.image().await;
    service.execute("UPDATE users SET tier_id = NULL").await;
    crate::harness::eventually("the tier is gone", async || {
        manager.get(&for_staff(&path)).await.sizes() == ["original"]
    })
    .await;
}

#[actix_web::test]
async fn an_image_that_is_known_is_not_sent_again() {
    let (service, manager) = managed().await;
    let path = for_staff(&service.account("Basic").await.image().await);
    let tag = manager.get(&path).await.header("etag").to_owned();
    let again = Answer::of(manager.request("GET", &path).header("if-none-match", tag)).await;
    assert_eq!((again.status, again.text()), (304, ""));
}

#[actix_web::test]
async fn a_deleted_image_takes_its_rows_files_and_links_along() {
    let (service, manager) = managed().await;
    let anna = service.account("Enterprise").await;
    let upload = anna.upload_with_link(picture(), "300").await;
    let path = format!("{IMAGES}{}/", upload.json()["id"].as_str().unwrap());
    let answer = manager.delete(&path).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    for url in [
        upload.url_of("200px"),
        upload.url_of("original"),
        upload.link(),
    ] {
        crate::harness::eventually("the URL has ended", async || {
            service.get(&url).await.status == 404
        })
        .await;
    }
    service.assert_nothing_stored().await;
    assert_eq!(manager.get(&path).await.status, 404);
    assert_eq!(manager.delete(&path).await.status, 404);
    let usage = anna.get("/api/v1/me/").await.json()["usage"]["images"].clone();
    assert_eq!(usage, 0);
}

#[actix_web::test]
async fn what_is_no_id_of_an_image_is_not_found() {
    let (_service, manager) = managed().await;
    for id in ["1", "abc", "0198c0de-0000-7000-8000-000000000000"] {
        let path = format!("{IMAGES}{id}/");
        assert_eq!(manager.get(&path).await.json()["code"], "not_found", "{id}");
        assert_eq!(
            manager.delete(&path).await.json()["code"],
            "not_found",
            "{id}"
        );
    }
}

#[actix_web::test]
async fn images_are_neither_made_nor_changed_here() {
    let (service, manager) = managed().await;
    let path = for_staff(&service.account("Basic").await.image().await);
    let answer = manager.post(IMAGES, json!({})).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, "GET, HEAD, OPTIONS")
    );
    let answer = manager.patch(&path, json!({})).await;
    let allowed = "GET, HEAD, DELETE, OPTIONS";
    assert_eq!((answer.status, answer.header("allow")), (405, allowed));
}

#[actix_web::test]
async fn a_viewer_looks_and_deletes_nothing() {
    let (service, _) = managed().await;
    let viewer = service.staff(StaffRole::Viewer).await;
    let anna = service.account("Basic").await;
    let path = for_staff(&anna.image().await);
    assert_eq!(viewer.get(&path).await.status, 200);
    assert_eq!(viewer.delete(&path).await.outcome(), denied());
    for path in [IMAGES, &path] {
        assert_eq!(anna.get(path).await.outcome(), denied(), "{path}");
        assert_eq!(service.get(path).await.status, 401, "{path}");
    }
    assert_eq!(anna.delete(&path).await.outcome(), denied());
    let key = viewer.token(&["read", "delete"]).await;
    let list = Answer::of(service.request_by(&key, "GET", IMAGES)).await;
    assert_eq!(list.outcome(), denied());
}

#[actix_web::test]
async fn a_png_is_named_as_one() {
    let (service, manager) = managed().await;
    let anna = service.account("Basic").await;
    let upload = anna.upload(Png::new(30, 20, 2, 8).encode()).await;
    let path = format!("{IMAGES}{}/", upload.json()["id"].as_str().unwrap());
    assert_eq!(manager.get(&path).await.json()["format"], "png");
}
