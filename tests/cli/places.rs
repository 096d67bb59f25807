//! Every command in every place: on an embedded database that is stopped, on a running service's, and on
//! another server's.

use serde_json::json;

use crate::harness::Installation;

/// One after another, each of which needs what the ones before have done.
const COMMANDS: &[(&str, &str)] = &[
    (
        "createsuperuser --no-input --username root",
        "Made the superuser root.\n",
    ),
    (
        "tier add Gold --heights 300 --original",
        "Made the tier Gold.\n",
    ),
    (
        "tier set Gold --heights 300,600 --no-original",
        "Changed the tier Gold.\n",
    ),
    (
        "user add anna --tier Gold --password-stdin",
        "Made the user anna.\n",
    ),
    ("user set-tier anna Basic", "anna has the tier Basic now.\n"),
    (
        "user passwd anna --password-stdin",
        "anna has a new password; all sessions have ended.\n",
    ),
    (
        "user deactivate anna",
        "anna cannot log in any more; all sessions have ended.\n",
    ),
    ("user activate anna", "anna can log in.\n"),
    ("user delete anna", "Deleted anna with 0 images.\n"),
    ("tier delete Gold --yes", "Deleted the tier Gold.\n"),
    ("keys rotate", "Made the key 2, which signs from now on.\n"),
    (
        "keys withdraw 1",
        "Withdrew the key 1; 0 live links have ended.\n",
    ),
    ("migrate", "The schema is up to date.\n"),
    ("migrate --dry-run", "The schema is up to date.\n"),
];

async fn every_command_works(tierpix: &Installation) {
    for (line, said) in COMMANDS {
        let outcome = tierpix.run_with_input(line, "a-password\n").await;
        assert_eq!(outcome.stderr, "", "{line}");
        assert_eq!(outcome.done(), *said, "{line}");
    }
    let tiers = tierpix.json("tier list --json").await;
    assert_eq!(tiers.as_array().unwrap().len(), 3, "{tiers}");
    let users = tierpix.json("user list --json").await;
    let root = users
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["username"] == "root");
    assert_eq!(root.unwrap()["tier"], json!("Enterprise"));
}

const PASSWORD: (&str, &str) = ("TIERPIX_SUPERUSER_PASSWORD", "root-password");

#[actix_web::test]
async fn on_an_embedded_database_that_is_not_running() {
    let tierpix = Installation::migrated().await.with(PASSWORD.0, PASSWORD.1);
    every_command_works(&tierpix).await;
    tierpix.assert_nothing_runs();
}

#[actix_web::test]
async fn on_the_database_of_a_running_service() {
    let tierpix = Installation::new().with(PASSWORD.0, PASSWORD.1);
    let service = tierpix.serve().await;
    every_command_works(&tierpix).await;
    assert_eq!(service.log_in("root", "root-password").await.0.status, 200);
    service.stop().await;
}

#[actix_web::test]
async fn on_a_database_of_another_server() {
    let tierpix = Installation::on_another_server()
        .await
        .with(PASSWORD.0, PASSWORD.1);
    tierpix.run("migrate").await.done();
    every_command_works(&tierpix).await;
    assert!(!tierpix.data_dir().join("postgres").exists());
}

#[actix_web::test]
async fn commands_that_run_at_once_take_turns() {
    let tierpix = Installation::migrated().await;
    let outcomes = tokio::join!(
        tierpix.run("tier add One --heights 1"),
        tierpix.run("tier add Two --heights 2"),
        tierpix.run("tier list")
    );
    outcomes.0.done();
    outcomes.1.done();
    outcomes.2.done();
    assert_eq!(
        tierpix
            .json("tier list --json")
            .await
            .as_array()
            .unwrap()
            .len(),
        5
    );
}

#[actix_web::test]
async fn a_command_says_what_it_works_on() {
    let tierpix = Installation::migrated().await;
    let place = tierpix.run("tier list").await.place.unwrap();
    let data_dir = tierpix.data_dir();
    let data_dir = data_dir.display();
    assert_eq!(
        place,
        format!(
            "tierpix: database embedded in {data_dir}/postgres, storage file://{data_dir}/objects, data directory {data_dir}"
        )
    );
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    let url = tierpix.variable("DATABASE_URL").to_owned();
    let tierpix = tierpix.with("DATABASE_URL", &format!("{url} password=secret-1"));
    let outcome = tierpix.run("tier list").await;
    let place = outcome.place.clone().unwrap();
    assert!(place.starts_with("tierpix: database tierpix@/"), "{place}");
    assert!(!place.contains("secret-1"), "{place}");
    outcome.done();
}

#[actix_web::test]
async fn a_command_where_there_is_no_database_makes_none() {
    let tierpix = Installation::new().with(PASSWORD.0, PASSWORD.1);
    for line in [
        "user list",
        "createsuperuser --no-input --username root",
        "storage reconcile --delete --yes",
    ] {
        let refused = tierpix.run(line).await.refused();
        for name in ["TIERPIX_DATA_DIR", "DATABASE_URL", "tierpix migrate"] {
            assert!(refused.contains(name), "{line}: {refused}");
        }
    }
    assert!(!tierpix.data_dir().exists());
}

#[actix_web::test]
async fn a_command_without_the_database_of_its_service_is_refused_before_anything_is_started() {
    let tierpix = Installation::on_another_server().await;
    tierpix.serve().await.stop().await;
    let without = tierpix.without("DATABASE_URL");
    for line in [
        "user list",
        "migrate",
        "serve",
        "storage reconcile --delete --yes",
    ] {
        let refused = without.run(line).await.refused();
        assert!(
            refused.contains("DATABASE_URL is not set"),
            "{line}: {refused}"
        );
    }
    assert!(!without.data_dir().join("postgres").exists());
}

#[actix_web::test]
async fn a_command_with_the_database_of_another_site_is_refused() {
    let tierpix = Installation::on_another_server().await;
    tierpix.serve().await.stop().await;
    let other = Installation::on_another_server().await;
    other.run("migrate").await.done();
    let mixed = tierpix.with("DATABASE_URL", other.variable("DATABASE_URL"));
    for line in ["user list", "serve", "storage reconcile --delete --yes"] {
        let refused = mixed.run(line).await.refused_after_log();
        assert!(
            refused.contains("to those of one site"),
            "{line}: {refused}"
        );
    }
}

#[actix_web::test]
async fn a_data_directory_whose_embedded_database_is_missing_gets_no_empty_one() {
    let tierpix = Installation::new();
    tierpix.serve().await.stop().await;
    let cluster = tierpix.data_dir().join("postgres");
    let aside = tierpix.folder().join("postgres");
    std::fs::rename(&cluster, &aside).unwrap();
    for line in ["user list", "serve"] {
        let refused = tierpix.run(line).await.refused();
        assert!(refused.contains("is missing"), "{line}: {refused}");
    }
    std::fs::rename(&aside, &cluster).unwrap();
    tierpix.serve().await.stop().await;
}
