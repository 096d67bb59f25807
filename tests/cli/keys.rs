//! `tierpix keys …`.

use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::{
    harness::{Installation, Service, soon},
    pictures::Jpeg,
};

async fn installation() -> Installation {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    tierpix.add_user("anna", "Enterprise").await;
    tierpix
}

/// Uploads a picture and returns its link.
async fn link(service: &Service) -> String {
    let part = Part::bytes(Jpeg::photo(64, 48).encode()).file_name("photo.jpg");
    let form = Form::new()
        .text("expiring_time_seconds", "300")
        .part("image", part);
    service
        .upload_form("anna", "anna-password", form)
        .await
        .link()
}

/// Id, state and live links of each key.
async fn keys(tierpix: &Installation) -> serde_json::Value {
    let keys = tierpix.json("keys list --json").await;
    keys.as_array()
        .unwrap()
        .iter()
        .map(|key| json!([key["id"], key["state"], key["live_links"]]))
        .collect()
}

#[actix_web::test]
async fn a_link_of_an_earlier_key_opens_until_that_key_is_withdrawn() {
    let tierpix = installation().await;
    let service = tierpix.serve().await;
    let old = link(&service).await;
    assert_eq!(keys(&tierpix).await, json!([[1, "signs", 1]]));

    let said = tierpix.run("keys rotate").await.done();
    assert_eq!(said, "Made the key 2, which signs from now on.\n");
    let mut new = String::new();
    soon("the new key signs", async || {
        new = link(&service).await;
        new.contains("key=2")
    })
    .await;
    let listed = keys(&tierpix).await;
    assert_eq!(
        (&listed[0][1], &listed[1][1]),
        (&json!("opens"), &json!("signs"))
    );
    assert_eq!(service.get(&old).await.status, 200);
    assert_eq!(service.get(&new).await.status, 200);

    let said = tierpix.run("keys withdraw 1").await.done();
    let ended = &listed[0][2];
    assert_eq!(
        said,
        format!("Withdrew the key 1; {ended} live links have ended.\n")
    );
    assert_eq!(
        keys(&tierpix).await,
        json!([[1, "withdrawn", 0], [2, "signs", 1]])
    );
    soon("the old link has ended", async || {
        service.get(&old).await.status == 404
    })
    .await;
    assert_eq!(service.get(&new).await.status, 200);
}

#[actix_web::test]
async fn the_only_key_that_signs_and_a_missing_one_are_refused() {
    let tierpix = installation().await;
    let refused = tierpix.run("keys withdraw 1").await.refused();
    assert_eq!(
        refused,
        "the key 1 is the only one that signs: run `tierpix keys rotate` first"
    );
    assert_eq!(
        tierpix.run("keys withdraw 2").await.refused(),
        "there is no key 2"
    );
    tierpix.run("keys withdraw one").await.misused();
}
