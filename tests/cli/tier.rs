//! `tierpix tier …`.

use serde_json::{Value, json};

use crate::{
    harness::{Installation, soon},
    pictures::Jpeg,
};

async fn installation() -> Installation {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    tierpix
}

/// The tier of this name, without its id.
async fn tier(tierpix: &Installation, name: &str) -> Value {
    let Value::Array(tiers) = tierpix.json("tier list --json").await else {
        panic!("not a list")
    };
    let mut tier = tiers.into_iter().find(|tier| tier["name"] == name).unwrap();
    tier.as_object_mut().unwrap().remove("id");
    tier
}

const EVERYTHING: &str = "--original --expiring-links --max-upload-bytes 1000 --storage-quota-bytes 2000 --uploads-per-hour 3";
const NOTHING: &str = "--no-original --no-expiring-links --no-max-upload-bytes --no-storage-quota-bytes --no-uploads-per-hour";

fn gold(heights: &[u32], everything: bool) -> Value {
    let limit = |limit: i64| everything.then_some(limit);
    json!({
        "name": "Gold", "thumbnail_heights": heights, "original_link": everything, "expiring_links": everything,
        "max_upload_bytes": limit(1000), "storage_quota_bytes": limit(2000), "uploads_per_hour": limit(3), "users": 0,
    })
}

#[actix_web::test]
async fn a_tier_has_what_was_given_and_nothing_else() {
    let tierpix = installation().await;
    let said = tierpix.run("tier add Gold --heights 400,200").await.done();
    assert_eq!(said, "Made the tier Gold.\n");
    assert_eq!(tier(&tierpix, "Gold").await, gold(&[400, 200], false));
    tierpix.run("tier delete Gold").await.done();
    tierpix
        .run(&format!("tier add Gold --heights 1,1000 {EVERYTHING}"))
        .await
        .done();
    assert_eq!(tier(&tierpix, "Gold").await, gold(&[1, 1000], true));
}

#[actix_web::test]
async fn a_change_leaves_what_is_not_named() {
    let tierpix = installation().await;
    tierpix
        .run(&format!("tier add Gold --heights 300 {EVERYTHING}"))
        .await
        .done();
    let said = tierpix.run("tier set Gold --heights 250").await.done();
    assert_eq!(said, "Changed the tier Gold.\n");
    assert_eq!(tier(&tierpix, "Gold").await, gold(&[250], true));
    tierpix
        .run(&format!("tier set Gold {NOTHING}"))
        .await
        .done();
    assert_eq!(tier(&tierpix, "Gold").await, gold(&[250], false));
    tierpix
        .run(&format!("tier set Gold {EVERYTHING}"))
        .await
        .done();
    assert_eq!(tier(&tierpix, "Gold").await, gold(&[250], true));
}

#[actix_web::test]
async fn of_a_flag_and_its_opposite_the_last_counts() {
    let tierpix = installation().await;
    tierpix
        .run(&format!(
            "tier add Gold --heights 300 {NOTHING} {EVERYTHING}"
        ))
        .await
        .done();
    assert_eq!(tier(&tierpix, "Gold").await, gold(&[300], true));
    tierpix
        .run(&format!("tier set Gold {EVERYTHING} {NOTHING}"))
        .await
        .done();
    assert_eq!(tier(&tierpix, "Gold").await, gold(&[300], false));
}

#[actix_web::test]
async fn the_table_shows_limits_and_users() {
    let tierpix = installation().await;
    tierpix
        .run(&format!("tier add Gold --heights 300 {EVERYTHING}"))
        .await
        .done();
    tierpix.add_user("anna", "Gold").await;
    let table = tierpix.run("tier list").await.done();
    let row = table.lines().find(|line| line.contains("Gold")).unwrap();
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(
        cells,
        ["Gold", "300", "yes", "yes", "1000", "2000", "3", "1"]
    );
}

#[actix_web::test]
async fn each_wrong_value_of_a_tier_is_told_what_is_wrong_with_it() {
    let tierpix = Installation::new();
    for (given, said) in [
        ("--heights=", "Give at least one thumbnail height."),
        (
            "--heights=abc",
            "“abc” is not a whole number: write the heights as 200,400.",
        ),
        ("--heights=200;400", "“200;400” is not a whole number"),
        ("--heights=200.5", "“200.5” is not a whole number"),
        ("--heights=200,", "There is a comma too many"),
        (
            "--heights=0",
            "0 is not a thumbnail height: heights go from 1 to 1000 pixels.",
        ),
        ("--heights=-5", "-5 is not a thumbnail height"),
        ("--heights=1001", "1001 is not a thumbnail height"),
        ("--heights=200,200", "The height 200 is given twice."),
        (
            "--heights=1,2,3,4,5,6,7,8,9,10,11",
            "A tier has at most 10 thumbnail heights.",
        ),
        (
            "--heights=200 --max-upload-bytes=0",
            "Enter a whole number from 1 up.",
        ),
        (
            "--heights=200 --storage-quota-bytes=9223372036854775808",
            "Enter a whole number from 1 up.",
        ),
        (
            "--heights=200 --uploads-per-hour=-1",
            "Enter a whole number from 1 up.",
        ),
    ] {
        for command in ["add", "set"] {
            let error = tierpix
                .run(&format!("tier {command} Gold {given}"))
                .await
                .misused();
            assert!(error.contains(said), "{command} {given}: {error}");
        }
    }
    let long = format!("tier add {} --heights=200", "x".repeat(51));
    let error = tierpix.run(&long).await.misused();
    assert!(error.contains("at most 50 characters"), "{error}");
    assert!(!tierpix.data_dir().exists());
}

#[actix_web::test]
async fn taken_names_and_missing_tiers_are_named() {
    let tierpix = installation().await;
    let taken = tierpix.run("tier add Basic --heights 300").await.refused();
    assert_eq!(taken, "there is a tier Basic already");
    for line in [
        "tier set Gold --heights 300",
        "tier delete Gold",
        "tier delete Gold --yes",
    ] {
        let refused = tierpix.run(line).await.refused();
        assert_eq!(
            refused,
            "there is no tier Gold: `tierpix tier list` shows those that there are"
        );
    }
}

#[actix_web::test]
async fn a_tier_in_use_stays_and_its_users_are_counted() {
    let tierpix = installation().await;
    tierpix.run("tier add Gold --heights 300").await.done();
    tierpix.add_user("anna", "Gold").await;
    let refused = tierpix.run("tier delete Gold").await.refused();
    assert_eq!(
        refused,
        "1 user has the tier Gold: give them another one first"
    );
    tierpix.add_user("bob", "Gold").await;
    let refused = tierpix.run("tier delete Gold").await.refused();
    assert_eq!(
        refused,
        "2 users have the tier Gold: give them another one first"
    );
    for name in ["anna", "bob"] {
        tierpix
            .run(&format!("user set-tier {name} Basic"))
            .await
            .done();
    }
    assert_eq!(
        tierpix.run("tier delete Gold").await.done(),
        "Deleted the tier Gold.\n"
    );
}

#[actix_web::test]
async fn a_changed_tier_counts_for_uploads_of_a_running_service() {
    let tierpix = installation().await;
    tierpix.run("tier add Gold --heights 30").await.done();
    tierpix.add_user("anna", "Gold").await;
    let service = tierpix.serve().await;
    let photo = Jpeg::photo(64, 48).encode();
    let upload = async || service.upload("anna", "anna-password", photo.clone()).await;
    assert_eq!(upload().await.json()["images"].as_array().unwrap().len(), 1);

    tierpix
        .run("tier set Gold --heights 20,30 --original")
        .await
        .done();
    soon("the heights and the original count", async || {
        let answer = upload().await.json();
        let sizes = answer["images"].as_array().unwrap().iter();
        sizes
            .map(|image| &image["size"])
            .eq(&["20px", "30px", "original"])
    })
    .await;

    tierpix
        .run("tier set Gold --max-upload-bytes 100")
        .await
        .done();
    soon("the limit counts", async || upload().await.status == 413).await;
}
