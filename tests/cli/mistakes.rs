//! Mistakes of operators. None of them may cost a picture.

use std::{fs, path::PathBuf};

use crate::{
    harness::{Answer, Installation, Service, eventually, names_in},
    pictures::Jpeg,
};

/// With a user and an image in a folder of its own beside the data directory.
async fn with_an_image() -> (Installation, Answer) {
    let tierpix = Installation::on_another_server().await;
    let storage = format!("file://{}", tierpix.folder().join("pictures").display());
    let tierpix = tierpix.with("TIERPIX_STORAGE_URL", &storage);
    tierpix.run("migrate").await.done();
    tierpix.add_user("anna", "Premium").await;
    let service = tierpix.serve().await;
    let uploaded = upload(&service).await;
    assert_eq!(uploaded.status, 201, "{uploaded:?}");
    service.stop().await;
    (tierpix, uploaded)
}

async fn upload(service: &Service) -> Answer {
    let picture = Jpeg::photo(320, 240).encode();
    service.upload("anna", "anna-password", picture).await
}

/// Another installation that uses the same folder.
fn beside(tierpix: &Installation, other: Installation) -> Installation {
    other.with(
        "TIERPIX_STORAGE_URL",
        tierpix.variable("TIERPIX_STORAGE_URL"),
    )
}

fn pictures(tierpix: &Installation) -> PathBuf {
    tierpix.folder().join("pictures")
}

/// Every file below a folder.
fn all_files(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for name in names_in(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            files.extend(all_files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

fn path_of(url: &str) -> &str {
    &url[url.find("/media/").unwrap()..]
}

async fn is_ready(service: &Service) -> bool {
    service.get("/readyz").await.status == 200
}

#[actix_web::test]
async fn a_second_site_on_the_storage_of_another_one_is_refused_and_both_are_named() {
    let (tierpix, _) = with_an_image().await;
    let before = all_files(&pictures(&tierpix));
    let other = beside(&tierpix, Installation::on_another_server().await);
    other.run("migrate").await.done();
    let line = other.run("serve").await.refused();
    let id = |client: tokio_postgres::Client| async move {
        let id = client.query_one("SELECT id::text FROM site", &[]).await;
        id.unwrap().get::<_, String>(0)
    };
    for database in [tierpix.connect().await, other.connect().await] {
        let id = id(database).await;
        assert!(line.contains(&id), "{line}: {id}");
    }
    let line = other
        .run("storage reconcile --delete --yes")
        .await
        .refused();
    assert!(line.contains("belongs to the site"), "{line}");
    assert_eq!(all_files(&pictures(&tierpix)), before);
}

#[actix_web::test]
async fn a_service_that_lost_its_database_url_does_not_touch_the_pictures_in_its_data_directory() {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    tierpix.add_user("anna", "Premium").await;
    let service = tierpix.serve().await;
    assert_eq!(upload(&service).await.status, 201);
    service.stop().await;
    let before = all_files(&tierpix.data_dir().join("objects"));
    let without = tierpix.without("DATABASE_URL");
    let line = without.run("serve").await.refused_after_log();
    assert!(line.contains("DATABASE_URL"), "{line}");
    assert_eq!(all_files(&without.data_dir().join("objects")), before);
}

#[actix_web::test]
async fn a_folder_with_files_of_somebody_else_is_refused_with_another_one_to_name() {
    let tierpix = Installation::new();
    let folder = tierpix.folder().join("Pictures");
    for name in [
        "wedding.png",
        "2024/holiday.png",
        "0ab/cat.png",
        "README.txt",
    ] {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "somebody's").unwrap();
    }
    let before = all_files(&folder);
    let url = format!("file://{}", folder.display());
    let tierpix = tierpix.with("TIERPIX_STORAGE_URL", &url);
    let line = tierpix.run("serve").await.refused_after_log();
    assert!(line.contains(&format!("{url}/tierpix")), "{line}");
    assert_eq!(all_files(&folder), before);
    let below = tierpix.with("TIERPIX_STORAGE_URL", &format!("{url}/tierpix"));
    below.serve().await.stop().await;
    let after = all_files(&folder);
    assert!(before.iter().all(|file| after.contains(file)));
}

#[actix_web::test]
async fn a_storage_on_a_disk_that_is_not_mounted_is_refused_at_a_start() {
    let (tierpix, uploaded) = with_an_image().await;
    let (folder, disk) = (pictures(&tierpix), tierpix.folder().join("disk"));
    fs::rename(&folder, &disk).unwrap();
    for mount_point in [false, true] {
        if mount_point {
            fs::create_dir(&folder).unwrap();
        }
        let line = tierpix.run("serve").await.refused();
        assert!(line.contains("mounted"), "{line}");
    }
    fs::remove_dir(&folder).unwrap();
    fs::rename(&disk, &folder).unwrap();
    let service = tierpix.serve().await;
    let original = uploaded.url_of("original");
    assert_eq!(service.get(path_of(&original)).await.status, 200);
    service.stop().await;
}

#[actix_web::test]
async fn while_its_disk_is_away_a_service_is_not_ready_and_says_of_no_picture_that_it_is_gone() {
    let (tierpix, uploaded) = with_an_image().await;
    let service = tierpix.serve().await;
    assert!(is_ready(&service).await);
    let (folder, disk) = (pictures(&tierpix), tierpix.folder().join("disk"));
    fs::rename(&folder, &disk).unwrap();
    fs::create_dir(&folder).unwrap();
    let answer = service.get("/readyz").await;
    assert_eq!(answer.status, 503);
    let cause = answer.json()["causes"][0].as_str().unwrap().to_owned();
    assert!(cause.starts_with("storage: "), "{cause}");
    let original = uploaded.url_of("original");
    assert_eq!(service.get(path_of(&original)).await.status, 503);
    assert_eq!(upload(&service).await.status, 503);
    assert_eq!(names_in(&folder), Vec::<String>::new());
    fs::remove_dir(&folder).unwrap();
    fs::rename(&disk, &folder).unwrap();
    assert!(is_ready(&service).await);
    assert_eq!(service.get(path_of(&original)).await.status, 200);
    assert_eq!(upload(&service).await.status, 201);
    service.stop().await;
}

#[actix_web::test]
async fn a_storage_of_before_there_were_markers_gets_its_own_once_where_its_images_are() {
    let (tierpix, _) = with_an_image().await;
    let marker = pictures(&tierpix).join("tierpix-site.json");
    let earlier = "UPDATE site SET storage_id = NULL, storage_url = NULL";
    let database = tierpix.connect().await;
    fs::remove_file(&marker).unwrap();
    database.batch_execute(earlier).await.unwrap();
    let empty = format!("file://{}", tierpix.folder().join("empty").display());
    let elsewhere = format!("storage reconcile --storage-url {empty}");
    let line = tierpix.run(&elsewhere).await.refused();
    assert!(line.contains("tierpix-site.json"), "{line}");
    tierpix.run("storage reconcile --verify").await.done();
    assert!(marker.exists());
    // Whoever loses it afterwards has to say that it is the right place.
    fs::remove_file(&marker).unwrap();
    tierpix.run("serve").await.refused();
    tierpix.run("storage claim").await.done();
    tierpix.serve().await.stop().await;
}

#[actix_web::test]
async fn a_copy_of_the_database_is_refused_until_it_claims_the_storage_and_then_the_first_one_is() {
    let (tierpix, _) = with_an_image().await;
    let url = tierpix.variable("DATABASE_URL").to_owned();
    let name = url.rsplit('\'').nth(1).unwrap().to_owned();
    let admin = tierpix.connect_to(&url.replace(&name, "postgres")).await;
    let copy = format!("CREATE DATABASE {name}_copy TEMPLATE {name}");
    eventually("nobody is connected any more", async || {
        admin.batch_execute(&copy).await.is_ok()
    })
    .await;
    let other =
        Installation::new().with("DATABASE_URL", &url.replace(&name, &format!("{name}_copy")));
    let other = beside(&tierpix, other);
    let line = other.run("serve").await.refused();
    assert!(line.contains("tierpix storage claim"), "{line}");

    let service = tierpix.serve().await;
    assert!(is_ready(&service).await);
    other.run("storage claim --yes").await.done();
    assert!(!is_ready(&service).await);
    service.stop().await;
    let line = tierpix.run("serve").await.refused();
    assert!(line.contains("another copy of this database"), "{line}");
    other.serve().await.stop().await;
}

#[actix_web::test]
async fn a_storage_without_the_images_of_the_database_cannot_be_claimed() {
    let (tierpix, _) = with_an_image().await;
    let empty = tierpix.folder().join("empty");
    let claim = format!("storage claim --storage-url file://{}", empty.display());
    let line = tierpix.run(&claim).await.refused();
    assert!(line.contains("mounted"), "{line}");
    let other = beside(&tierpix, Installation::on_another_server().await);
    other.run("migrate").await.done();
    let line = other.run("storage claim").await.refused();
    assert!(line.contains("belongs to the site"), "{line}");
    tierpix.serve().await.stop().await;
}

#[actix_web::test]
async fn after_a_move_to_another_storage_the_one_that_was_left_says_where_the_site_is() {
    let (tierpix, _) = with_an_image().await;
    let new = format!("file://{}", tierpix.folder().join("new").display());
    tierpix
        .run(&format!("storage migrate --to {new}"))
        .await
        .done();
    let left = fs::read_to_string(pictures(&tierpix).join("tierpix-site.json")).unwrap();
    let left: serde_json::Value = serde_json::from_str(&left).unwrap();
    assert_eq!(left["copied_to"], new);
    // Nothing is switched over yet.
    tierpix.serve().await.stop().await;

    let moved = format!("--storage-url {new}");
    tierpix.serve_with(&moved).await.stop().await;
    let line = tierpix.run("serve").await.refused();
    assert!(
        line.contains(&format!("TIERPIX_STORAGE_URL={new}")),
        "{line}"
    );
}

#[actix_web::test]
async fn a_copy_that_was_not_ended_is_not_served_from() {
    let (tierpix, uploaded) = with_an_image().await;
    let original = uploaded.url_of("original");
    let name = original.rsplit('/').next().unwrap();
    let file = pictures(&tierpix).join(&name[29..32]).join(name);
    let (new, away) = (tierpix.folder().join("new"), tierpix.folder().join("away"));
    fs::rename(&file, &away).unwrap();
    let migrate = format!("storage migrate --to file://{}", new.display());
    assert_eq!(tierpix.run(&migrate).await.code, Some(1));
    let serve = format!("serve --storage-url file://{}", new.display());
    let line = tierpix.run(&serve).await.refused();
    assert!(line.contains("tierpix storage migrate"), "{line}");
    fs::rename(&away, &file).unwrap();
    tierpix.run(&migrate).await.done();
    let moved = format!("--storage-url file://{}", new.display());
    tierpix.serve_with(&moved).await.stop().await;
}

#[actix_web::test]
async fn a_copy_of_the_data_directory_that_uses_the_same_storage_is_refused() {
    let tierpix = Installation::new();
    let storage = format!("file://{}", tierpix.folder().join("pictures").display());
    let tierpix = tierpix.with("TIERPIX_STORAGE_URL", &storage);
    let service = tierpix.serve().await;
    let (password, picture) = (
        service.admin_password().to_owned(),
        Jpeg::photo(320, 240).encode(),
    );
    let uploaded = service.upload("admin", &password, picture).await;
    assert_eq!(uploaded.status, 201, "{uploaded:?}");
    service.stop().await;
    let copy = tierpix.folder().join("copy");
    let (from, to) = (tierpix.data_dir(), copy.clone());
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .args([from, to])
        .status();
    assert!(copied.unwrap().success());

    let service = tierpix.serve().await;
    let serve = format!("serve --data-dir {}", copy.display());
    let line = tierpix.run(&serve).await.refused_after_log();
    assert!(line.contains("another copy of this database"), "{line}");
    assert!(is_ready(&service).await);
    let original = uploaded.url_of("original");
    assert_eq!(service.get(path_of(&original)).await.status, 200);
    service.stop().await;
}

#[actix_web::test]
async fn a_service_whose_storage_is_another_site_s_all_at_once_takes_and_removes_nothing() {
    let (tierpix, uploaded) = with_an_image().await;
    let (other, _) = with_an_image().await;
    let service = tierpix.serve().await;
    let (folder, away) = (pictures(&tierpix), tierpix.folder().join("away"));
    fs::rename(&folder, &away).unwrap();
    fs::rename(pictures(&other), &folder).unwrap();
    let before = all_files(&folder);
    eventually("it is noticed", async || {
        upload(&service).await.status == 503
    })
    .await;
    assert!(!is_ready(&service).await);
    let after: Vec<_> = all_files(&folder);
    assert!(before.iter().all(|file| after.contains(file)));
    fs::rename(&folder, pictures(&other)).unwrap();
    fs::rename(&away, &folder).unwrap();
    eventually("it goes on", async || upload(&service).await.status == 201).await;
    let original = uploaded.url_of("original");
    assert_eq!(service.get(path_of(&original)).await.status, 200);
    service.stop().await;
}

#[actix_web::test]
async fn a_copy_of_the_storage_that_lacks_the_newest_pictures_is_not_switched_to() {
    let (tierpix, _) = with_an_image().await;
    let new = format!("file://{}", tierpix.folder().join("new").display());
    let migrate = format!("storage migrate --to {new}");
    tierpix.run(&migrate).await.done();
    let service = tierpix.serve().await;
    assert_eq!(upload(&service).await.status, 201);
    service.stop().await;
    let line = tierpix
        .run(&format!("serve --storage-url {new}"))
        .await
        .refused();
    assert!(
        line.contains("run `tierpix storage migrate` again"),
        "{line}"
    );
    tierpix.run(&migrate).await.done();
    tierpix
        .serve_with(&format!("--storage-url {new}"))
        .await
        .stop()
        .await;
}

#[actix_web::test]
async fn a_command_without_the_storage_of_its_service_is_refused_and_names_it() {
    let (tierpix, _) = with_an_image().await;
    let storage = tierpix.variable("TIERPIX_STORAGE_URL").to_owned();
    let without = tierpix.without("TIERPIX_STORAGE_URL");
    let line = without.run("user list").await.refused();
    assert!(
        line.contains(&storage) && line.contains("TIERPIX_STORAGE_URL"),
        "{line}"
    );
}
