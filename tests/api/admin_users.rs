//! `/api/v1/admin/users/…`: one user at a time. The list is in `admin_users_list.rs`.

use futures_util::future::join;
use serde_json::{Value, json};
use tierpix::domain::staff::StaffRole;

use crate::harness::{Account, Answer, TestService, eventually, picture};

const USERS: &str = "/api/v1/admin/users/";

/// A service, its superuser and a manager.
async fn staffed() -> (TestService, Account, Account) {
    let service = TestService::start().await;
    let root = service.staff(StaffRole::Superuser).await;
    let manager = service.staff(StaffRole::Manager).await;
    (service, root, manager)
}

fn path(account: &Account) -> String {
    format!("{USERS}{}/", account.id.0)
}

fn denied() -> (u16, Value) {
    let detail = "You do not have permission to perform this action.";
    (
        403,
        json!({ "detail": detail, "code": "permission_denied" }),
    )
}

fn not_found() -> (u16, Value) {
    (404, json!({ "detail": "Not found.", "code": "not_found" }))
}

fn login(username: &str, password: &str) -> Value {
    json!({ "username": username, "password": password })
}

/// Logs in by the form; the status.
async fn log_in(service: &TestService, username: &str, password: &str) -> u16 {
    let request = service.request("POST", "/api-auth/login/");
    let credentials = login(username, password);
    Answer::of(request.json(&credentials)).await.status
}

#[actix_web::test]
async fn a_user_is_made_with_what_was_given() {
    let (service, root, _) = staffed().await;
    let fields = json!({
        "username": "bert", "password": " a long one ", "email": "bert@example.org", "tier": "Premium",
        "role": "viewer", "is_active": true,
    });
    let made = root.post(USERS, fields).await;
    assert_eq!(made.status, 201, "{made:?}");
    let location = made.header("location");
    let json = made.json();
    assert_eq!(location, format!("{}{USERS}{}/", service.url, json["id"]));
    let shown = root.get(&location[service.url.len()..]).await;
    assert_eq!(shown.json(), json);
    assert_eq!(shown.header("etag"), made.header("etag"));
    let mut rest = json;
    for name in ["id", "created_at"] {
        assert!(!rest[name].take().is_null(), "{name}");
    }
    let expected = json!({
        "id": null, "username": "bert", "email": "bert@example.org", "tier": "Premium", "role": "viewer",
        "is_active": true, "created_at": null, "last_login_at": null, "usage": { "images": 0, "stored_bytes": 0 },
    });
    assert_eq!(rest, expected);
    assert_eq!(log_in(&service, "bert", " a long one ").await, 200);
}

#[actix_web::test]
async fn a_new_user_has_nothing_that_is_not_given() {
    let (_service, _, manager) = staffed().await;
    let made = manager
        .post(USERS, login("bert", "a long one"))
        .await
        .json();
    let nothing = [Value::Null, Value::Null, Value::Null, json!(true)];
    assert_eq!(
        ["email", "tier", "role", "is_active"].map(|name| made[name].clone()),
        nothing
    );
}

#[actix_web::test]
async fn a_user_shows_what_it_uses_and_no_secret() {
    let (service, _, manager) = staffed().await;
    let anna = service.account("Premium").await;
    anna.image().await;
    anna.log_in().await;
    let shown = manager.get(&path(&anna)).await;
    let usage = json!({ "images": 1, "stored_bytes": picture().len() });
    assert_eq!(shown.json()["usage"], usage);
    assert!(shown.json()["last_login_at"].is_string());
    for secret in ["password", "argon2", "credentials", "hash"] {
        assert!(!shown.text().contains(secret), "{secret}");
    }
}

#[actix_web::test]
async fn a_change_leaves_what_it_does_not_name() {
    let (service, root, _) = staffed().await;
    let anna = service.account("Premium").await;
    let before = root.get(&path(&anna)).await.json();
    let change = json!({ "email": "anna@example.org", "id": 7, "usage": null });
    let changed = root.patch(&path(&anna), change).await;
    let mut expected = before;
    expected["email"] = json!("anna@example.org");
    assert_eq!(changed.outcome(), (200, expected));
    let emptied = json!({ "email": "", "tier": null });
    let changed = root.patch(&path(&anna), emptied).await.json();
    assert_eq!(
        (&changed["email"], &changed["tier"]),
        (&Value::Null, &Value::Null)
    );
}

#[actix_web::test]
async fn a_user_who_is_renamed_logs_in_by_the_new_name() {
    let (service, _, manager) = staffed().await;
    let anna = service.account("").await;
    let renamed = json!({ "username": "berta" });
    assert_eq!(manager.patch(&path(&anna), renamed).await.status, 200);
    assert_eq!(log_in(&service, "berta", &anna.password).await, 200);
    assert_eq!(log_in(&service, &anna.username, &anna.password).await, 401);
}

#[actix_web::test]
async fn another_tier_counts_for_the_next_request() {
    let (service, _, manager) = staffed().await;
    let anna = service.account("Basic").await;
    assert_eq!(anna.upload(picture()).await.sizes(), ["200px"]);
    let change = json!({ "tier": "Premium" });
    assert_eq!(manager.patch(&path(&anna), change).await.status, 200);
    let sizes = anna.upload(picture()).await.sizes();
    assert_eq!(sizes, ["200px", "400px", "original"]);
}

#[actix_web::test]
async fn a_new_password_ends_all_sessions() {
    let (service, _, manager) = staffed().await;
    let anna = service.account("").await;
    let (_, session) = anna.log_in().await;
    assert!(service.is_alive(&session).await);
    let change = json!({ "password": "another one" });
    assert_eq!(manager.patch(&path(&anna), change).await.status, 200);
    assert!(!service.is_alive(&session).await);
    assert_eq!(log_in(&service, &anna.username, &anna.password).await, 401);
    assert_eq!(log_in(&service, &anna.username, "another one").await, 200);
}

#[actix_web::test]
async fn a_deactivated_user_is_out_at_once_and_for_good() {
    let (service, _, manager) = staffed().await;
    let anna = service.account("").await;
    let (_, session) = anna.log_in().await;
    let key = anna.token(&["read"]).await;
    manager
        .patch(&path(&anna), json!({ "is_active": false }))
        .await;
    assert!(!service.is_alive(&session).await);
    let me = service.request_by(&key, "GET", "/api/v1/me/");
    assert_eq!(Answer::of(me).await.status, 401);
    manager
        .patch(&path(&anna), json!({ "is_active": true }))
        .await;
    assert!(!service.is_alive(&session).await);
    assert_eq!(log_in(&service, &anna.username, &anna.password).await, 200);
}

#[actix_web::test]
async fn everything_wrong_with_a_user_is_told_at_once() {
    let (service, root, _) = staffed().await;
    let anna = service.account("").await;
    let wrong = json!({
        "username": "a b", "email": "anna", "tier": 7, "role": "root", "is_active": "maybe", "password": "short",
    });
    let told = json!({
        "username": ["A user name holds only letters, digits and @ . + - _"],
        "email": ["Enter a valid e-mail address."],
        "tier": ["Not a valid string."],
        "role": ["\"root\" is not a valid choice."],
        "is_active": ["Must be a valid boolean."],
        "password": ["A password has at least 8 characters."],
    });
    assert_eq!(
        root.post(USERS, wrong.clone()).await.outcome(),
        (400, told.clone())
    );
    assert_eq!(root.patch(&path(&anna), wrong).await.outcome(), (400, told));
    let told = json!({
        "username": ["This field is required."],
        "password": ["This field is required."],
    });
    assert_eq!(root.post(USERS, json!({})).await.outcome(), (400, told));
}

#[actix_web::test]
async fn each_wrong_value_of_a_user_is_told_what_is_wrong_with_it() {
    let (service, root, manager) = staffed().await;
    let anna = service.account("").await;
    for (field, value, sentence) in [
        ("username", json!(null), "This field may not be null."),
        ("username", json!(""), "This field may not be blank."),
        ("username", json!(7), "Not a valid string."),
        (
            "username",
            json!("x".repeat(151)),
            "Ensure this field has no more than 150 characters.",
        ),
        (
            "username",
            json!(manager.username),
            "A user with that username already exists.",
        ),
        ("email", json!(["a@b"]), "Not a valid string."),
        (
            "email",
            json!(format!("a@{}", "x".repeat(260))),
            "Ensure this field has no more than 254 characters.",
        ),
        (
            "tier",
            json!("Gold"),
            "Object with name=Gold does not exist.",
        ),
        (
            "tier",
            json!("a\u{0}b"),
            "Object with name=a\u{0}b does not exist.",
        ),
        ("role", json!(7), "\"7\" is not a valid choice."),
        ("is_active", json!(null), "This field may not be null."),
        ("password", json!(null), "This field may not be null."),
        ("password", json!(""), "This field may not be blank."),
        ("password", json!(12_345_678), "Not a valid string."),
        (
            "password",
            json!("x".repeat(1025)),
            "A password has at most 1024 characters.",
        ),
    ] {
        let answer = root.patch(&path(&anna), json!({ field: value })).await;
        let told = json!({ field: [sentence] });
        assert_eq!(answer.outcome(), (400, told), "{field}: {value}");
    }
    let mut taken = login(&anna.username, "a long one");
    taken["tier"] = json!("Basic");
    let told = json!({ "username": ["A user with that username already exists."] });
    assert_eq!(root.post(USERS, taken).await.outcome(), (400, told));
}

#[actix_web::test]
async fn a_deleted_user_takes_all_rows_and_files_along() {
    let (service, _, manager) = staffed().await;
    let anna = service.account("Enterprise").await;
    let upload = anna.upload_with_link(picture(), "300").await;
    let urls = [
        upload.url_of("200px"),
        upload.url_of("original"),
        upload.link(),
    ];
    let (_, session) = anna.log_in().await;
    for url in &urls {
        assert_eq!(service.get(url).await.status, 200);
    }
    let answer = manager.delete(&path(&anna)).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    for url in &urls {
        eventually("the URL has ended", async || {
            service.get(url).await.status == 404
        })
        .await;
    }
    assert_eq!(service.number("SELECT count(*) FROM images").await, 0);
    eventually("the files are gone", async || service.files().is_empty()).await;
    assert!(!service.is_alive(&session).await);
    assert_eq!(manager.get(&path(&anna)).await.outcome(), not_found());
    assert_eq!(manager.delete(&path(&anna)).await.outcome(), not_found());
    let gone = manager.patch(&path(&anna), json!({})).await;
    assert_eq!(gone.outcome(), not_found());
}

#[actix_web::test]
async fn a_change_of_whom_somebody_else_has_changed_is_refused() {
    let (service, root, manager) = staffed().await;
    let anna = service.account("Basic").await;
    let seen = root.get(&path(&anna)).await.header("etag").to_owned();
    let change = json!({ "tier": "Premium" });
    assert_eq!(manager.patch(&path(&anna), change).await.status, 200);
    for method in ["PATCH", "DELETE"] {
        let request = root.request(method, &path(&anna)).header("if-match", &seen);
        let answer = Answer::of(request.json(&json!({ "tier": "Enterprise" }))).await;
        assert_eq!(answer.status, 412, "{answer:?}");
        assert_eq!(answer.json()["code"], "precondition_failed");
    }
    assert_eq!(root.get(&path(&anna)).await.json()["tier"], "Premium");
}

#[actix_web::test]
async fn what_a_user_does_itself_is_no_change_of_it() {
    let (service, root, _) = staffed().await;
    let anna = service.account("Basic").await;
    let seen = root.get(&path(&anna)).await.header("etag").to_owned();
    anna.image().await;
    anna.log_in().await;
    let request = root
        .request("PATCH", &path(&anna))
        .header("if-match", &seen);
    let answer = Answer::of(request.json(&json!({ "tier": "Premium" }))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[actix_web::test]
async fn ending_the_sessions_leaves_password_and_tokens() {
    let (service, _, manager) = staffed().await;
    let anna = service.account("").await;
    let (_, session) = anna.log_in().await;
    let key = anna.token(&["read"]).await;
    let answer = manager
        .post(&format!("{}end-sessions/", path(&anna)), json!({}))
        .await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert!(!service.is_alive(&session).await);
    assert_eq!(log_in(&service, &anna.username, &anna.password).await, 200);
    let me = service.request_by(&key, "GET", "/api/v1/me/");
    assert_eq!(Answer::of(me).await.status, 200);
}

#[actix_web::test]
async fn revoking_the_tokens_leaves_sessions_and_others_tokens() {
    let (service, _, manager) = staffed().await;
    let anna = service.account("").await;
    let bert = service.account("").await;
    let (_, session) = anna.log_in().await;
    let keys = [anna.token(&["read"]).await, anna.token(&["read"]).await];
    let other = bert.token(&["read"]).await;
    let me = async |key: &str| {
        let request = service.request_by(key, "GET", "/api/v1/me/");
        Answer::of(request).await.status
    };
    for key in &keys {
        assert_eq!(me(key).await, 200);
    }
    let answer = manager
        .post(&format!("{}revoke-tokens/", path(&anna)), json!({}))
        .await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    for key in &keys {
        assert_eq!(me(key).await, 401);
    }
    assert_eq!(me(&other).await, 200);
    assert!(service.is_alive(&session).await);
}

#[actix_web::test]
async fn revoking_the_links_leaves_images_and_others_links() {
    let (service, _, manager) = staffed().await;
    let anna = service.account("Enterprise").await;
    let bert = service.account("Enterprise").await;
    let linked = anna.upload_with_link(picture(), "300").await;
    let other = bert.upload_with_link(picture(), "300").await.link();
    assert_eq!(service.get(&linked.link()).await.status, 200);
    let answer = manager
        .post(&format!("{}revoke-links/", path(&anna)), json!({}))
        .await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(service.get(&linked.link()).await.status, 404);
    assert_eq!(service.get(&linked.url_of("original")).await.status, 200);
    assert_eq!(service.get(&other).await.status, 200);
}

#[actix_web::test]
async fn a_manager_touches_nobody_of_the_staff() {
    let (service, root, manager) = staffed().await;
    let viewer = service.staff(StaffRole::Viewer).await;
    for other in [&root, &viewer, &manager] {
        let path = path(other);
        assert_eq!(manager.get(&path).await.status, 200);
        let change = json!({ "email": "a@b" });
        assert_eq!(manager.patch(&path, change).await.outcome(), denied());
        assert_eq!(manager.delete(&path).await.outcome(), denied());
        for action in ["end-sessions", "revoke-tokens", "revoke-links"] {
            let answer = manager.post(&format!("{path}{action}/"), json!({})).await;
            assert_eq!(answer.outcome(), denied(), "{action}");
        }
    }
}

#[actix_web::test]
async fn only_superusers_make_staff() {
    let (service, root, manager) = staffed().await;
    let anna = service.account("").await;
    for role in ["viewer", "manager", "superuser"] {
        let change = json!({ "role": role });
        assert_eq!(
            manager.patch(&path(&anna), change.clone()).await.outcome(),
            denied()
        );
        let mut new = login("bert", "a long one");
        new["role"] = json!(role);
        assert_eq!(manager.post(USERS, new).await.outcome(), denied());
        assert_eq!(root.patch(&path(&anna), change).await.status, 200);
        assert_eq!(
            root.patch(&path(&anna), json!({ "role": null }))
                .await
                .status,
            200
        );
    }
    // What leaves the role as it is makes nobody staff.
    let change = json!({ "role": null, "email": "a@b" });
    assert_eq!(manager.patch(&path(&anna), change).await.status, 200);
}

#[actix_web::test]
async fn a_new_role_counts_for_the_next_request() {
    let (service, root, _) = staffed().await;
    let anna = service.account("").await;
    assert_eq!(anna.get(USERS).await.outcome(), denied());
    root.patch(&path(&anna), json!({ "role": "viewer" })).await;
    assert_eq!(anna.get(USERS).await.status, 200);
    root.patch(&path(&anna), json!({ "role": null })).await;
    assert_eq!(anna.get(USERS).await.outcome(), denied());
}

#[actix_web::test]
async fn a_viewer_and_everybody_else_change_nobody() {
    let (service, _, _) = staffed().await;
    let viewer = service.staff(StaffRole::Viewer).await;
    let anna = service.account("").await;
    let path = path(&anna);
    assert_eq!(viewer.get(&path).await.status, 200);
    assert_eq!(anna.get(&path).await.outcome(), denied());
    assert_eq!(anna.get(USERS).await.outcome(), denied());
    for who in [&viewer, &anna] {
        assert_eq!(who.post(USERS, json!({})).await.outcome(), denied());
        assert_eq!(who.patch(&path, json!({})).await.outcome(), denied());
        assert_eq!(who.delete(&path).await.outcome(), denied());
        for action in ["end-sessions", "revoke-tokens", "revoke-links"] {
            let answer = who.post(&format!("{path}{action}/"), json!({})).await;
            assert_eq!(answer.outcome(), denied(), "{action}");
        }
    }
    for (method, path) in [("GET", USERS), ("PUT", &path), ("DELETE", &path)] {
        let answer = Answer::of(service.request(method, path)).await;
        assert_eq!(
            answer.json()["code"],
            "not_authenticated",
            "{method} {path}"
        );
    }
}

#[actix_web::test]
async fn no_token_is_good_for_it() {
    let (service, root, _) = staffed().await;
    let key = root.token(&["upload", "read", "delete", "links"]).await;
    let list = service.request_by(&key, "GET", USERS);
    assert_eq!(Answer::of(list).await.outcome(), denied());
    let deletion = service.request_by(&key, "DELETE", &path(&root));
    assert_eq!(Answer::of(deletion).await.outcome(), denied());
}

#[actix_web::test]
async fn the_last_superuser_stays() {
    let (service, root, _) = staffed().await;
    let detail = format!(
        "{} is the last active superuser: make another one first.",
        root.username
    );
    let last = || (409, json!({ "detail": detail, "code": "last_superuser" }));
    for change in [
        json!({ "role": null }),
        json!({ "role": "manager" }),
        json!({ "is_active": false }),
        json!({ "role": "viewer", "username": "nobody", "password": "another one" }),
    ] {
        assert_eq!(root.patch(&path(&root), change).await.outcome(), last());
    }
    assert_eq!(root.delete(&path(&root)).await.outcome(), last());
    assert_eq!(log_in(&service, &root.username, &root.password).await, 200);
    let other = service.staff(StaffRole::Superuser).await;
    assert_eq!(other.delete(&path(&root)).await.status, 204);
}

#[actix_web::test]
async fn of_two_superusers_who_demote_each_other_at_once_one_stays() {
    for _ in 0..5 {
        let (service, root, _) = staffed().await;
        let other = service.staff(StaffRole::Superuser).await;
        let demotion = || json!({ "role": null });
        let (one, two) = (path(&root), path(&other));
        let (a, b) = join(root.patch(&two, demotion()), other.patch(&one, demotion())).await;
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        // The one who came too late may be known as nobody of the staff already.
        assert!(matches!(statuses, [200, 403 | 409]), "{a:?} {b:?}");
        let superusers = "SELECT count(*) FROM users WHERE role = 'superuser' AND is_active";
        assert_eq!(service.number(superusers).await, 1);
    }
}

#[actix_web::test]
async fn a_user_of_a_tier_that_goes_meanwhile_is_refused() {
    let (service, root, _) = staffed().await;
    let anna = service.account("").await;
    let other = service.connection().await;
    let delete = "BEGIN; DELETE FROM tiers WHERE name = 'Basic'";
    other.batch_execute(delete).await.unwrap();
    let request = root.request("PATCH", &path(&anna));
    let request = request.json(&json!({ "tier": "Basic" }));
    let change = actix_web::rt::spawn(Answer::of(request));
    eventually("the change waits for the deletion", async || {
        change.is_finished() || service.waiting().await == 1
    })
    .await;
    other.batch_execute("COMMIT").await.unwrap();
    let told = json!({ "tier": ["Object with name=Basic does not exist."] });
    assert_eq!(change.await.unwrap().outcome(), (400, told));
}
