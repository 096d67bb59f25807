//! `kill -9` of the service while it makes thumbnails in the background.
//!
//! `TIERPIX_TEST_BACKFILL_IMAGES` is the number of images that lack them.

use std::time::Instant;

use nix::sys::signal::Signal::SIGKILL;
use tokio_postgres::Client;

use crate::{
    copies::upload_copies,
    harness::{Installation, eventually, from_environment},
    pictures::Jpeg,
};

/// How often the service is killed on the way.
const KILLS: usize = 3;

async fn number(database: &Client, sql: &str) -> usize {
    let row = database.query_one(sql, &[]).await.unwrap();
    usize::try_from(row.get::<_, i64>(0)).unwrap()
}

#[actix_web::test]
async fn a_backfill_that_is_killed_on_the_way_makes_each_thumbnail_once() {
    let tierpix = Installation::new();
    tierpix.add_user("anna", "Basic").await;
    let service = tierpix.serve().await;
    let images = usize::try_from(from_environment("TIERPIX_TEST_BACKFILL_IMAGES", 300)).unwrap();
    let picture = Jpeg::photo(320, 240).encode().into();
    upload_copies(&tierpix, &service, picture, images).await;
    let database = tierpix.connect().await;
    database
        .batch_execute(
            "CREATE TABLE made (image_id uuid, height integer);
             CREATE FUNCTION note_made() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN INSERT INTO made VALUES (NEW.image_id, NEW.height); RETURN NULL; END';
             CREATE TRIGGER made AFTER INSERT OR UPDATE ON thumbnails
             FOR EACH ROW EXECUTE FUNCTION note_made();
             UPDATE tiers SET thumbnail_heights = '{200,100,50}';
             INSERT INTO jobs (kind) VALUES ('backfill');",
        )
        .await
        .unwrap();
    let began = Instant::now();
    let mut service = Some(service);
    for kill in 1..=KILLS {
        let database = tierpix.connect().await;
        eventually("so many are made", async || {
            number(&database, "SELECT count(*) FROM made").await >= kill * images / 3
        })
        .await;
        let killed = service.take().unwrap();
        killed.signal(SIGKILL);
        assert_eq!(killed.ended().await.code(), None);
        tierpix.database_is_gone().await;
        service = Some(tierpix.serve().await);
    }
    let database = tierpix.connect().await;
    eventually("the job ends", async || {
        let done =
            "SELECT count(*) FROM jobs WHERE kind = 'backfill' AND state = 'done' AND failed = 0";
        number(&database, done).await == 1
    })
    .await;
    println!("{images} images, {KILLS} kills: {:?}", began.elapsed());
    let all = number(&database, "SELECT count(*) FROM made").await;
    let each = "SELECT count(*) FROM (SELECT DISTINCT image_id, height FROM made) AS each";
    assert_eq!(
        (all, number(&database, each).await),
        (2 * images, 2 * images)
    );
    service.unwrap().stop().await;
    // Files that were made and not written down any more were made again under their own names.
    tierpix.run("storage reconcile --verify").await.done();
}
