//! `tierpix backup` and `tierpix restore`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use reqwest::multipart::{Form, Part};

use crate::{
    harness::{Answer, Installation, Service, eventually, names_in, objects_in},
    pictures::Jpeg,
};

fn photo(width: u32) -> Vec<u8> {
    Jpeg::photo(width, 240).encode()
}

/// Uploads a picture of this width, with a link.
async fn upload(service: &Service, width: u32) -> Answer {
    let form = Form::new()
        .part("image", Part::bytes(photo(width)).file_name("photo.jpg"))
        .text("expiring_time_seconds", "3600");
    let answer = service.upload_form("anna", "anna-password", form).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer
}

async fn delete(service: &Service, uploaded: &Answer) {
    let request = service.request("DELETE", uploaded.header("location"));
    let deleted = Answer::of(request.basic_auth("anna", Some("anna-password"))).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
}

/// With a user, in a place of its own.
async fn installation() -> Installation {
    let tierpix = Installation::migrated().await;
    tierpix.add_user("anna", "Enterprise").await;
    tierpix
}

/// The folder of backups of an installation.
fn folder(tierpix: &Installation) -> PathBuf {
    tierpix.folder().join("backup")
}

fn line(command: &str, folder: &Path) -> String {
    format!("{command} {}", folder.display())
}

async fn back_up(tierpix: &Installation) -> String {
    let said = tierpix.run(&line("backup", &folder(tierpix))).await.done();
    assert!(said.starts_with("Made the snapshot "), "{said}");
    said
}

async fn restore(tierpix: &Installation, folder: &Path) {
    let said = tierpix.run(&line("restore", folder)).await.done();
    assert!(said.contains("\n0 orphaned files, "), "{said}");
}

/// How many objects are in a folder that may not be there yet.
fn copied(objects: &Path) -> usize {
    if objects.is_dir() {
        objects_in(objects).len()
    } else {
        0
    }
}

/// The picture, its thumbnails and its link are there, under the address of this service.
async fn is_served(service: &Service, uploaded: &Answer, width: u32) {
    let path = |url: String| {
        let (_, rest) = url.split_once("://").unwrap();
        rest[rest.find('/').unwrap()..].to_owned()
    };
    for size in ["200px", "400px"] {
        let thumbnail = service.get(&path(uploaded.url_of(size))).await;
        assert_eq!(thumbnail.status, 200, "{size}");
    }
    for url in [uploaded.url_of("original"), uploaded.link()] {
        let original = service.get(&path(url)).await;
        assert_eq!(
            (original.status, &original.body[..]),
            (200, &photo(width)[..])
        );
    }
}

#[actix_web::test]
async fn a_backup_of_a_running_service_is_restored_with_its_pictures_users_and_links() {
    let tierpix = installation().await;
    let service = tierpix.serve().await;
    let uploaded = upload(&service, 320).await;
    back_up(&tierpix).await;
    service.stop().await;
    for other in [Installation::new(), Installation::on_another_server().await] {
        restore(&other, &folder(&tierpix)).await;
        let service = other.serve().await;
        is_served(&service, &uploaded, 320).await;
        upload(&service, 330).await;
        service.stop().await;
    }
}

#[actix_web::test]
async fn a_later_backup_copies_what_is_new_and_each_can_be_restored() {
    let tierpix = installation().await;
    let service = tierpix.serve().await;
    let first = upload(&service, 320).await;
    back_up(&tierpix).await;
    let objects = folder(&tierpix).join("objects");
    let modified = |name: &str| {
        let path = objects.join(&name[29..32]).join(name);
        fs::metadata(path).unwrap().modified().unwrap()
    };
    let original = first.url_of("original");
    let name = original.rsplit('/').next().unwrap();
    let before = modified(name);
    let second = upload(&service, 330).await;
    delete(&service, &first).await;
    // The names of snapshots have seconds.
    eventually("the next snapshot has a name of its own", async || {
        back_up(&tierpix).await;
        names_in(&folder(&tierpix).join("snapshots")).len() == 2
    })
    .await;
    assert_eq!(modified(name), before);
    service.stop().await;

    let newest = Installation::new();
    restore(&newest, &folder(&tierpix)).await;
    let service = newest.serve().await;
    is_served(&service, &second, 330).await;
    let path = original[original.find("/media/").unwrap()..].to_owned();
    assert_eq!(service.get(&path).await.status, 404);
    service.stop().await;

    let earlier = Installation::new();
    let snapshots = names_in(&folder(&tierpix).join("snapshots"));
    let command = format!("restore --snapshot {}", snapshots[0]);
    earlier.run(&line(&command, &folder(&tierpix))).await.done();
    let service = earlier.serve().await;
    is_served(&service, &first, 320).await;
    service.stop().await;
}

#[actix_web::test]
async fn while_pictures_come_and_go_a_backup_is_consistent() {
    let tierpix = installation().await;
    let service = tierpix.serve().await;
    for width in 0..20 {
        upload(&service, 300 + width).await;
    }
    let mut backup = tierpix
        .command(["backup", folder(&tierpix).to_str().unwrap()])
        .spawn()
        .unwrap();
    let mut uploaded = Vec::new();
    while backup.try_wait().unwrap().is_none() {
        uploaded.push(upload(&service, 340).await);
        if uploaded.len() > 2 {
            delete(&service, &uploaded.remove(0)).await;
        }
    }
    assert!(backup.wait().await.unwrap().success());
    service.stop().await;
    restore(&Installation::new(), &folder(&tierpix)).await;
}

#[actix_web::test]
async fn a_backup_that_was_killed_goes_on_and_leaves_no_half_snapshot() {
    let tierpix = installation().await;
    let service = tierpix.serve().await;
    for width in 0..30 {
        upload(&service, 300 + width).await;
    }
    let target = folder(&tierpix);
    let objects = target.join("objects");
    for files in [1, 20, 60] {
        let mut backup = tierpix
            .command(["backup", target.to_str().unwrap()])
            .spawn()
            .unwrap();
        eventually("some files were copied", async || {
            copied(&objects) >= files || backup.try_wait().unwrap().is_some()
        })
        .await;
        // It may have ended.
        let _ = backup.start_kill();
        backup.wait().await.unwrap();
    }
    back_up(&tierpix).await;
    service.stop().await;
    let snapshots = names_in(&target.join("snapshots"));
    assert!(
        snapshots.iter().all(|name| name.ends_with('Z')),
        "{snapshots:?}"
    );
    restore(&Installation::new(), &target).await;
}

#[actix_web::test]
async fn a_restore_that_was_killed_goes_on_and_nothing_is_served_before_its_end() {
    let tierpix = installation().await;
    let service = tierpix.serve().await;
    let uploaded = upload(&service, 299).await;
    for width in 0..30 {
        upload(&service, 300 + width).await;
    }
    back_up(&tierpix).await;
    service.stop().await;
    let other = Installation::on_another_server().await;
    let mut child = other
        .command(["restore", folder(&tierpix).to_str().unwrap()])
        .spawn()
        .unwrap();
    let objects = other.data_dir().join("objects");
    eventually("some files were copied", async || copied(&objects) > 5).await;
    child.start_kill().unwrap();
    child.wait().await.unwrap();
    for line in ["serve", "migrate", "user list"] {
        let refused = other.run(line).await.refused();
        assert!(
            refused.contains("run `tierpix restore "),
            "{line}: {refused}"
        );
    }
    restore(&other, &folder(&tierpix)).await;
    let service = other.serve().await;
    is_served(&service, &uploaded, 299).await;
    service.stop().await;
}

#[actix_web::test]
async fn a_restore_into_a_place_that_is_not_empty_is_refused() {
    let tierpix = installation().await;
    let service = tierpix.serve().await;
    upload(&service, 320).await;
    back_up(&tierpix).await;
    service.stop().await;
    let command = line("restore", &folder(&tierpix));
    let refused = tierpix.run(&command).await.refused();
    assert!(refused.contains("the database is not empty"), "{refused}");
    // Neither did it change anything there, nor does it with another, empty storage.
    tierpix.serve().await.stop().await;
    let elsewhere = format!(
        "{command} --storage-url file://{}",
        tierpix.folder().join("fresh").display()
    );
    let refused = tierpix.run(&elsewhere).await.refused();
    assert!(refused.contains("the database is not empty"), "{refused}");
    tierpix.serve().await.stop().await;

    let used = installation().await;
    let refused = used.run(&command).await.refused();
    assert!(refused.contains("the database is not empty"), "{refused}");

    let other = Installation::new();
    fs::create_dir_all(other.data_dir().join("objects")).unwrap();
    fs::write(other.data_dir().join("objects/wedding.png"), "mine").unwrap();
    let refused = other.run(&command).await.refused();
    assert!(refused.contains("wedding.png"), "{refused}");
}

#[actix_web::test]
async fn a_folder_that_is_no_backup_or_one_of_another_site_is_refused() {
    let tierpix = installation().await;
    tierpix.serve().await.stop().await;
    back_up(&tierpix).await;
    let other = installation().await;
    other.serve().await.stop().await;
    let refused = other
        .run(&line("backup", &folder(&tierpix)))
        .await
        .refused();
    assert!(refused.contains("is a backup of the site"), "{refused}");

    let pictures = other.folder().join("pictures");
    fs::create_dir(&pictures).unwrap();
    fs::write(pictures.join("wedding.png"), "mine").unwrap();
    let refused = other.run(&line("backup", &pictures)).await.refused();
    assert!(refused.contains("neither empty nor a backup"), "{refused}");
    let refused = other.run(&line("restore", &pictures)).await.refused();
    assert!(refused.contains("holds no backup"), "{refused}");
}

#[actix_web::test]
async fn an_original_that_was_altered_is_told_by_the_backup() {
    let tierpix = installation().await;
    let service = tierpix.serve().await;
    let uploaded = upload(&service, 320).await;
    service.stop().await;
    let original = uploaded.url_of("original");
    let name = original.rsplit('/').next().unwrap();
    let file = tierpix
        .files()
        .into_iter()
        .find(|file| file.ends_with(name))
        .unwrap();
    let mut altered = fs::read(&file).unwrap();
    altered[100] ^= 1;
    fs::write(file, altered).unwrap();
    let told = tierpix.run(&line("backup", &folder(&tierpix))).await;
    assert_eq!(told.code, Some(1), "{told:?}");
    let named = format!("original missing or altered: {name}\n");
    assert!(told.stdout.contains(&named), "{told:?}");
}

#[actix_web::test]
async fn a_backup_goes_into_no_folder_with_something_else_and_into_nothing_that_is_backed_up() {
    let tierpix = installation().await;
    tierpix.serve().await.stop().await;
    let documents = tierpix.folder().join("documents");
    for file in ["README.txt", "snapshots/my.partial/file", "spool/mine"] {
        let file = documents.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "mine").unwrap();
    }
    let refused = tierpix.run(&line("backup", &documents)).await.refused();
    assert!(refused.contains("neither empty nor a backup"), "{refused}");
    assert!(documents.join("snapshots/my.partial/file").exists());
    assert!(documents.join("spool/mine").exists());
    for place in ["", "objects/backup", "spool", "postgres/backup"] {
        let place = tierpix.data_dir().join(place);
        let refused = tierpix.run(&line("backup", &place)).await.refused();
        assert!(refused.contains("part of what is backed up"), "{refused}");
    }
}

#[actix_web::test]
async fn a_secret_that_is_lost_is_not_replaced_in_the_service_nor_in_its_backup() {
    let tierpix = installation().await;
    tierpix.serve().await.stop().await;
    back_up(&tierpix).await;
    let (key, kept) = (
        tierpix.data_dir().join("secret.key"),
        folder(&tierpix).join("secret.key"),
    );
    let secret = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let refused = tierpix.run("serve").await.refused();
    assert!(refused.contains("TIERPIX_SECRET_KEY"), "{refused}");
    fs::write(&key, "another secret, as long as it has to be").unwrap();
    let refused = tierpix
        .run(&line("backup", &folder(&tierpix)))
        .await
        .refused();
    assert!(refused.contains("another secret"), "{refused}");
    assert_eq!(fs::read(kept).unwrap(), secret);
}
