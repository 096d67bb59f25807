//! `tierpix user …`.

use serde_json::json;

use crate::{
    harness::{Installation, names_in, soon},
    pictures::Jpeg,
};

async fn installation() -> Installation {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    tierpix
}

#[actix_web::test]
async fn a_user_is_listed_as_it_was_made() {
    let tierpix = installation().await;
    let line = "user add anna --tier Premium --email anna@example.org --staff --password-stdin";
    let said = tierpix.run_with_input(line, "anna-password\n").await.done();
    assert_eq!(said, "Made the user anna.\n");
    tierpix
        .run_with_input("user add bob --password-stdin", "bob-password")
        .await
        .done();
    let expected = json!([
        {"username": "anna", "email": "anna@example.org", "tier": "Premium", "role": "manager", "is_staff": true, "is_superuser": false, "is_active": true},
        {"username": "bob", "email": null, "tier": null, "role": null, "is_staff": false, "is_superuser": false, "is_active": true},
    ]);
    assert_eq!(tierpix.json("user list --json").await, expected);
    let table = tierpix.run("user list").await.done();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        rows,
        [
            vec!["USERNAME", "TIER", "E-MAIL", "ROLE", "ACTIVE"],
            vec!["anna", "Premium", "anna@example.org", "manager", "yes"],
            vec!["bob", "yes"],
        ]
    );
}

#[actix_web::test]
async fn a_user_that_cannot_be_made_is_refused() {
    let tierpix = installation().await;
    tierpix.add_user("anna", "Basic").await;
    for (line, password, said) in [
        ("anna", "other-password", "there is a user anna already"),
        (
            "bob --tier Gold",
            "bob-password",
            "there is no tier Gold: `tierpix tier list` shows those that there are",
        ),
        ("bob", "1234567", "A password has at least 8 characters."),
        ("bob", "", "A password has at least 8 characters."),
        (
            "bob",
            &"x".repeat(1025),
            "A password has at most 1024 characters.",
        ),
    ] {
        let line = format!("user add {line} --password-stdin");
        assert_eq!(
            tierpix.run_with_input(&line, password).await.refused(),
            said
        );
    }
    for (line, said) in [
        ("a:b", "only letters, digits and @ . + - _"),
        (&*"x".repeat(151), "at most 150 characters"),
        ("bob --email bob", "Enter a valid e-mail address."),
    ] {
        let line = format!("user add {line} --password-stdin");
        let error = tierpix
            .run_with_input(&line, "bob-password")
            .await
            .misused();
        assert!(error.contains(said), "{error}");
    }
    let refused = tierpix.run("user add bob").await.refused();
    assert_eq!(
        refused,
        "there is no terminal to ask for the password: give it with --password-stdin"
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
async fn a_user_that_is_not_there_is_named() {
    let tierpix = installation().await;
    for line in [
        "set-tier anna Basic",
        "set-role anna viewer",
        "activate anna",
        "deactivate anna",
        "delete anna",
        "delete anna --yes",
        "passwd anna --password-stdin",
    ] {
        let refused = tierpix
            .run_with_input(&format!("user {line}"), "long-password\n")
            .await
            .refused();
        assert_eq!(refused, "there is no user anna", "{line}");
    }
    tierpix.add_user("anna", "Basic").await;
    let refused = tierpix.run("user set-tier anna Gold").await.refused();
    assert!(refused.starts_with("there is no tier Gold"), "{refused}");
    let refused = tierpix
        .run_with_input("user passwd anna --password-stdin", "short\n")
        .await
        .refused();
    assert_eq!(refused, "A password has at least 8 characters.");
}

#[actix_web::test]
async fn another_tier_counts_for_uploads_of_a_running_service() {
    let tierpix = installation().await;
    tierpix.add_user("anna", "Basic").await;
    let service = tierpix.serve().await;
    let photo = Jpeg::photo(64, 48).encode();
    let sizes = async || {
        let answer = service.upload("anna", "anna-password", photo.clone()).await;
        answer.json()["images"]
            .as_array()
            .unwrap()
            .iter()
            .map(|image| image["size"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(sizes().await, ["200px"]);
    let said = tierpix.run("user set-tier anna Premium").await.done();
    assert_eq!(said, "anna has the tier Premium now.\n");
    soon("the tier counts", async || {
        sizes().await == ["200px", "400px", "original"]
    })
    .await;
}

#[actix_web::test]
async fn a_new_password_ends_the_sessions_and_the_old_one() {
    let tierpix = installation().await;
    tierpix.add_user("anna", "Basic").await;
    let service = tierpix.serve().await;
    let (_, session) = service.log_in("anna", "anna-password").await;
    assert!(service.knows_session(&session).await);
    let said = tierpix
        .run_with_input("user passwd anna --password-stdin", "other-password\r\n")
        .await
        .done();
    assert_eq!(said, "anna has a new password; all sessions have ended.\n");
    soon("the session has ended", async || {
        !service.knows_session(&session).await
    })
    .await;
    assert_eq!(service.log_in("anna", "anna-password").await.0.status, 401);
    assert_eq!(service.log_in("anna", "other-password").await.0.status, 200);
}

#[actix_web::test]
async fn a_deactivated_user_is_out_until_activated() {
    let tierpix = installation().await;
    tierpix.add_user("anna", "Basic").await;
    let service = tierpix.serve().await;
    let photo = Jpeg::photo(64, 48).encode();
    let (_, session) = service.log_in("anna", "anna-password").await;
    assert_eq!(
        service
            .upload("anna", "anna-password", photo.clone())
            .await
            .status,
        201
    );

    let said = tierpix.run("user deactivate anna").await.done();
    assert_eq!(
        said,
        "anna cannot log in any more; all sessions have ended.\n"
    );
    assert_eq!(
        tierpix.json("user list --json").await[0]["is_active"],
        false
    );
    soon("the session has ended", async || {
        !service.knows_session(&session).await
    })
    .await;
    assert_eq!(
        service.upload("anna", "anna-password", photo).await.status,
        401
    );

    assert_eq!(
        tierpix.run("user activate anna").await.done(),
        "anna can log in.\n"
    );
    assert!(
        !service.knows_session(&session).await,
        "an ended session stays ended"
    );
    assert_eq!(service.log_in("anna", "anna-password").await.0.status, 200);
}

#[actix_web::test]
async fn a_deleted_user_takes_all_rows_and_files_along() {
    let tierpix = installation().await;
    tierpix.add_user("anna", "Enterprise").await;
    tierpix.add_user("bob", "Basic").await;
    let service = tierpix.serve().await;
    let photo = Jpeg::photo(64, 48).encode();
    let mut urls = Vec::new();
    for _ in 0..2 {
        let answer = service.upload("anna", "anna-password", photo.clone()).await;
        urls.extend(["200px", "400px", "original"].map(|size| answer.url_of(size)));
    }
    let bobs = service
        .upload("bob", "bob-password", photo)
        .await
        .url_of("200px");

    let said = tierpix.run("user delete anna").await.done();
    assert_eq!(said, "Deleted anna with 2 images.\n");
    for url in urls {
        soon("the file is gone", async || {
            service.get(&url).await.status == 404
        })
        .await;
    }
    assert_eq!(service.get(&bobs).await.status, 200);
    let users = tierpix.json("user list --json").await;
    assert_eq!(users.as_array().unwrap().len(), 1, "{users}");
    let row = tierpix
        .connect()
        .await
        .query_one("SELECT count(*) FROM images", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 1);
    // Bob's original and thumbnail.
    assert_eq!(tierpix.files().len(), 2);
    assert_eq!(
        names_in(&tierpix.data_dir().join("spool")),
        Vec::<String>::new()
    );
}

#[actix_web::test]
async fn a_user_of_the_staff_has_the_role_that_is_named() {
    let tierpix = installation().await;
    for (name, flag) in [
        ("anna", "--staff"),
        ("bob", "--staff=viewer"),
        ("carl", "--staff=superuser"),
    ] {
        let line = format!("user add {name} {flag} --password-stdin");
        tierpix.run_with_input(&line, "long-password").await.done();
    }
    assert_eq!(roles(&tierpix).await, ["manager", "viewer", "superuser"]);
    let line = "user add dora --staff=root --password-stdin";
    let misused = tierpix
        .run_with_input(line, "long-password")
        .await
        .misused();
    assert!(
        misused.contains("[possible values: viewer, manager, superuser]"),
        "{misused}"
    );
}

#[actix_web::test]
async fn a_role_is_given_and_taken_away() {
    let tierpix = installation().await;
    tierpix.add_user("anna", "Basic").await;
    let said = tierpix.run("user set-role anna viewer").await.done();
    assert_eq!(said, "anna is a viewer now.\n");
    assert_eq!(roles(&tierpix).await, ["viewer"]);
    let said = tierpix.run("user set-role anna none").await.done();
    assert_eq!(said, "anna is not of the staff now.\n");
    assert_eq!(roles(&tierpix).await, [json!(null)]);
    tierpix.run("user set-role anna root").await.misused();
}

#[actix_web::test]
async fn the_last_superuser_stays() {
    let tierpix = installation().await;
    tierpix.add_user("anna", "Basic").await;
    tierpix.run("user set-role anna superuser").await.done();
    for line in ["set-role anna manager", "deactivate anna", "delete anna"] {
        let refused = tierpix.run(&format!("user {line}")).await.refused();
        assert_eq!(
            refused, "anna is the last active superuser: make another one first",
            "{line}"
        );
    }
    tierpix.add_user("bob", "Basic").await;
    tierpix.run("user set-role bob superuser").await.done();
    tierpix.run("user delete anna").await.done();
}

#[actix_web::test]
async fn what_commands_change_is_in_the_audit_log() {
    let tierpix = installation().await;
    tierpix.run("tier add Gold --heights 300").await.done();
    tierpix.run("tier set Gold --original").await.done();
    tierpix.add_user("anna", "Gold").await;
    tierpix.run("user set-tier anna Basic").await.done();
    tierpix
        .run_with_input("user passwd anna --password-stdin", "other-password")
        .await
        .done();
    tierpix.run("user deactivate anna").await.done();
    tierpix.run("user delete anna").await.done();
    tierpix.run("tier delete Gold").await.done();
    tierpix.run("keys rotate").await.done();
    tierpix.run("keys withdraw 1").await.done();
    let sql = "SELECT concat_ws(' ', actor_name, object_kind, object_name, action) FROM audit_log ORDER BY id";
    let rows = tierpix.connect().await.query(sql, &[]).await.unwrap();
    let told: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let expected = [
        "tier Gold added",
        "tier Gold changed",
        "user anna added",
        "user anna changed",
        "user anna set_password",
        "user anna changed",
        "user anna deleted",
        "tier Gold deleted",
        "key 2 added",
        "key 1 withdrawn",
    ];
    assert_eq!(told, expected);
}

/// The roles of all users, by the users' names.
async fn roles(tierpix: &Installation) -> Vec<serde_json::Value> {
    let users = tierpix.json("user list --json").await;
    let users = users.as_array().unwrap().iter();
    users.map(|user| user["role"].clone()).collect()
}
