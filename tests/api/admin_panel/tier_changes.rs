//! What a change of a tier means, before it is made.

use serde_json::json;

use super::superuser;
use crate::harness::TestService;

/// The heights of a tier.
pub(super) async fn heights(service: &TestService, id: i64) -> String {
    let sql = format!("SELECT array_to_string(thumbnail_heights, ',') FROM tiers WHERE id = {id}");
    let client = service.connection().await;
    client.query_one(&sql, &[]).await.unwrap().get(0)
}

#[actix_web::test]
async fn a_change_that_concerns_nobody_is_saved_at_once() {
    let (service, browser) = superuser().await;
    let form = browser.get("/admin/tiers/1/").await;
    let list = browser.submit(&form, &[("thumbnail_heights", "100")]).await;
    assert_eq!(list.message(), "The tier “Basic” was changed.");
    assert_eq!(heights(&service, 1).await, "100");
    let form = browser.get("/admin/tiers/1/").await;
    let list = browser.submit(&form, &[]).await;
    assert_eq!(list.message(), "Nothing was changed in the tier “Basic”.");
}

#[actix_web::test]
async fn what_a_change_means_is_shown_before_it_is_made() {
    let (service, browser) = superuser().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    anna.link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    let form = browser.get("/admin/tiers/3/").await;
    let values = [
        ("thumbnail_heights", "200,25"),
        ("storage_quota_bytes", "1"),
    ];
    let unticked = ["expiring_links", "original_link"];
    let preview = browser.submit_without(&form, &unticked, &values).await;
    assert_eq!(
        (preview.status, preview.heading()),
        (200, "What the change means")
    );
    for sentence in [
        "The change is for 1 user, from the next request on.",
        "1 image lacks a thumbnail of 25 px. Making them all takes less than a minute;",
        "Thumbnails of 400 px are no longer answered.",
        "Uploads are no longer answered with a link to the original.",
        "1 link that could still be opened will end.",
        "1 user with more than 1 B in store cannot upload until they have deleted something.",
    ] {
        assert!(
            preview.html.contains(sentence),
            "{sentence}: {}",
            preview.html
        );
    }
    assert_eq!(heights(&service, 3).await, "200,400");
    let list = browser.submit(&preview, &[]).await;
    assert_eq!(list.message(), "The tier “Enterprise” was changed.");
    assert_eq!(heights(&service, 3).await, "200,25");
    let permissions =
        "SELECT count(*) FROM tiers WHERE id = 3 AND NOT expiring_links AND NOT original_link";
    assert_eq!(service.number(permissions).await, 1);
}

#[actix_web::test]
async fn what_a_change_means_for_very_many_images_is_estimated() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let sql = format!(
        "SET session_replication_role = replica;
         INSERT INTO images (id, user_id, format, width, height, bytes, sha256, file_name, media_key)
         SELECT gen_random_uuid(), {id}, 'jpeg', 4000, 3000, 1000 + n, sha256(n::text::bytea), n || '.jpg', sha256('')
         FROM generate_series(1, 60000) n;
         INSERT INTO thumbnails (image_id, height, bytes, sha256)
         SELECT id, 25, 100, sha256 FROM images WHERE bytes % 2 = 0;
         UPDATE users SET image_count = 60000 WHERE id = {id};
         ANALYZE images, thumbnails",
        id = anna.id.0
    );
    service
        .connection()
        .await
        .batch_execute(&sql)
        .await
        .unwrap();
    for (heights, sentence) in [
        (
            "200,50",
            "About 60\u{202f}000 images lack a thumbnail of 50 px. Making them all takes",
        ),
        (
            "200,25",
            "About 30\u{202f}000 images lack a thumbnail of 25 px. Making them all takes",
        ),
    ] {
        let form = browser.get("/admin/tiers/1/").await;
        let preview = browser
            .submit(&form, &[("thumbnail_heights", heights)])
            .await;
        assert!(preview.html.contains(sentence), "{}", preview.html);
    }
}

#[actix_web::test]
async fn from_what_a_change_means_one_can_go_back_to_what_was_typed() {
    let (service, browser) = superuser().await;
    service.account("Basic").await;
    let form = browser.get("/admin/tiers/1/").await;
    let preview = browser
        .submit(&form, &[("thumbnail_heights", "200,777")])
        .await;
    assert_eq!(preview.heading(), "What the change means");
    let form = browser.submit(&preview, &[("_edit", "")]).await;
    assert_eq!(
        (form.status, form.value("thumbnail_heights")),
        (200, "200,777".to_owned())
    );
    assert_eq!(heights(&service, 1).await, "200");
}
