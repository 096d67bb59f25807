//! The first start of the service, and the second.

use tokio::process::Command;

use crate::{
    harness::{Answer, Installation, Outcome},
    pictures::Jpeg,
};

#[actix_web::test]
async fn the_first_start_prints_a_line_that_uploads_as_it_is() {
    let tierpix = Installation::new();
    let service = tierpix.serve().await;
    let line = service
        .printed
        .lines()
        .find(|line| line.trim().starts_with("curl "))
        .unwrap();
    // Needs curl, as whoever pastes the line does.
    let mut shell = Command::new("sh");
    shell
        .args(["-c", line])
        .current_dir("/")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let answer = Outcome::of(shell.spawn().unwrap()).await.done();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    for image in answer["images"].as_array().unwrap() {
        assert_eq!(
            service.get(image["image"].as_str().unwrap()).await.status,
            200
        );
    }
    let link = service
        .get(answer["link"]["expiring_link"].as_str().unwrap())
        .await;
    let sample = std::fs::read(tierpix.data_dir().join("sample.jpg")).unwrap();
    assert_eq!(link.body, sample);
}

#[actix_web::test]
async fn the_second_start_prints_no_password_and_has_pictures_and_logins_still() {
    let tierpix = Installation::new();
    let first = tierpix.serve().await;
    let password = first.admin_password().to_owned();
    let photo = Jpeg::photo(320, 240).encode();
    let uploaded = first.upload("admin", &password, photo.clone()).await;
    assert_eq!(uploaded.status, 201, "{uploaded:?}");
    let (_, session) = first.log_in("admin", &password).await;
    let first_url = first.url.clone();
    first.stop().await;

    let second = tierpix.serve().await;
    assert_eq!(second.printed, "");
    let moved = |url: String| url.replace(&first_url, &second.url);
    let original: Answer = second.get(&moved(uploaded.url_of("original"))).await;
    assert_eq!((original.status, &original.body[..]), (200, &photo[..]));
    assert_eq!(
        second.get(&moved(uploaded.url_of("200px"))).await.status,
        200
    );
    assert_eq!(second.log_in("admin", &password).await.0.status, 200);
    assert!(second.knows_session(&session).await);
    second.stop().await;
    assert!(!tierpix.log().contains(&password));
}

#[actix_web::test]
async fn a_database_with_a_user_gets_no_admin() {
    let tierpix = Installation::migrated().await;
    tierpix.add_user("anna", "Premium").await;
    let service = tierpix.serve().await;
    assert_eq!(service.printed, "");
    assert_eq!(service.log_in("anna", "anna-password").await.0.status, 200);
}

#[actix_web::test]
async fn a_database_of_another_server_gets_no_admin() {
    let tierpix = Installation::on_another_server().await;
    let service = tierpix.serve().await;
    assert_eq!(service.printed, "");
    assert_eq!(
        tierpix.json("user list --json").await,
        serde_json::json!([])
    );
    assert!(!tierpix.data_dir().join("postgres").exists());
}
