//! What keeps the service from starting: one line, and nothing left half started.

use std::net::TcpListener;

use crate::harness::Installation;

#[actix_web::test]
async fn a_second_service_on_one_data_directory_is_refused_by_name() {
    let tierpix = Installation::new();
    let service = tierpix.serve().await;
    let line = tierpix.run("serve").await.refused();
    assert!(
        line.starts_with("TIERPIX_DATA_DIR: another tierpix (pid "),
        "{line}"
    );
    assert!(
        line.contains(tierpix.data_dir().to_str().unwrap()),
        "{line}"
    );
    assert_eq!(service.get("/healthz").await.status, 200);
}

#[actix_web::test]
async fn a_port_in_use_is_told_before_anything_is_started() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let tierpix = Installation::new().with("TIERPIX_BIND", &address);
    let line = tierpix.run("serve").await.refused();
    assert!(
        line.starts_with(&format!("TIERPIX_BIND: cannot listen on {address}: ")),
        "{line}"
    );
    assert!(!tierpix.data_dir().join("postgres").exists());
    tierpix.assert_nothing_runs();
}

#[actix_web::test]
async fn a_data_directory_that_cannot_be_made_is_refused_by_its_setting() {
    let tierpix = Installation::new();
    let file = tierpix.folder().join("file");
    std::fs::write(&file, "").unwrap();
    for folder in [file.join("below a file"), file] {
        let tierpix = Installation::new().with("TIERPIX_DATA_DIR", folder.to_str().unwrap());
        for line in ["serve", "user list", "migrate"] {
            let refused = tierpix.run(line).await.refused();
            assert!(
                refused.starts_with("TIERPIX_DATA_DIR: cannot use"),
                "{line}: {refused}"
            );
            assert!(
                refused.contains(folder.to_str().unwrap()),
                "{line}: {refused}"
            );
        }
    }
}

#[actix_web::test]
async fn a_database_that_does_not_answer_is_refused_by_its_setting() {
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("postgres://anna:secret@{nobody}/pictures");
    let tierpix = Installation::new().with("DATABASE_URL", &url);
    for line in ["serve", "migrate", "tier list"] {
        let refused = tierpix.run(line).await.refused();
        assert!(
            refused.starts_with("DATABASE_URL: cannot connect: "),
            "{line}: {refused}"
        );
        assert!(refused.contains("onnection refused"), "{line}: {refused}");
        assert!(!refused.contains("secret"), "{line}: {refused}");
    }
    tierpix.assert_nothing_runs();
}

#[actix_web::test]
async fn a_server_that_takes_connections_and_says_nothing_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://anna@{}/pictures", silent.local_addr().unwrap());
    let tierpix = Installation::new().with("DATABASE_URL", &url);
    let refused = tierpix.run("tier list").await.refused();
    assert_eq!(
        refused,
        "DATABASE_URL: cannot connect: no answer in 5 seconds"
    );
}

#[actix_web::test]
async fn a_database_without_a_schema_sends_commands_to_migrate() {
    let tierpix = Installation::on_another_server().await;
    for line in ["tier list", "user list", "serve --no-migrate"] {
        let refused = tierpix.run(line).await.refused();
        assert!(refused.contains("tierpix migrate"), "{line}: {refused}");
    }
}

const FROM_THE_FUTURE: &str =
    "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
                               VALUES (999, 'from the future', '', '')";

#[actix_web::test]
async fn a_database_that_is_newer_than_the_program_is_left_alone() {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    tierpix
        .connect()
        .await
        .batch_execute(FROM_THE_FUTURE)
        .await
        .unwrap();
    for line in [
        "serve",
        "serve --no-migrate",
        "migrate",
        "migrate --dry-run",
        "tier list",
    ] {
        let refused = tierpix.run(line).await.refused();
        assert!(refused.contains("schema version 999"), "{line}: {refused}");
        assert!(
            refused.contains("install a newer tierpix"),
            "{line}: {refused}"
        );
    }
}

#[actix_web::test]
async fn a_newer_embedded_database_is_stopped_again() {
    let tierpix = Installation::new();
    let service = tierpix.serve().await;
    tierpix
        .connect()
        .await
        .batch_execute(FROM_THE_FUTURE)
        .await
        .unwrap();
    service.stop().await;
    for line in ["serve", "tier list"] {
        let refused = tierpix.run(line).await.refused();
        assert!(refused.contains("schema version 999"), "{line}: {refused}");
        tierpix.assert_nothing_runs();
    }
}
