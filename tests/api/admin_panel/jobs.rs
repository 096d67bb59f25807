//! `/admin/jobs/`, and the making of thumbnails that a tier's images lack.

use tierpix::domain::staff::StaffRole;

use super::{logged_in, superuser};
use crate::harness::eventually;

#[actix_web::test]
async fn a_tier_is_changed_and_what_its_images_lack_is_made() {
    let (service, browser) = superuser().await;
    service.account("Basic").await.image().await;
    let form = browser.get("/admin/tiers/1/").await;
    let preview = browser
        .submit(&form, &[("thumbnail_heights", "10,20")])
        .await;
    assert!(
        preview.html.contains("Yes, save and make the thumbnails"),
        "{}",
        preview.html
    );
    let job = browser.submit(&preview, &[("_backfill", "")]).await;
    assert_eq!(job.heading(), "Thumbnails of Basic");
    assert!(
        job.message()
            .starts_with("The tier “Basic” was changed. The missing")
    );
    eventually("the thumbnails are made", async || {
        let page = browser.get(&job.path).await;
        page.html.contains("<dd>done</dd>") && page.html.contains("1 of 1")
    })
    .await;
    let ended = browser.get(&job.path).await;
    assert!(!ended.html.contains("http-equiv") && ended.link("Stop").is_none());
    let made = "SELECT count(*) FROM thumbnails WHERE height IN (10, 20)";
    assert_eq!(service.number(made).await, 2);
    let list = browser.get("/admin/jobs/").await;
    assert!(
        list.rows().contains(&"Thumbnails of Basic"),
        "{:?}",
        list.rows()
    );
    let history = browser.get(&ended.link("History").unwrap()).await;
    assert!(
        history.html.contains(">job Thumbnails of Basic</a>"),
        "{}",
        history.html
    );
}

#[actix_web::test]
async fn the_work_is_offered_only_where_a_thumbnail_is_lacking() {
    let (service, browser) = superuser().await;
    service.account("Basic").await;
    let form = browser.get("/admin/tiers/1/").await;
    let preview = browser.submit(&form, &[("thumbnail_heights", "10")]).await;
    assert_eq!(preview.heading(), "What the change means");
    assert!(!preview.html.contains("and make the thumbnails"));
}

#[actix_web::test]
async fn work_is_started_from_the_tiers_page_and_stopped() {
    let (service, browser) = logged_in(StaffRole::Manager).await;
    // Nobody takes it today.
    service
        .execute("ALTER TABLE jobs ALTER COLUMN due_at SET DEFAULT now() + interval '1 day'")
        .await;
    let tier = browser.get("/admin/tiers/1/").await;
    let ask = browser
        .get(&tier.link("Make missing thumbnails").unwrap())
        .await;
    let job = browser.submit(&ask, &[]).await;
    assert_eq!(job.message(), "The missing thumbnails are being made.");
    assert!(job.html.contains("data-refresh") && job.html.contains("http-equiv=\"refresh\""));
    let again = browser.submit(&ask, &[]).await;
    assert_eq!(
        (again.path.as_str(), again.message()),
        (
            job.path.as_str(),
            "The missing thumbnails are being made already."
        )
    );
    let ask = browser.get(&job.link("Stop").unwrap()).await;
    let stopped = browser.submit(&ask, &[]).await;
    assert_eq!(stopped.message(), "“Thumbnails of Basic” was stopped.");
    assert!(stopped.html.contains("<dd>cancelled</dd>"));
    assert!(
        browser
            .submit(&ask, &[])
            .await
            .html
            .contains("class=\"message warning\"")
    );
}

#[actix_web::test]
async fn viewers_see_jobs_and_start_none() {
    let (service, browser) = logged_in(StaffRole::Viewer).await;
    assert_eq!(browser.get("/admin/jobs/").await.status, 200);
    assert_eq!(
        browser
            .get("/admin/tiers/1/")
            .await
            .link("Make missing thumbnails"),
        None
    );
    assert_eq!(browser.get("/admin/tiers/1/backfill/").await.status, 403);
    assert_eq!(
        browser.post("/admin/tiers/1/backfill/", &[]).await.status,
        403
    );
    assert_eq!(
        service
            .number("SELECT count(*) FROM jobs WHERE kind = 'backfill'")
            .await,
        0
    );
}

#[actix_web::test]
async fn a_job_that_is_not_there_is_not_found() {
    let (_service, browser) = superuser().await;
    for id in ["999", "x", "99999999999999999999"] {
        for page in ["", "cancel/"] {
            let page = browser.get(&format!("/admin/jobs/{id}/{page}")).await;
            assert_eq!(page.status, 404, "{id}");
        }
    }
    assert_eq!(browser.get("/admin/tiers/999/backfill/").await.status, 404);
}
