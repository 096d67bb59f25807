//! Names of users, as people type them.

use serde_json::json;
use tierpix::domain::{
    staff::StaffRole,
    user::{UserChange, Username},
};

use crate::harness::{Account, Answer, PRIVATE, TestService, basic};

/// An account of this name.
async fn named(service: &TestService, name: &str) -> Account {
    let mut account = service.account("Basic").await;
    let username: Username = name.parse().unwrap();
    let change = UserChange {
        username: Some(username.clone()),
        ..UserChange::default()
    };
    service.update(&account, change).await;
    account.username = username.to_string();
    account
}

/// Ways of typing the name `Jörg.fin`.
const TYPED: [&str; 5] = [
    "Jörg.fin",
    " Jörg.fin ",
    "\u{a0}Jo\u{308}rg.fin\t",
    "Ｊöｒｇ．ﬁn",
    "Jörg.\u{fb01}n\u{3000}",
];

#[actix_web::test]
async fn a_name_is_found_however_it_is_typed() {
    let service = TestService::start().await;
    let joerg = named(&service, "Jörg.fin").await;
    for typed in TYPED {
        let credentials = [("username", typed), ("password", &joerg.password)];
        for login in ["/api-auth/login/", "/admin/login/"] {
            let request = service.request("POST", login).form(&credentials);
            let answer = Answer::of(request).await;
            // Not of the staff, which is told only to whom the password is right.
            let expected = if login == "/admin/login/" { 401 } else { 200 };
            assert_eq!(answer.status, expected, "{typed:?}: {answer:?}");
        }
        let request = service.request("GET", PRIVATE);
        let request = request.header("authorization", basic(typed, &joerg.password));
        assert_eq!(Answer::of(request).await.status, 404, "{typed:?}");
    }
}

#[actix_web::test]
async fn a_name_is_kept_in_one_form_and_for_one_user_only() {
    let service = TestService::start().await;
    let admin = service.staff(StaffRole::Superuser).await;
    let fields = json!({ "username": TYPED[3], "password": "a long password" });
    let made = admin.post("/api/v1/admin/users/", fields).await;
    assert_eq!(
        (made.status, &made.json()["username"]),
        (201, &json!("Jörg.fin"))
    );
    for typed in TYPED {
        let fields = json!({ "username": typed, "password": "a long password" });
        let again = admin.post("/api/v1/admin/users/", fields).await;
        let expected = json!({ "username": ["A user with that username already exists."] });
        assert_eq!(again.outcome(), (400, expected), "{typed:?}");
        let encoded =
            percent_encoding::percent_encode(typed.as_bytes(), percent_encoding::NON_ALPHANUMERIC);
        let found = admin
            .get(&format!("/api/v1/admin/users/?search={encoded}"))
            .await;
        assert_eq!(
            found.json()["results"][0]["username"],
            "Jörg.fin",
            "{typed:?}"
        );
    }
}

#[actix_web::test]
async fn whoever_varies_the_spelling_is_throttled_as_one() {
    let service = TestService::start().await;
    let joerg = named(&service, "Jörg.fin").await;
    for attempt in 0..10 {
        let credentials = [("username", TYPED[attempt % 5]), ("password", "wrong")];
        let request = service
            .request("POST", "/api-auth/login/")
            .form(&credentials);
        assert_eq!(Answer::of(request).await.status, 401);
    }
    let credentials = [("username", &joerg.username), ("password", &joerg.password)];
    let request = service
        .request("POST", "/api-auth/login/")
        .form(&credentials);
    assert_eq!(Answer::of(request).await.status, 429);
}

#[actix_web::test]
async fn names_that_were_stored_before_are_brought_into_that_form_unless_they_collide() {
    let service = TestService::start().await;
    let client = service.connection().await;
    client
        .batch_execute(
            "INSERT INTO users (username, password_hash)
             VALUES ('fin', 'x'), ('ﬁn', 'x'), ('ｊörg', 'x'), ('ｊo\u{308}rg', 'x')",
        )
        .await
        .unwrap();
    let migration = include_str!("../../sql/migrations/V6__usernames.sql");
    client.batch_execute(migration).await.unwrap();
    let rows = client
        .query("SELECT username FROM users ORDER BY id", &[])
        .await;
    let names: Vec<String> = rows.unwrap().iter().map(|row| row.get(0)).collect();
    // The last two were one name: the first of them has it.
    assert_eq!(names, ["fin", "ﬁn", "jörg", "ｊo\u{308}rg"]);
    let logged = "SELECT changes::text FROM audit_log";
    let row = client.query_one(logged, &[]).await.unwrap();
    assert_eq!(
        row.get::<_, String>(0),
        "{\"username\": [\"ｊörg\", \"jörg\"]}"
    );
    let admin = service.staff(StaffRole::Superuser).await;
    let list = admin.get("/api/v1/admin/users/").await.json();
    let shown = list["results"].to_string();
    assert!(
        shown.contains("\"ﬁn\"") && shown.contains("\"fin\""),
        "{shown}"
    );
}
