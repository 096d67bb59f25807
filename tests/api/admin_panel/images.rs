//! An image's page, and the deletion of one or many.

use serde_json::json;
use tierpix::domain::staff::StaffRole;

use super::{image_id, logged_in, superuser};
use crate::harness::{eventually, picture};

fn page_of(path: &str) -> String {
    format!("/admin/images/{}/", image_id(path))
}

#[actix_web::test]
async fn an_image_is_shown_in_all_its_sizes_with_its_links() {
    let (service, browser) = logged_in(StaffRole::Viewer).await;
    let anna = service.account("Enterprise").await;
    let path = anna.image().await;
    anna.link(
        &path,
        json!({ "expiring_time_seconds": 300, "max_uses": 7 }),
    )
    .await;
    let page = browser.get(&page_of(&path)).await;
    assert_eq!((page.status, page.heading()), (200, "photo.jpg"));
    let pictures = page.pictures();
    assert_eq!(pictures.len(), 3);
    for picture in &pictures {
        assert_eq!(service.get(picture).await.status, 200, "{picture}");
    }
    let original = page.link("Download the original").unwrap();
    assert_eq!(service.get(&original).await.body, picture());
    assert!(page.html.contains(&anna.username));
    assert!(page.html.contains("0 of 7"), "{}", page.html);
    assert!(page.selectable().is_empty(), "a viewer can change nothing");
}

#[actix_web::test]
async fn an_image_that_is_not_there_is_not_found() {
    let (_service, browser) = superuser().await;
    for id in ["1", "x", "0198c0de-0000-7000-8000-000000000000"] {
        for page in ["", "delete/"] {
            let page = browser.get(&format!("/admin/images/{id}/{page}")).await;
            assert_eq!(
                (page.status, page.heading()),
                (404, "Page not found"),
                "{id}"
            );
        }
    }
}

#[actix_web::test]
async fn an_image_is_deleted_after_the_question_what_goes() {
    let (service, browser) = logged_in(StaffRole::Manager).await;
    let anna = service.account("Enterprise").await;
    let path = anna.image().await;
    anna.link(&path, json!({ "expiring_time_seconds": 300 }))
        .await;
    let ask = browser.get(&format!("{}delete/", page_of(&path))).await;
    assert!(
        ask.html
            .contains(&format!("photo.jpg of {}", anna.username))
    );
    assert!(
        ask.html.contains("1 link that can still be opened"),
        "{}",
        ask.html
    );
    assert_eq!(service.number("SELECT count(*) FROM images").await, 1);
    let list = browser.submit(&ask, &[]).await;
    let told = format!("The image “photo.jpg” of {} was deleted.", anna.username);
    assert_eq!(
        (list.path.as_str(), list.message()),
        ("/admin/images/", told.as_str())
    );
    assert_eq!(anna.get(&path).await.status, 404);
    eventually("the files are gone", async || service.files().is_empty()).await;
    let logged =
        "SELECT count(*) FROM audit_log WHERE object_kind = 'image' AND action = 'deleted'";
    assert_eq!(service.number(logged).await, 1);
    assert_eq!(browser.submit(&ask, &[]).await.status, 404);
}

#[actix_web::test]
async fn several_images_are_deleted_after_they_were_named() {
    let (service, browser) = superuser().await;
    let (anna, berta) = (
        service.account("Basic").await,
        service.account("Basic").await,
    );
    let paths = [anna.image().await, berta.image().await, anna.image().await];
    let [one, two, _] = paths.each_ref().map(|path| image_id(path));
    let fields = [
        ("action", "delete"),
        ("selected", one),
        ("selected", two),
        ("selected", "x"),
    ];
    let ask = browser.post("/admin/images/?format=jpeg", &fields).await;
    assert_eq!(ask.heading(), "Delete: 2 images");
    assert!(ask.html.contains(&anna.username) && ask.html.contains(&berta.username));
    let list = browser.submit(&ask, &[]).await;
    assert_eq!(
        (list.path.as_str(), list.message()),
        ("/admin/images/?format=jpeg", "Deleted: 2 images.")
    );
    assert_eq!(service.number("SELECT count(*) FROM images").await, 1);
    assert_eq!(
        service
            .number("SELECT sum(image_count)::bigint FROM users")
            .await,
        1
    );
    eventually("the files are gone", async || service.files().len() == 2).await;
    let again = browser.submit(&ask, &[]).await;
    assert_eq!(
        again.message(),
        "Deleted: 0 images. Gone already: 2 images."
    );
}

#[actix_web::test]
async fn nothing_selected_or_chosen_deletes_nothing() {
    let (service, browser) = superuser().await;
    let path = service.account("Basic").await.image().await;
    let id = image_id(&path);
    for fields in [
        vec![("action", "delete")],
        vec![("selected", id)],
        vec![("action", "explode"), ("selected", id), ("confirmed", "1")],
    ] {
        let page = browser.post("/admin/images/", &fields).await;
        assert!(page.message().starts_with("Select images and choose"));
    }
    assert_eq!(service.number("SELECT count(*) FROM images").await, 1);
}

#[actix_web::test]
async fn viewers_delete_nothing() {
    let (service, browser) = logged_in(StaffRole::Viewer).await;
    let path = service.account("Basic").await.image().await;
    let page = browser.get("/admin/images/").await;
    assert!(page.selectable().is_empty());
    let delete = format!("{}delete/", page_of(&path));
    assert_eq!(browser.get(&delete).await.status, 403);
    assert_eq!(
        browser.post(&delete, &[("confirmed", "1")]).await.status,
        403
    );
    let fields = [
        ("action", "delete"),
        ("selected", image_id(&path)),
        ("confirmed", "1"),
    ];
    assert_eq!(browser.post("/admin/images/", &fields).await.status, 403);
    assert_eq!(service.number("SELECT count(*) FROM images").await, 1);
}
