//! A backup as docs/OPERATIONS.md has it: a dump of the database, a copy of the files, the secret.

use std::{
    fs,
    path::{Path, PathBuf},
};

use reqwest::multipart::{Form, Part};
use tokio::process::Command;

use crate::{
    harness::{Answer, Installation, names_in, programs},
    pictures::Jpeg,
};

const CLEAN: &str = "0 orphaned files, 0 files left over, 0 thumbnails missing or altered, 0 originals missing or altered.\n";

/// A service's pictures, and the backup of it.
struct Backup {
    folder: tempfile::TempDir,
    /// The address of the service that gave out the links.
    url: String,
    picture: Vec<u8>,
    uploaded: Answer,
}

impl Backup {
    /// Of a service that runs.
    async fn make() -> Self {
        let tierpix = Installation::migrated().await;
        tierpix.add_user("anna", "Enterprise").await;
        let service = tierpix.serve().await;
        let picture = Jpeg::photo(320, 240).encode();
        let form = Form::new()
            .part("image", Part::bytes(picture.clone()).file_name("photo.jpg"))
            .text("expiring_time_seconds", "3600");
        let uploaded = service.upload_form("anna", "anna-password", form).await;
        assert_eq!(uploaded.status, 201, "{uploaded:?}");

        let backup = Self {
            folder: tempfile::tempdir().unwrap(),
            url: service.url.clone(),
            picture,
            uploaded,
        };
        let database = address(&tierpix);
        run("pg_dump", &["-Fc", "-f", text(&backup.dump()), &database]).await;
        copy(&tierpix.data_dir().join("objects"), &backup.objects());
        fs::copy(tierpix.data_dir().join("secret.key"), backup.secret()).unwrap();
        service.stop().await;
        backup
    }

    fn dump(&self) -> PathBuf {
        self.folder.path().join("database.dump")
    }

    fn objects(&self) -> PathBuf {
        self.folder.path().join("objects")
    }

    fn secret(&self) -> PathBuf {
        self.folder.path().join("secret.key")
    }

    /// Puts the files in their place.
    fn restore_files(&self, tierpix: &Installation) {
        copy(&self.objects(), &tierpix.data_dir().join("objects"));
        fs::copy(self.secret(), tierpix.data_dir().join("secret.key")).unwrap();
    }

    /// Fails unless everything is there again, under the new address.
    async fn is_served_by(&self, tierpix: &Installation) {
        tierpix.run("storage claim").await.done();
        let clean = tierpix.run("storage reconcile --verify").await.done();
        assert_eq!(clean, CLEAN);
        let service = tierpix.serve().await;
        let here = |url: String| url.replace(&self.url, &service.url);
        let link = service.get(&here(self.uploaded.link())).await;
        assert_eq!((link.status, &link.body[..]), (200, &self.picture[..]));
        let media = service.get(&here(self.uploaded.url_of("200px"))).await;
        assert_eq!(media.status, 200, "{media:?}");
        let another = Jpeg::photo(64, 48).encode();
        let answer = service.upload("anna", "anna-password", another).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        service.stop().await;
    }
}

#[actix_web::test]
async fn a_backup_is_restored_into_an_empty_embedded_database() {
    let backup = Backup::make().await;
    let tierpix = Installation::new();
    let service = tierpix.serve().await;
    let database = address(&tierpix);
    let options = ["--clean", "--if-exists", "--single-transaction", "-d"];
    let dump = backup.dump();
    let arguments = [&options[..], &[&database, text(&dump)]].concat();
    run("pg_restore", &arguments).await;
    service.stop().await;
    backup.restore_files(&tierpix);
    backup.is_served_by(&tierpix).await;
}

#[actix_web::test]
async fn a_backup_is_restored_into_an_empty_database_of_another_server() {
    let backup = Backup::make().await;
    let tierpix = Installation::on_another_server().await;
    let options = ["--no-owner", "--single-transaction", "-d"];
    let database = tierpix.variable("DATABASE_URL");
    let dump = backup.dump();
    let arguments = [&options[..], &[database, text(&dump)]].concat();
    run("pg_restore", &arguments).await;
    fs::create_dir(tierpix.data_dir()).unwrap();
    backup.restore_files(&tierpix);
    backup.is_served_by(&tierpix).await;
}

/// The embedded database of a service that runs.
fn address(tierpix: &Installation) -> String {
    let socket = tierpix.data_dir().join("postgres");
    format!("host='{}' user=tierpix dbname=tierpix", socket.display())
}

async fn run(program: &str, arguments: &[&str]) {
    let (programs, ..) = programs().await;
    let mut command = Command::new(programs.join(program));
    let output = command.args(arguments).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {said}");
}

/// The marker, the objects' folders and what is in them.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in names_in(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
