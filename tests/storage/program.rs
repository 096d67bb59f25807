//! The whole program with its pictures in a bucket.

use std::{
    fs::{self, File},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use futures_util::future::join;

use crate::{
    harness::{Answer, Installation, Outcome, Service, eventually, names_in},
    pictures::Jpeg,
    server::{BUCKET, S3Server},
};

/// The prefix of everything that is kept.
pub const PREFIX: &str = "ours";

/// An installation that may use the bucket, with a user `anna` of the tier Enterprise.
pub async fn beside_bucket(server: &S3Server) -> Installation {
    let mut tierpix = Installation::new();
    for (name, value) in server.variables() {
        tierpix = tierpix.with(&name, &value);
    }
    tierpix.add_user("anna", "Enterprise").await;
    tierpix
}

/// The same, with its pictures in the bucket.
pub async fn installation(server: &S3Server) -> Installation {
    let tierpix = beside_bucket(server).await;
    tierpix.with("TIERPIX_STORAGE_URL", &format!("s3://{BUCKET}/{PREFIX}"))
}

pub fn photo() -> Vec<u8> {
    Jpeg::photo(400, 300).encode()
}

pub async fn upload(service: &Service, picture: Vec<u8>) -> Answer {
    service.upload("anna", "anna-password", picture).await
}

/// The file in which the server keeps the object of this name.
pub fn file_of(server: &S3Server, name: &str) -> PathBuf {
    // Its folder is the end of the image's id.
    server.file(&format!("{PREFIX}/{}/{name}", &name[29..32]))
}

/// What is in the bucket, by the names of the objects.
pub fn objects(server: &S3Server) -> Vec<String> {
    let folders = names_in(&server.file(PREFIX));
    let names = folders.iter().filter(|name| name.len() == 3);
    let mut names: Vec<_> = names
        .flat_map(|folder| names_in(&server.file(&format!("{PREFIX}/{folder}"))))
        .collect();
    names.sort();
    names
}

#[actix_web::test]
async fn pictures_are_kept_in_the_bucket_and_served_from_it() {
    let server = S3Server::start();
    let tierpix = installation(&server).await;
    let service = tierpix.serve().await;
    let answer = upload(&service, photo()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(objects(&server).len(), 3);
    assert!(!tierpix.data_dir().join("objects").exists());

    let original = service.get(&answer.url_of("original")).await;
    assert_eq!((original.status, original.body.as_ref()), (200, &*photo()));
    let part = service
        .request("GET", &answer.url_of("original"))
        .header("range", "bytes=10-19,-5");
    let part = Answer::of(part).await;
    assert_eq!(part.status, 206);
    let thumbnail = service.get(&answer.url_of("200px")).await;
    let picture = image::load_from_memory(&thumbnail.body).unwrap();
    assert_eq!((picture.width(), picture.height()), (267, 200));

    let path = format!("/api/v1/images/{}/", answer.json()["id"].as_str().unwrap());
    let delete = service.request("DELETE", &path);
    let delete = delete.basic_auth("anna", Some("anna-password"));
    assert_eq!(Answer::of(delete).await.status, 204);
    assert_eq!(objects(&server), Vec::<String>::new());
}

#[actix_web::test]
async fn a_thumbnail_that_is_missing_in_the_bucket_is_made_again() {
    let server = S3Server::start();
    let tierpix = installation(&server).await;
    // What is in memory is not looked for in the bucket.
    let tierpix = tierpix.with("TIERPIX_MEDIA_CACHE_BYTES", "0");
    let service = tierpix.serve().await;
    let url = upload(&service, photo()).await.url_of("200px");
    let first = service.get(&url).await;
    let name = url.rsplit('/').next().unwrap();
    fs::remove_file(file_of(&server, name)).unwrap();
    let again = service.get(&url).await;
    assert_eq!((again.status, again.body), (200, first.body));
    assert_eq!(objects(&server).len(), 3);
}

#[actix_web::test]
async fn a_service_whose_bucket_is_away_starts_and_says_that_it_is_not_ready() {
    let mut server = S3Server::start();
    let tierpix = installation(&server).await;
    server.stop();
    let service = tierpix.serve().await;
    let ready = service.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert_eq!(ready.json()["status"], "not ready");
    assert_eq!(service.get("/healthz").await.status, 200);
    server.start_again();
    assert_eq!(service.get("/readyz").await.status, 200);
    assert_eq!(upload(&service, photo()).await.status, 201);
}

#[actix_web::test]
async fn while_the_bucket_is_away_requests_are_put_off_and_nothing_is_stored() {
    let mut server = S3Server::start();
    let tierpix = installation(&server).await;
    let service = tierpix.serve().await;
    let before = upload(&service, photo()).await;
    server.stop();
    let url = before.url_of("original");
    let (read, uploaded) = join(service.get(&url), upload(&service, photo())).await;
    for answer in [read, uploaded] {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.json()["code"], "unavailable");
        assert_ne!(answer.header("retry-after"), "");
    }
    server.start_again();
    assert_eq!(service.get(&url).await.body, photo());
    let database = tierpix.connect().await;
    let count = database.query_one("SELECT count(*) FROM images", &[]).await;
    assert_eq!(count.unwrap().get::<_, i64>(0), 1);
    let name = url.rsplit('/').next().unwrap();
    assert!(!tierpix.log().contains(name), "the log opens pictures");
}

#[actix_web::test]
async fn the_bucket_is_compared_with_the_rows() {
    let server = S3Server::start();
    let tierpix = installation(&server).await;
    let service = tierpix.serve().await;
    upload(&service, photo()).await;
    eventually("the service is ready", async || {
        service.get("/readyz").await.status == 200
    })
    .await;
    service.stop().await;
    let clean = tierpix.run("storage reconcile --verify").await.done();
    assert!(clean.starts_with("0 orphaned files, "), "{clean}");

    let foreign = server.file(&format!("{PREFIX}/000/letter.txt"));
    fs::create_dir_all(foreign.parent().unwrap()).unwrap();
    fs::write(&foreign, "somebody else's").unwrap();
    let then = SystemTime::now() - Duration::from_secs(3_700);
    let file = File::options().write(true).open(&foreign).unwrap();
    file.set_modified(then).unwrap();
    let thumbnail = objects(&server)
        .into_iter()
        .find(|name| name.contains("-200-"))
        .unwrap();
    fs::remove_file(file_of(&server, &thumbnail)).unwrap();

    let found: Outcome = tierpix.run("storage reconcile").await;
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(found.stdout.contains("not tierpix's own: 000/letter.txt\n"));
    assert!(found.stdout.contains("thumbnail missing: "), "{found:?}");
    tierpix.run("storage reconcile --delete").await.done();
    assert!(foreign.exists());
    tierpix.run("storage reconcile --verify").await.done();
}

#[actix_web::test]
async fn pictures_may_lie_in_a_folder_outside_of_the_data_directory() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}/pictures", folder.path().display());
    let tierpix = Installation::new().with("TIERPIX_STORAGE_URL", &url);
    tierpix.add_user("anna", "Premium").await;
    let service = tierpix.serve().await;
    let answer = upload(&service, photo()).await;
    let original = service.get(&answer.url_of("original")).await;
    assert_eq!((original.status, original.body.as_ref()), (200, &*photo()));
    assert_eq!(names_in(&folder.path().join("pictures")).len(), 2);
    assert!(!tierpix.data_dir().join("objects").exists());
}

#[actix_web::test]
async fn a_folder_that_cannot_be_made_is_refused_by_its_setting() {
    let tierpix = Installation::new().with("TIERPIX_STORAGE_URL", "file:///dev/null/pictures");
    let line = tierpix.run("serve").await.refused();
    assert!(
        line.starts_with("TIERPIX_STORAGE_URL: file:///dev/null/pictures: "),
        "{line}"
    );
}
