//! Nodes of two versions on one database.

use reqwest::multipart::{Form, Part};

use crate::{
    harness::{Answer, Installation, Service},
    pictures::Jpeg,
};

const SECRET: &str = "one-secret-for-every-node-of-them";

#[actix_web::test]
async fn of_nodes_that_start_at_once_on_an_empty_database_one_migrates_and_all_serve() {
    let first = Installation::on_another_server()
        .await
        .with("TIERPIX_SECRET_KEY", SECRET);
    let storage = format!("file://{}", first.folder().join("pictures").display());
    let first = first.with("TIERPIX_STORAGE_URL", &storage);
    let planned = first.run("migrate --dry-run").await.done().lines().count();
    let another = || {
        Installation::new()
            .with("DATABASE_URL", first.variable("DATABASE_URL"))
            .with("TIERPIX_SECRET_KEY", SECRET)
            .with("TIERPIX_STORAGE_URL", &storage)
    };
    let nodes = [&first, &another(), &another()];
    let (one, two, three) = tokio::join!(nodes[0].serve(), nodes[1].serve(), nodes[2].serve());
    let mut applied = nodes.map(|node| node.log().matches("applied a migration").count());
    applied.sort_unstable();
    assert_eq!(applied, [0, 0, planned]);
    for service in [one, two, three] {
        assert_eq!(service.get("/readyz").await.status, 200);
        service.stop().await;
    }
}

/// Uploads with a link, lists, opens the link and deletes.
async fn all_is_well(service: &Service) {
    let picture = Jpeg::photo(64, 48).encode();
    let form = Form::new()
        .part("image", Part::bytes(picture).file_name("photo.jpg"))
        .text("expiring_time_seconds", "3600");
    let uploaded = service.upload_form("anna", "anna-password", form).await;
    assert_eq!(uploaded.status, 201, "{uploaded:?}");
    let as_anna = async |method: &str, path: &str| {
        let request = service.request(method, path);
        Answer::of(request.basic_auth("anna", Some("anna-password"))).await
    };
    let listed = as_anna("GET", "/api/v1/images/").await;
    assert_eq!(listed.status, 200, "{listed:?}");
    assert_eq!(service.get(&uploaded.link()).await.status, 200);
    let deleted = as_anna("DELETE", uploaded.header("location")).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    assert_eq!(service.log_in("anna", "anna-password").await.0.status, 200);
    assert_eq!(service.get("/readyz").await.status, 200);
}

/// What a migration may do that is written for rolling upgrades.
const NEWER: &str = "
    DO $$
    DECLARE
        t text;
    BEGIN
        FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'refinery_schema_history'
        LOOP
            EXECUTE format('ALTER TABLE %I ADD COLUMN from_the_future text NOT NULL DEFAULT ''none''', t);
        END LOOP;
    END
    $$;
    CREATE TABLE from_the_future (id bigint);
    INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (999, 'from the future', '', '')";

#[actix_web::test]
async fn a_node_goes_on_serving_when_a_newer_one_has_migrated() {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    tierpix.add_user("anna", "Enterprise").await;
    let service = tierpix.serve().await;
    // Its statements are prepared now, for the tables as they are.
    all_is_well(&service).await;
    tierpix.connect().await.batch_execute(NEWER).await.unwrap();
    all_is_well(&service).await;
    service.stop().await;
}
