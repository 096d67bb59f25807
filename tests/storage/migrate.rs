//! `tierpix storage migrate`.

use std::fs;

use crate::{
    harness::{Answer, Installation},
    pictures::Jpeg,
    program::{PREFIX, beside_bucket, file_of, objects, photo, upload},
    server::{BUCKET, S3Server},
};

/// With pictures of two images, one of them too large for one part, in the data directory.
async fn with_pictures(server: &S3Server) -> (Installation, Vec<Answer>) {
    let tierpix = beside_bucket(server).await;
    let service = tierpix.serve().await;
    let mut large = Jpeg::photo(300, 400).encode();
    // Bytes behind the end are no damage.
    large.resize((8 << 20) + 1_000, 7);
    let mut answers = Vec::new();
    for picture in [photo(), large] {
        let answer = upload(&service, picture).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answers.push(answer);
    }
    service.stop().await;
    (tierpix, answers)
}

fn to_bucket() -> String {
    format!("storage migrate --to s3://{BUCKET}/{PREFIX}")
}

#[actix_web::test]
async fn all_pictures_are_copied_and_served_from_there_after_switching_over() {
    let server = S3Server::start();
    let (tierpix, answers) = with_pictures(&server).await;
    let before = tierpix.files();
    let said = tierpix.run(&to_bucket()).await.done();
    assert!(said.starts_with("Copied 6 files (8."), "{said}");
    let url = format!("s3://{BUCKET}/{PREFIX}/");
    let how = format!("set TIERPIX_STORAGE_URL={url}\n");
    assert!(said.contains(&how), "{said}");
    assert_eq!(tierpix.files(), before);
    let again = tierpix.run(&to_bucket()).await.done();
    assert!(again.starts_with("Copied 0 files (0 B) and"), "{again}");
    assert!(again.contains("6 were there before"), "{again}");

    fs::rename(
        tierpix.data_dir().join("objects"),
        tierpix.folder().join("old"),
    )
    .unwrap();
    let tierpix = tierpix.with("TIERPIX_STORAGE_URL", &url);
    let service = tierpix.serve().await;
    let port = |url: &str| url[url.find("/media/").unwrap()..].to_owned();
    for size in ["200px", "400px", "original"] {
        for answer in &answers {
            let found = service.get(&port(&answer.url_of(size))).await;
            assert_eq!(found.status, 200, "{size}");
        }
    }
    let original = service.get(&port(&answers[0].url_of("original"))).await;
    assert_eq!(original.body, photo());
    service.stop().await;
    tierpix.run("storage reconcile --verify").await.done();
}

#[actix_web::test]
async fn run_again_it_copies_what_is_not_there_or_was_altered() {
    let server = S3Server::start();
    let (tierpix, _) = with_pictures(&server).await;
    tierpix.run(&to_bucket()).await.done();
    let there = objects(&server);
    let small = there
        .iter()
        .find(|name| fs::metadata(file_of(&server, name)).unwrap().len() < 100_000);
    fs::write(file_of(&server, small.unwrap()), "altered").unwrap();
    let other = there.iter().find(|name| Some(*name) != small).unwrap();
    fs::remove_file(file_of(&server, other)).unwrap();
    let said = tierpix.run(&to_bucket()).await.done();
    assert!(said.starts_with("Copied 2 files ("), "{said}");
    assert_eq!(objects(&server), there);
}

#[actix_web::test]
async fn what_is_damaged_is_not_copied_and_told_where_it_matters() {
    let server = S3Server::start();
    let (tierpix, _) = with_pictures(&server).await;
    let of = |size: &str| {
        let mut files = tierpix.files();
        files.retain(|path| path.to_string_lossy().contains(size));
        files
    };
    fs::remove_file(&of("-200-")[0]).unwrap();
    let said = tierpix.run(&to_bucket()).await.done();
    assert!(said.starts_with("Copied 5 files ("), "{said}");
    assert!(
        said.contains("\n1 thumbnail missing or altered were left out"),
        "{said}"
    );

    let original = &of("-original-")[0];
    let name = original.file_name().unwrap().to_str().unwrap();
    let mut altered = fs::read(original).unwrap();
    altered[100] ^= 1;
    fs::write(original, altered).unwrap();
    fs::remove_file(file_of(&server, name)).unwrap();
    let failed = tierpix.run(&to_bucket()).await;
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(
        failed
            .stdout
            .starts_with(&format!("original altered: {name}\n"))
    );
    assert!(failed.stderr.contains("from a backup"), "{failed:?}");
    assert!(!file_of(&server, name).exists());
}

#[actix_web::test]
async fn pictures_come_back_from_a_bucket_into_a_folder() {
    let server = S3Server::start();
    let (tierpix, _) = with_pictures(&server).await;
    let before: Vec<_> = tierpix
        .files()
        .iter()
        .map(|file| fs::read(file).unwrap())
        .collect();
    tierpix.run(&to_bucket()).await.done();
    let objects = tierpix.data_dir().join("objects");
    fs::remove_dir_all(&objects).unwrap();
    let tierpix = tierpix.with("TIERPIX_STORAGE_URL", &format!("s3://{BUCKET}/{PREFIX}"));
    let back = format!("storage migrate --to file://{}", objects.display());
    let said = tierpix.run(&back).await.done();
    assert!(said.starts_with("Copied 6 files ("), "{said}");
    let after: Vec<_> = tierpix
        .files()
        .iter()
        .map(|file| fs::read(file).unwrap())
        .collect();
    assert!(after == before);
}

#[actix_web::test]
async fn a_place_that_cannot_be_written_to_is_told_before_anything_is_copied() {
    let mut server = S3Server::start();
    let tierpix = beside_bucket(&server).await;
    tierpix.serve().await.stop().await;
    server.stop();
    let line = tierpix.run(&to_bucket()).await.refused();
    assert!(
        line.starts_with(&format!("--to s3://{BUCKET}/{PREFIX}/: ")),
        "{line}"
    );
}
