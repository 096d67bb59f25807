//! `tierpix thumbnails …`.

use nix::sys::signal::Signal::SIGINT;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{
    harness::{Installation, Outcome, ended, eventually, send},
    pictures::Jpeg,
};

/// With a service's images of the height 200, and the heights 200 and 20 wanted now.
async fn installation(images: usize) -> Installation {
    let tierpix = Installation::migrated().await;
    tierpix.add_user("anna", "Basic").await;
    let service = tierpix.serve().await;
    for _ in 0..images {
        let picture = Jpeg::photo(64, 48).encode();
        let answer = service.upload("anna", "anna-password", picture).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    service.stop().await;
    let set = tierpix.run("tier set Basic --heights 200,20").await;
    set.done();
    tierpix
}

#[actix_web::test]
async fn a_backfill_without_a_service_is_done_by_the_command() {
    let tierpix = installation(3).await;
    let planned = tierpix.run("thumbnails backfill --dry-run").await.done();
    assert!(
        planned.starts_with("3 images to make thumbnails of, "),
        "{planned}"
    );
    assert!(
        planned.ends_with(" of originals: less than a minute.\n"),
        "{planned}"
    );
    assert_eq!(tierpix.files().len(), 6);

    let done = tierpix.run("thumbnails backfill --tier Basic").await.done();
    let said: Vec<&str> = done.lines().collect();
    assert_eq!(said[1..], ["Made the thumbnails of 3 images."]);
    assert_eq!(tierpix.files().len(), 9);

    let again = tierpix.run("thumbnails backfill").await.done();
    assert_eq!(again, "No image lacks a thumbnail.\n");
    let force = tierpix.run("thumbnails backfill --force").await.done();
    assert!(
        force.ends_with("Made the thumbnails of 3 images.\n"),
        "{force}"
    );
    tierpix.assert_nothing_runs();
}

#[actix_web::test]
async fn a_backfill_beside_a_service_is_done_by_the_service() {
    let tierpix = installation(2).await;
    let service = tierpix.serve_with("--log tierpix=debug").await;
    let done = tierpix.run("thumbnails backfill").await.done();
    assert!(
        done.ends_with("Made the thumbnails of 2 images.\n"),
        "{done}"
    );
    let log = tierpix.log();
    assert!(log.contains("works on a job"), "{log}");
    assert_eq!(tierpix.files().len(), 6);
    service.stop().await;
}

#[actix_web::test]
async fn a_backfill_that_is_interrupted_goes_on_when_a_service_starts() {
    let tierpix = installation(2).await;
    let mut child = tierpix.command(["thumbnails", "backfill"]).spawn().unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
    let plan = printed.next_line().await.unwrap().unwrap();
    assert!(plan.starts_with("2 images"), "{plan}");
    eventually("the job waits or runs", async || {
        let jobs =
            "SELECT count(*) FROM jobs WHERE kind = 'backfill' AND state IN ('waiting', 'running')";
        let row = tierpix.connect().await.query_one(jobs, &[]).await.unwrap();
        row.get::<_, i64>(0) == 1
    })
    .await;
    send(&child, SIGINT);
    assert_eq!(ended(&mut child).await.code(), Some(1));
    tierpix.database_is_gone().await;
    let service = tierpix.serve().await;
    eventually("all are made", async || tierpix.files().len() == 6).await;
    service.stop().await;
}

#[actix_web::test]
async fn images_that_cannot_be_rendered_are_told_by_the_exit_code() {
    let tierpix = installation(2).await;
    let files = tierpix.files();
    let original = files
        .iter()
        .find(|path| path.to_string_lossy().contains("-original-"));
    std::fs::remove_file(original.unwrap()).unwrap();
    let outcome: Outcome = tierpix.run("thumbnails backfill").await;
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let last = outcome.stderr.lines().last().unwrap();
    assert!(
        last.starts_with(
            "tierpix: made the thumbnails of 1 image, but not of 1 image; the last one: "
        ),
        "{last}"
    );
}

#[actix_web::test]
async fn a_tier_that_is_not_there_is_refused() {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    let refused = tierpix.run("thumbnails backfill --tier Gold").await;
    assert!(refused.refused().starts_with("there is no tier Gold"));
}
