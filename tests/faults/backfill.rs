//! `kill -9` of the service while it makes thumbnails in the background.

use std::{fs, path::PathBuf};

use nix::sys::signal::Signal::SIGKILL;
use tokio_postgres::Client;

use crate::{
    harness::{Installation, Service, eventually},
    pictures::Jpeg,
};

/// Images in store.
const IMAGES: usize = 300;
/// How often the service is killed on the way.
const KILLS: usize = 3;

async fn number(database: &Client, sql: &str) -> usize {
    let row = database.query_one(sql, &[]).await.unwrap();
    usize::try_from(row.get::<_, i64>(0)).unwrap()
}

/// Copies an upload: its rows, and its files by further names for the same bytes.
async fn multiply(tierpix: &Installation, service: &Service) {
    let picture = Jpeg::photo(320, 240).encode();
    let answer = service.upload("anna", "anna-password", picture).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let database = tierpix.connect().await;
    // The media key is copied too, and with it the tags in the names of the files.
    let copy = "INSERT INTO images (id, user_id, format, width, height, bytes, sha256, file_name, media_key)
                SELECT gen_random_uuid(), user_id, format, width, height, bytes, sha256, file_name, media_key
                FROM images, generate_series(2, $1) RETURNING id";
    let copies = database.query(copy, &[&(IMAGES as i32)]).await.unwrap();
    database
        .execute(
            "INSERT INTO thumbnails (image_id, height, bytes, sha256)
             SELECT i.id, t.height, t.bytes, t.sha256 FROM images i, thumbnails t
             ON CONFLICT DO NOTHING",
            &[],
        )
        .await
        .unwrap();
    let files: Vec<PathBuf> = tierpix.files();
    for row in copies {
        let id = row.get::<_, uuid::Uuid>(0).as_simple().to_string();
        let folder = tierpix.data_dir().join("objects").join(&id[29..]);
        fs::create_dir_all(&folder).unwrap();
        for file in &files {
            let name = file.file_name().unwrap().to_str().unwrap();
            fs::hard_link(file, folder.join(format!("{id}{}", &name[32..]))).unwrap();
        }
    }
}

#[actix_web::test]
async fn a_backfill_that_is_killed_on_the_way_makes_each_thumbnail_once() {
    let tierpix = Installation::new();
    tierpix.add_user("anna", "Basic").await;
    let service = tierpix.serve().await;
    multiply(&tierpix, &service).await;
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
    let mut service = Some(service);
    for kill in 1..=KILLS {
        let database = tierpix.connect().await;
        eventually("so many are made", async || {
            number(&database, "SELECT count(*) FROM made").await >= kill * IMAGES / 3
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
    let all = number(&database, "SELECT count(*) FROM made").await;
    let each = "SELECT count(*) FROM (SELECT DISTINCT image_id, height FROM made) AS each";
    assert_eq!(
        (all, number(&database, each).await),
        (2 * IMAGES, 2 * IMAGES)
    );
    service.unwrap().stop().await;
    // Files that were made and not written down any more were made again under their own names.
    tierpix.run("storage reconcile --verify").await.done();
}
