//! Root on the data of a service that runs as another user.
//!
//! These tests need root to begin with, as containers of CI have; as another user they see that nothing changes.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use nix::unistd::{Uid, User, chown};

use crate::{
    harness::{Installation, Outcome, Service, programs},
    pictures::Jpeg,
};

/// The account of the service: one that every system has.
fn account() -> Option<User> {
    if !Uid::effective().is_root() {
        return None;
    }
    Some(User::from_name("nobody").unwrap().unwrap())
}

/// A data directory of the account, with a user and an image that its service took. The program becomes the account by itself.
async fn installation(account: &User) -> (Installation, String) {
    let tierpix = Installation::new();
    fs::create_dir(tierpix.data_dir()).unwrap();
    chown(&tierpix.data_dir(), Some(account.uid), Some(account.gid)).unwrap();
    let service = tierpix.serve().await;
    let password = service.admin_password().to_owned();
    upload(&service, &password).await;
    service.stop().await;
    (tierpix, password)
}

async fn upload(service: &Service, password: &str) {
    let picture = Jpeg::photo(320, 240).encode();
    let answer = service.upload("admin", password, picture).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

/// Everything in a folder that somebody else owns.
fn not_owned_by(account: &User, folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let metadata = entry.metadata().unwrap();
        if metadata.uid() != account.uid.as_raw() {
            found.push(entry.path());
        }
        if metadata.is_dir() {
            found.extend(not_owned_by(account, &entry.path()));
        }
    }
    found
}

#[actix_web::test]
async fn what_root_does_on_the_data_of_another_user_is_done_as_that_user() {
    let Some(account) = account() else { return };
    let (tierpix, password) = installation(&account).await;
    tierpix
        .run("tier set Enterprise --heights 200,400,600")
        .await;
    let backfill = tierpix.run("thumbnails backfill").await;
    assert!(backfill.stderr.contains("runs as nobody"), "{backfill:?}");
    backfill.done();
    assert_eq!(
        not_owned_by(&account, &tierpix.data_dir()),
        [] as [std::path::PathBuf; 0]
    );
    let service = tierpix.serve().await;
    upload(&service, &password).await;
    service.stop().await;
    assert_eq!(
        not_owned_by(&account, &tierpix.data_dir()),
        [] as [std::path::PathBuf; 0]
    );
}

#[actix_web::test]
async fn the_first_command_in_an_empty_folder_of_another_user_is_done_as_that_user() {
    let Some(account) = account() else { return };
    let tierpix = Installation::new();
    fs::create_dir(tierpix.data_dir()).unwrap();
    chown(&tierpix.data_dir(), Some(account.uid), Some(account.gid)).unwrap();
    tierpix.run("migrate").await.done();
    assert_eq!(
        not_owned_by(&account, &tierpix.data_dir()),
        [] as [std::path::PathBuf; 0]
    );
}

#[actix_web::test]
async fn a_folder_of_objects_that_root_made_is_told_with_its_owner_and_what_mends_it() {
    let Some(account) = account() else { return };
    let (tierpix, password) = installation(&account).await;
    let folder = tierpix.data_dir().join("objects/0ab");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    chown(&folder, Some(Uid::from_raw(0)), None).unwrap();
    let serve = tierpix.run("serve").await;
    assert_eq!(serve.code, Some(1));
    let last = serve.stderr.lines().last().unwrap();
    let mending = format!("`chown -R nobody: {}`", folder.display());
    assert!(
        last.contains("belongs to root") && last.contains(&mending),
        "{last}"
    );
    chown(&folder, Some(account.uid), Some(account.gid)).unwrap();
    let service = tierpix.serve().await;
    upload(&service, &password).await;
    service.stop().await;
}

#[actix_web::test]
async fn an_embedded_database_that_root_restored_is_told_with_what_mends_it() {
    let Some(account) = account() else { return };
    let (tierpix, _) = installation(&account).await;
    let cluster = tierpix.data_dir().join("postgres/cluster");
    chown(&cluster, Some(Uid::from_raw(0)), None).unwrap();
    let serve = tierpix.run("serve").await;
    assert_eq!(serve.code, Some(1));
    let last = serve.stderr.lines().last().unwrap();
    let mending = format!("`chown -R nobody: {}`", cluster.display());
    assert!(last.contains(&mending), "{last}");
}

/// The wrapper for commands, with the places of this installation in it.
fn wrapper(tierpix: &Installation) -> std::path::PathBuf {
    let text = include_str!("../../deploy/systemd/tierpix-ctl")
        .replace("/usr/local/bin/tierpix", env!("CARGO_BIN_EXE_tierpix"))
        .replace(
            "/etc/tierpix/environment",
            &tierpix.folder().join("environment").display().to_string(),
        )
        .replace(
            "/var/lib/tierpix",
            &tierpix.data_dir().display().to_string(),
        );
    let path = tierpix.folder().join("tierpix-ctl");
    fs::write(&path, text).unwrap();
    path
}

#[actix_web::test]
async fn the_wrapper_runs_commands_with_the_settings_of_the_unit_as_its_user() {
    if !Uid::effective().is_root() {
        return;
    }
    // Who may enter the folder of the test's database server.
    let (_, uid, _) = programs().await;
    let account = User::from_uid(Uid::from_raw(uid)).unwrap().unwrap();
    let tierpix = Installation::on_another_server().await;
    fs::create_dir(tierpix.data_dir()).unwrap();
    chown(&tierpix.data_dir(), Some(account.uid), Some(account.gid)).unwrap();
    let settings = format!(
        "# the service's\nDATABASE_URL=\"{}\"\n",
        tierpix.variable("DATABASE_URL")
    );
    fs::write(tierpix.folder().join("environment"), settings).unwrap();
    let run = |line: &'static str| {
        let mut command = tokio::process::Command::new("sh");
        command
            .arg(wrapper(&tierpix))
            .args(line.split_whitespace())
            .current_dir(tierpix.folder())
            // The caller's own, which must not count.
            .env("DATABASE_URL", "postgresql://elsewhere.invalid/other")
            .env("TIERPIX_DATA_DIR", "/nowhere")
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        async move { Outcome::of(command.spawn().unwrap()).await }
    };
    run("migrate").await.done();
    let list = run("tier list").await;
    let becomes = format!("runs as {}", account.name);
    assert!(list.stderr.contains(&becomes), "{list:?}");
    let place = list.place.clone().unwrap();
    assert!(
        place.contains(&tierpix.data_dir().display().to_string()),
        "{place}"
    );
    assert!(list.done().contains("Enterprise"));
    assert_eq!(
        not_owned_by(&account, &tierpix.data_dir()),
        [] as [std::path::PathBuf; 0]
    );
}
