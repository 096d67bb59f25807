//! The embedded database is killed.

use std::fs;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    harness::{Installation, eventually},
    pictures::Jpeg,
};

#[actix_web::test]
async fn a_service_that_loses_its_database_ends_and_the_next_one_has_everything() {
    let tierpix = Installation::new();
    let service = tierpix.serve().await;
    let password = service.admin_password().to_owned();
    let photo = Jpeg::photo(64, 48).encode();
    let uploaded = service.upload("admin", &password, photo.clone()).await;
    let before = service.url.clone();

    let pid =
        fs::read_to_string(tierpix.data_dir().join("postgres/cluster/postmaster.pid")).unwrap();
    let pid = Pid::from_raw(pid.lines().next().unwrap().parse().unwrap());
    kill(pid, Signal::SIGKILL).unwrap();
    assert_eq!(service.ended().await.code(), Some(1));
    eventually("the reason is told", async || {
        tierpix
            .log()
            .contains("tierpix: the database server has ended")
    })
    .await;
    tierpix.database_is_gone().await;

    let service = tierpix.serve().await;
    let original = uploaded.url_of("original").replace(&before, &service.url);
    assert_eq!(service.get(&original).await.body, photo);
}
