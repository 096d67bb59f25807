//! A superuser uploads for a user.

use reqwest::multipart::{Form, Part};
use tierpix::domain::staff::StaffRole;

use super::{logged_in, page_of, superuser};
use crate::harness::{Account, image_form, picture};

fn upload_page(user: &Account) -> String {
    format!("{}upload/", page_of(user))
}

#[actix_web::test]
async fn an_upload_for_a_user_is_the_users_own() {
    let (service, browser) = superuser().await;
    let anna = service.account("Enterprise").await;
    let form = image_form(picture()).text("expiring_time_seconds", "300");
    let page = browser.post_parts(&upload_page(&anna), form).await;
    let told = format!("The image “photo.jpg” was uploaded for {}.", anna.username);
    assert_eq!(
        (page.heading(), page.message()),
        ("photo.jpg", told.as_str())
    );
    assert!(page.html.contains("can be opened"));
    let own = anna.get("/api/v1/images/").await.json();
    assert_eq!(own["results"].as_array().unwrap().len(), 1);
    let logged = "SELECT count(*) FROM audit_log WHERE object_kind = 'image' AND action = 'added' AND actor_name IS NOT NULL";
    assert_eq!(service.number(logged).await, 1);
    let counted = format!(
        "SELECT count(*) FROM recent_uploads WHERE user_id = {}",
        anna.id.0
    );
    assert_eq!(service.number(&counted).await, 1);
}

#[actix_web::test]
async fn another_image_can_be_added_at_once() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let path = format!("{}?another=1", upload_page(&anna));
    let page = browser.post_parts(&path, image_form(picture())).await;
    assert_eq!(page.path, upload_page(&anna));
    assert!(
        page.message()
            .ends_with("You may upload another one below.")
    );
}

#[actix_web::test]
async fn what_the_api_would_refuse_stands_beside_its_field() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let page = upload_page(&anna);
    let refused = browser.post_parts(&page, Form::new().text("a", "b")).await;
    assert_eq!(
        (refused.status, refused.error("image")),
        (400, "No file was submitted.")
    );
    assert!(refused.html.contains("Please correct the error below."));
    let gif = image_form("GIF89a picture").text("expiring_time_seconds", "12");
    let refused = browser.post_parts(&page, gif).await;
    assert_eq!(
        refused.error("image"),
        "Invalid image format. Only JPG and PNG are allowed<br>The file is a GIF picture."
    );
    assert_eq!(
        refused.error("expiring_time_seconds"),
        "You can only specify time between 300 and 300000 seconds"
    );
    assert_eq!(refused.value("expiring_time_seconds"), "12");
    let link = image_form(picture()).text("expiring_time_seconds", "300");
    let refused = browser.post_parts(&page, link).await;
    assert!(
        refused
            .html
            .contains("does not allow you to create expiring links")
    );
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn limits_of_the_users_tier_hold() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let none = service.account("").await;
    let refused = browser
        .post_parts(&upload_page(&none), image_form(picture()))
        .await;
    assert_eq!(refused.status, 403);
    assert!(refused.html.contains("has no tier"));
    service
        .execute("UPDATE tiers SET max_upload_bytes = 10")
        .await;
    crate::harness::eventually("the limit holds", async || {
        let refused = browser
            .post_parts(&upload_page(&anna), image_form(picture()))
            .await;
        refused.status == 413 && refused.error("image").contains("the limit is 10 bytes")
    })
    .await;
    service
        .execute("UPDATE tiers SET max_upload_bytes = NULL, storage_quota_bytes = 10")
        .await;
    crate::harness::eventually("the quota holds", async || {
        let refused = browser
            .post_parts(&upload_page(&anna), image_form(picture()))
            .await;
        refused.status == 403 && refused.html.contains("of 10 bytes are used")
    })
    .await;
}

#[actix_web::test]
async fn only_superusers_upload_for_others() {
    let (service, browser) = logged_in(StaffRole::Manager).await;
    let anna = service.account("Basic").await;
    assert_eq!(browser.get(&upload_page(&anna)).await.status, 403);
    let part = Form::new().part("image", Part::bytes(picture()).file_name("a.jpg"));
    assert_eq!(
        browser.post_parts(&upload_page(&anna), part).await.status,
        403
    );
    assert_eq!(browser.get("/admin/images/add/").await.status, 403);
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn the_user_to_upload_for_is_found_by_name() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let list = browser
        .get(&format!("/admin/images/?user={}", anna.username))
        .await;
    let page = browser.get(&list.link("Upload for a user").unwrap()).await;
    assert_eq!(page.path, upload_page(&anna));
    let page = browser.get("/admin/images/add/?user=nobody").await;
    assert_eq!(
        (page.status, page.error("user")),
        (400, "There is no user of this name.")
    );
    assert_eq!(
        browser.get("/admin/images/add/?user=a%20b").await.status,
        400
    );
    assert_eq!(browser.get("/admin/images/add/").await.status, 200);
}
