//! Two people who edit the same object.

use super::{page_of, superuser};

#[actix_web::test]
async fn the_second_editor_of_a_tier_is_told_what_changed_and_overwrites_nothing() {
    let (service, browser) = superuser().await;
    let first = browser.get("/admin/tiers/1/").await;
    let second = browser.get("/admin/tiers/1/").await;
    let values = [("name", "Small"), ("thumbnail_heights", "100")];
    browser.submit(&first, &values).await;
    let told = browser
        .submit(
            &second,
            &[("thumbnail_heights", "150"), ("uploads_per_hour", "5")],
        )
        .await;
    assert_eq!(told.status, 409);
    assert!(told.html.contains("Nothing of yours was saved."));
    // What only the other changed is taken over, what both changed is for the second to decide.
    assert_eq!(told.value("name"), "Small");
    assert_eq!(
        told.note("name"),
        "Changed meanwhile from “Basic” to “Small”."
    );
    assert_eq!(told.value("thumbnail_heights"), "150");
    let note =
        "Changed meanwhile from “200” to “100”. You typed “150”: saving puts that in its place.";
    assert_eq!(told.note("thumbnail_heights"), note);
    assert_eq!(
        (
            told.value("uploads_per_hour"),
            told.note("uploads_per_hour")
        ),
        ("5".to_owned(), "")
    );
    let unchanged =
        "SELECT count(*) FROM tiers WHERE name = 'Small' AND thumbnail_heights = '{100}'";
    assert_eq!(service.number(unchanged).await, 1);
    browser.submit(&told, &[]).await;
    let saved = "SELECT count(*) FROM tiers
                 WHERE name = 'Small' AND thumbnail_heights = '{150}' AND uploads_per_hour = 5";
    assert_eq!(service.number(saved).await, 1);
}

#[actix_web::test]
async fn the_second_editor_of_a_user_is_told_too() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let form = browser.get(&page_of(&anna)).await;
    service.set_tier(&anna, "Premium").await;
    let told = browser
        .submit(&form, &[("email", "anna@example.org")])
        .await;
    assert_eq!(told.status, 409);
    assert_eq!(
        told.note("tier"),
        "Changed meanwhile from “Basic” to “Premium”."
    );
    assert_eq!(
        (told.value("tier"), told.value("email")),
        ("Premium".to_owned(), "anna@example.org".to_owned())
    );
    browser.submit(&told, &[]).await;
    let saved = "SELECT count(*) FROM users u JOIN tiers t ON t.id = u.tier_id
                 WHERE t.name = 'Premium' AND u.email = 'anna@example.org'";
    assert_eq!(service.number(saved).await, 1);
}

#[actix_web::test]
async fn a_form_without_its_version_changes_nothing() {
    let (service, browser) = superuser().await;
    let fields = [("name", "Mine"), ("thumbnail_heights", "1")];
    assert_eq!(browser.post("/admin/tiers/1/", &fields).await.status, 409);
    assert_eq!(
        service
            .number("SELECT count(*) FROM tiers WHERE name = 'Mine'")
            .await,
        0
    );
}

#[actix_web::test]
async fn a_preview_that_was_overtaken_changes_nothing() {
    let (service, browser) = superuser().await;
    service.account("Basic").await;
    let form = browser.get("/admin/tiers/1/").await;
    let preview = browser.submit(&form, &[("thumbnail_heights", "300")]).await;
    assert_eq!(preview.heading(), "What the change means");
    service
        .execute("UPDATE tiers SET thumbnail_heights = '{500}' WHERE id = 1")
        .await;
    let told = browser.submit(&preview, &[]).await;
    assert_eq!(
        (told.status, told.value("thumbnail_heights")),
        (409, "300".to_owned())
    );
    assert_eq!(
        service
            .number("SELECT thumbnail_heights[1]::bigint FROM tiers WHERE id = 1")
            .await,
        500
    );
}
