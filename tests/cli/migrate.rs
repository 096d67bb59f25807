//! `tierpix migrate`.

use std::path::Path;

use refinery::{Migration, Runner, Target};

use crate::harness::{Installation, names_in};

#[actix_web::test]
async fn a_dry_run_lists_and_changes_nothing() {
    let tierpix = Installation::on_another_server().await;
    let listed = tierpix.run("migrate --dry-run").await.done();
    assert!(
        listed.starts_with("Would apply V1__accounts_and_images.\nWould apply V2__seeds.\n"),
        "{listed}"
    );
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    let row = tierpix
        .connect()
        .await
        .query_one(tables, &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 0);
}

#[actix_web::test]
async fn migrations_are_applied_once() {
    let tierpix = Installation::on_another_server().await;
    let listed = tierpix.run("migrate --dry-run").await.done();
    let applied = tierpix.run("migrate").await.done();
    assert_eq!(applied, listed.replace("Would apply", "Applied"));
    for line in ["migrate", "migrate --dry-run"] {
        assert_eq!(
            tierpix.run(line).await.done(),
            "The schema is up to date.\n"
        );
    }
}

/// Makes the schema of an earlier version of the program.
async fn migrate_up_to(client: &mut tokio_postgres::Client, version: i32) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sql/migrations");
    let migrations: Vec<_> = names_in(Path::new(folder))
        .iter()
        .map(|name| {
            let sql = std::fs::read_to_string(Path::new(folder).join(name)).unwrap();
            Migration::unapplied(name.trim_end_matches(".sql"), &sql).unwrap()
        })
        .collect();
    let runner = Runner::new(&migrations).set_target(Target::Version(version));
    runner.run_async(client).await.unwrap();
}

#[actix_web::test]
async fn names_by_which_nobody_can_log_in_any_more_are_told() {
    let tierpix = Installation::on_another_server().await;
    let mut client = tierpix.connect().await;
    migrate_up_to(&mut client, 5).await;
    let names = "INSERT INTO users (username, password_hash) VALUES ('fin', 'x'), ('ﬁn', 'x')";
    client.batch_execute(names).await.unwrap();
    let again = tierpix.run("migrate").await;
    let told = again.stderr.lines().find(|line| line.contains("ﬁn"));
    let told = told.unwrap_or_else(|| panic!("{again:?}"));
    assert!(told.contains("WARN") && told.contains("\"fin\""), "{told}");
}

#[actix_web::test]
async fn migrations_that_run_at_once_take_turns() {
    let tierpix = Installation::on_another_server().await;
    let (one, other) = tokio::join!(tierpix.run("migrate"), tierpix.run("migrate"));
    let mut printed = [one.done(), other.done()];
    printed.sort();
    assert!(printed[0].starts_with("Applied V1"), "{printed:?}");
    assert_eq!(printed[1], "The schema is up to date.\n");
}

#[actix_web::test]
async fn the_three_tiers_are_there_after_the_migrations() {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    let tiers = tierpix.json("tier list --json").await;
    let short: Vec<_> = tiers
        .as_array()
        .unwrap()
        .iter()
        .map(|tier| {
            (
                tier["name"].clone(),
                tier["thumbnail_heights"].clone(),
                tier["original_link"].clone(),
                tier["expiring_links"].clone(),
            )
        })
        .collect();
    let expected = [
        ("Basic", vec![200], false, false),
        ("Premium", vec![200, 400], true, false),
        ("Enterprise", vec![200, 400], true, true),
    ];
    assert_eq!(
        short,
        expected.map(|(name, heights, original, links)| (
            name.into(),
            heights.into(),
            original.into(),
            links.into()
        ))
    );
}
