//! `tierpix createsuperuser`, without a terminal.

use crate::harness::Installation;

async fn installation(password: &str) -> Installation {
    let tierpix = Installation::on_another_server()
        .await
        .with("TIERPIX_SUPERUSER_PASSWORD", password);
    tierpix.run("migrate").await.done();
    tierpix
}

#[actix_web::test]
async fn a_superuser_may_do_everything_and_has_the_largest_tier() {
    let tierpix = installation("root-password").await;
    let said = tierpix
        .run("createsuperuser --no-input --username root --email root@example.org")
        .await
        .done();
    assert_eq!(said, "Made the superuser root.\n");
    let users = tierpix.json("user list --json").await;
    let expected = serde_json::json!([{
        "username": "root", "email": "root@example.org", "tier": "Enterprise",
        "role": "superuser", "is_staff": true, "is_superuser": true, "is_active": true,
    }]);
    assert_eq!(users, expected);
    let service = tierpix.serve().await;
    assert_eq!(service.log_in("root", "root-password").await.0.status, 200);
}

#[actix_web::test]
async fn another_tier_can_be_named() {
    let tierpix = installation("root-password").await;
    tierpix
        .run("createsuperuser --no-input --username root --tier Basic")
        .await
        .done();
    assert_eq!(tierpix.json("user list --json").await[0]["tier"], "Basic");
    let refused = tierpix
        .run("createsuperuser --no-input --username other --tier Gold")
        .await
        .refused();
    assert!(refused.starts_with("there is no tier Gold"), "{refused}");
}

#[actix_web::test]
async fn a_taken_name_and_a_short_password_are_refused() {
    let tierpix = installation("root-password").await;
    tierpix
        .run("createsuperuser --no-input --username root")
        .await
        .done();
    let taken = tierpix
        .run("createsuperuser --no-input --username root")
        .await
        .refused();
    assert_eq!(taken, "there is a user root already");
    let tierpix = tierpix.with("TIERPIX_SUPERUSER_PASSWORD", "1234567");
    let short = tierpix
        .run("createsuperuser --no-input --username other")
        .await
        .refused();
    assert_eq!(
        short,
        "TIERPIX_SUPERUSER_PASSWORD: A password has at least 8 characters."
    );
    assert_eq!(
        tierpix
            .json("user list --json")
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[actix_web::test]
async fn what_is_missing_without_input_is_named_before_anything_is_started() {
    let tierpix = Installation::new();
    let refused = tierpix.run("createsuperuser --no-input").await.refused();
    assert_eq!(refused, "--no-input needs --username");
    let refused = tierpix
        .run("createsuperuser --no-input --username root")
        .await
        .refused();
    assert_eq!(
        refused,
        "--no-input needs the password in TIERPIX_SUPERUSER_PASSWORD"
    );
    let refused = tierpix
        .run("createsuperuser --username root")
        .await
        .refused();
    assert_eq!(refused, "there is no terminal to ask on: use --no-input");
    assert!(!tierpix.data_dir().exists());
}
