//! Mistakes of operators whose pictures are in a bucket.

use std::fs;

use crate::{
    harness::Installation,
    program::{PREFIX, file_of, installation, objects, photo, upload},
    server::{BUCKET, S3Server},
};

#[actix_web::test]
async fn a_bucket_that_holds_other_things_is_refused_with_a_prefix_to_name() {
    let server = S3Server::start();
    let others = [
        "db-backups/2026-11-28.sql.gz",
        "website/index.html",
        "terraform.tfstate",
        "photos/family.jpg",
    ];
    for key in others {
        let file = server.file(key);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "somebody's").unwrap();
    }
    let mut tierpix = Installation::new();
    for (name, value) in server.variables() {
        tierpix = tierpix.with(&name, &value);
    }
    let tierpix = tierpix.with("TIERPIX_STORAGE_URL", &format!("s3://{BUCKET}"));
    let line = tierpix.run("serve").await.refused_after_log();
    assert!(line.contains(&format!("s3://{BUCKET}/tierpix")), "{line}");
    let tierpix = tierpix.with("TIERPIX_STORAGE_URL", &format!("s3://{BUCKET}/tierpix"));
    tierpix.serve().await.stop().await;
    assert!(others.iter().all(|key| server.file(key).exists()));
}

#[actix_web::test]
async fn a_second_site_on_the_bucket_of_another_one_is_refused() {
    let server = S3Server::start();
    let tierpix = installation(&server).await;
    let service = tierpix.serve().await;
    assert_eq!(upload(&service, photo()).await.status, 201);
    let before = objects(&server);
    let other = installation(&server).await;
    let line = other.run("serve").await.refused();
    assert!(line.contains("belongs to the site"), "{line}");
    assert_eq!(objects(&server), before);
    service.stop().await;
}

#[actix_web::test]
async fn another_bucket_than_that_of_the_images_is_refused_and_while_it_is_gone_nothing_is_missing()
{
    let server = S3Server::start();
    let tierpix = installation(&server).await;
    let service = tierpix.serve().await;
    let uploaded = upload(&service, photo()).await;
    let marker = server.file(&format!("{PREFIX}/tierpix-site.json"));
    let kept = fs::read(&marker).unwrap();
    fs::remove_file(&marker).unwrap();
    let name = uploaded.url_of("original");
    fs::remove_file(file_of(&server, name.rsplit('/').next().unwrap())).unwrap();
    assert_eq!(service.get("/readyz").await.status, 503);
    assert_eq!(service.get(&name).await.status, 503);
    fs::write(&marker, kept).unwrap();
    assert_eq!(service.get("/readyz").await.status, 200);
    assert_eq!(service.get(&name).await.status, 404);
    service.stop().await;
    let elsewhere = format!("serve --storage-url s3://{BUCKET}/elsewhere");
    let line = tierpix.run(&elsewhere).await.refused();
    assert!(line.contains("right folder or bucket"), "{line}");
}

#[actix_web::test]
async fn a_backup_of_a_bucket_is_restored_into_another_one() {
    let server = S3Server::start();
    let tierpix = installation(&server).await;
    let service = tierpix.serve().await;
    let uploaded = upload(&service, photo()).await;
    let folder = tierpix.folder().join("backup");
    let line = format!("backup {}", folder.display());
    tierpix.run(&line).await.done();
    tierpix.run(&line).await.done();
    service.stop().await;

    let other = S3Server::start();
    let mut restored = Installation::new();
    for (name, value) in other.variables() {
        restored = restored.with(&name, &value);
    }
    let restored = restored.with("TIERPIX_STORAGE_URL", &format!("s3://{BUCKET}/elsewhere"));
    let line = format!("restore {}", folder.display());
    let said = restored.run(&line).await.done();
    assert!(said.contains("\n0 orphaned files, "), "{said}");
    let service = restored.serve().await;
    let original = uploaded.url_of("original");
    let path = &original[original.find("/media/").unwrap()..];
    assert_eq!(service.get(path).await.body, photo());
    service.stop().await;
}
