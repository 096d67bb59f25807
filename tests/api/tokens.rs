//! `/api/v1/tokens/`, and what tokens are good for.

use serde_json::{Value, json};

use crate::harness::{Account, Answer, TestService, eventually, image_form, picture};

const TOKENS: &str = "/api/v1/tokens/";
const ME: &str = "/api/v1/me/";
const SCOPES: [&str; 4] = ["upload", "read", "delete", "links"];

fn refused(detail: &str) -> (u16, Value) {
    (
        401,
        json!({ "detail": detail, "code": "authentication_failed" }),
    )
}

fn denied() -> (u16, Value) {
    let detail = "You do not have permission to perform this action.";
    (
        403,
        json!({ "detail": detail, "code": "permission_denied" }),
    )
}

/// What a token is answered on a path that it may read.
async fn me(service: &TestService, key: &str) -> Answer {
    Answer::of(service.request_by(key, "GET", ME)).await
}

async fn by_header(service: &TestService, header: &str) -> Answer {
    let request = service.request("GET", ME);
    Answer::of(request.header("authorization", header)).await
}

async fn made(account: &Account, fields: Value) -> Answer {
    account.post(TOKENS, fields).await
}

/// Uses a token of one scope on every path; fails unless exactly those of its scope are open to it.
async fn opens_its_paths_and_no_other(scope: &str) {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let (links, seconds) = (
        format!("{image}links/"),
        json!({ "expiring_time_seconds": 300 }),
    );
    let link = anna.link(&image, seconds.clone()).await;
    let link = format!("{links}{}/", link["id"].as_str().unwrap());
    let key = anna.token(&[scope]).await;
    let by = |method, path: &str| service.request_by(&key, method, path);
    let upload = by("POST", "/api/v1/images_upload/").multipart(image_form(picture()));
    let calls = [
        ("upload", 201, upload),
        ("read", 200, by("GET", "/api/v1/images/")),
        ("read", 200, by("GET", &image)),
        ("read", 200, by("HEAD", &image)),
        ("read", 200, by("GET", &links)),
        ("read", 200, by("GET", ME)),
        ("links", 201, by("POST", &links).json(&seconds)),
        ("links", 204, by("DELETE", &link)),
        ("delete", 204, by("DELETE", &image)),
    ];
    for (needed, status, call) in calls {
        let what = format!("{call:?}");
        let answer = Answer::of(call).await;
        if needed == scope {
            assert_eq!(answer.status, status, "{what}: {answer:?}");
        } else if what.contains("HEAD") {
            assert_eq!(answer.status, 403, "{what}");
        } else {
            assert_eq!(answer.outcome(), denied(), "{what}");
        }
    }
}

#[actix_web::test]
async fn the_scope_upload_is_good_for_uploads_alone() {
    opens_its_paths_and_no_other("upload").await;
}

#[actix_web::test]
async fn the_scope_read_is_good_for_reading_alone() {
    opens_its_paths_and_no_other("read").await;
}

#[actix_web::test]
async fn the_scope_delete_is_good_for_deleting_images_alone() {
    opens_its_paths_and_no_other("delete").await;
}

#[actix_web::test]
async fn the_scope_links_is_good_for_making_and_revoking_links_alone() {
    opens_its_paths_and_no_other("links").await;
}

#[actix_web::test]
async fn no_token_manages_tokens() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&SCOPES).await;
    let id = anna.get(TOKENS).await.json()["results"][0]["id"].clone();
    let one = format!("{TOKENS}{}/", id.as_str().unwrap());
    let fields = json!({ "name": "more", "scopes": SCOPES });
    for call in [
        service.request_by(&key, "GET", TOKENS),
        service.request_by(&key, "POST", TOKENS).json(&fields),
        service.request_by(&key, "DELETE", &one),
    ] {
        assert_eq!(Answer::of(call).await.outcome(), denied());
    }
    assert_eq!(service.number("SELECT count(*) FROM api_tokens").await, 1);
}

#[actix_web::test]
async fn a_session_manages_tokens() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let (_, session) = anna.log_in().await;
    let fields = json!({ "name": "phone", "scopes": ["read"] });
    let request = service.request_in(&session, "POST", TOKENS).json(&fields);
    let made = Answer::of(request).await;
    assert_eq!(made.status, 201, "{made:?}");
    let one = format!("{TOKENS}{}/", made.json()["id"].as_str().unwrap());
    let deleted = Answer::of(service.request_in(&session, "DELETE", &one)).await;
    assert_eq!(deleted.status, 204);
}

#[actix_web::test]
async fn a_token_speaks_for_whoever_made_it() {
    let service = TestService::start().await;
    let (anna, bert) = (
        service.account("Basic").await,
        service.account("Basic").await,
    );
    let annas = anna.image().await;
    let key = bert.token(&SCOPES).await;
    assert_eq!(
        me(&service, &key).await.json()["username"],
        bert.username.as_str()
    );
    let answer = Answer::of(service.request_by(&key, "GET", &annas)).await;
    assert_eq!(answer.status, 404);
}

#[actix_web::test]
async fn both_words_are_taken_in_any_case() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    for word in ["Bearer", "bearer", "Token", "TOKEN"] {
        let answer = by_header(&service, &format!("{word} {key}")).await;
        assert_eq!(answer.status, 200, "{word}");
    }
}

#[actix_web::test]
async fn an_unknown_token_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    let shorter = &key[..key.len() - 1];
    for unknown in ["abc", shorter, &key.to_uppercase(), &format!("{key}A")] {
        let answer = me(&service, unknown).await;
        assert_eq!(answer.outcome(), refused("Invalid token."), "{unknown}");
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"api\"");
    }
}

#[actix_web::test]
async fn a_key_that_is_no_text_is_no_token() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let expected = json!({ "detail": "Invalid token.", "code": "authentication_failed" });
    for value in [
        &b"Token \xFC"[..],
        "Bearer tpx_ä".as_bytes(),
        b"token \xFF\xFE",
    ] {
        let request = service.request_in(&session, "GET", "/api/v1/me/");
        let answer = Answer::of(request.header("authorization", value)).await;
        assert_eq!(answer.outcome(), (401, expected.clone()), "{value:?}");
    }
}

#[actix_web::test]
async fn a_header_without_a_token_is_refused() {
    let service = TestService::start().await;
    for header in ["Token", "Bearer", "Token  "] {
        let answer = by_header(&service, header).await;
        let detail = "Invalid token header. No credentials provided.";
        assert_eq!(answer.outcome(), refused(detail), "{header}");
    }
}

#[actix_web::test]
async fn a_token_with_spaces_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    for header in [format!("Token {key} {key}"), "Bearer a b c".to_owned()] {
        let answer = by_header(&service, &header).await;
        let detail = "Invalid token header. Token string should not contain spaces.";
        assert_eq!(answer.outcome(), refused(detail), "{header}");
    }
}

#[actix_web::test]
async fn an_expired_token_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    service
        .execute("UPDATE api_tokens SET expires_at = now()")
        .await;
    assert_eq!(
        me(&service, &key).await.outcome(),
        refused("Invalid token.")
    );
}

#[actix_web::test]
async fn a_token_in_use_ends_when_its_time_has_come() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    service
        .execute("UPDATE api_tokens SET expires_at = now() + interval '1 second'")
        .await;
    assert_eq!(me(&service, &key).await.status, 200);
    eventually("the token has ended", async || {
        me(&service, &key).await.status == 401
    })
    .await;
}

#[actix_web::test]
async fn a_revoked_token_ends_at_once() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    for _ in 0..2 {
        assert_eq!(me(&service, &key).await.status, 200);
    }
    let id = anna.get(TOKENS).await.json()["results"][0]["id"].clone();
    let revoked = anna
        .delete(&format!("{TOKENS}{}/", id.as_str().unwrap()))
        .await;
    assert_eq!((revoked.status, revoked.body.len()), (204, 0));
    assert_eq!(
        me(&service, &key).await.outcome(),
        refused("Invalid token.")
    );
}

#[actix_web::test]
async fn a_token_revoked_elsewhere_ends_too() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    for _ in 0..2 {
        assert_eq!(me(&service, &key).await.status, 200);
    }
    service.execute("DELETE FROM api_tokens").await;
    eventually("the token has ended", async || {
        me(&service, &key).await.status == 401
    })
    .await;
}

#[actix_web::test]
async fn the_tokens_of_a_deactivated_user_are_refused() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    assert_eq!(me(&service, &key).await.status, 200);
    service.set_active(&anna, false).await;
    eventually("the token is refused", async || {
        me(&service, &key).await.status == 401
    })
    .await;
    assert_eq!(
        me(&service, &key).await.outcome(),
        refused("Invalid token.")
    );
}

#[actix_web::test]
async fn the_tokens_of_a_deleted_user_are_gone() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    assert_eq!(me(&service, &key).await.status, 200);
    service.delete_user(&anna).await;
    eventually("the token is refused", async || {
        me(&service, &key).await.outcome() == refused("Invalid token.")
    })
    .await;
}

#[actix_web::test]
async fn a_new_token_tells_everything_about_itself() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let fields = json!({
        "name": " phone ",
        "scopes": ["read", "upload", "read"],
        "expires_at": "2099-01-31T12:00:00+01:00",
    });
    let made = made(&anna, fields).await;
    assert_eq!(made.status, 201, "{made:?}");
    let mut token = made.json();
    for name in ["id", "created_at", "key"] {
        assert!(token[name].take().is_string(), "{name}");
    }
    let rest = json!({
        "id": null, "name": "phone", "scopes": ["upload", "read"], "created_at": null,
        "expires_at": "2099-01-31T11:00:00.000Z", "last_used_at": null, "key": null,
    });
    assert_eq!(token, rest);
}

#[actix_web::test]
async fn the_key_is_shown_once() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let fields = json!({ "name": "phone", "scopes": ["read"] });
    let made = made(&anna, fields).await;
    assert_eq!(made.header("cache-control"), "no-store");
    let mut token = made.json();
    token.as_object_mut().unwrap().remove("key");
    assert_eq!(
        anna.get(TOKENS).await.outcome(),
        (200, json!({ "results": [token] }))
    );
}

#[actix_web::test]
async fn the_key_is_kept_nowhere() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    let rows = "SELECT count(*) FROM api_tokens AS token";
    assert_eq!(service.number(rows).await, 1);
    let holds = format!(
        "{rows} WHERE token::text LIKE '%{key}%' OR position('{key}'::bytea IN digest) > 0"
    );
    assert_eq!(service.number(&holds).await, 0);
}

#[actix_web::test]
async fn the_last_use_of_a_token_is_shown() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    let shown = async || anna.get(TOKENS).await.json()["results"][0]["last_used_at"].clone();
    assert_eq!(shown().await, Value::Null);
    me(&service, &key).await;
    assert!(shown().await.is_string());
}

#[actix_web::test]
async fn not_every_use_is_written() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let key = anna.token(&["read"]).await;
    let shown = async || anna.get(TOKENS).await.json()["results"][0]["last_used_at"].clone();
    me(&service, &key).await;
    let first = shown().await;
    me(&service, &key).await;
    assert_eq!(shown().await, first);
    service
        .execute("UPDATE api_tokens SET last_used_at = last_used_at - interval '11 minutes'")
        .await;
    // A node that remembers the token notes it by what it remembers.
    service.end_database_connections().await;
    eventually("a later use is written", async || {
        me(&service, &key).await.status == 200 && shown().await.as_str() > first.as_str()
    })
    .await;
}

#[actix_web::test]
async fn a_name_and_scopes_are_required() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let errors = json!({
        "name": ["This field is required."],
        "scopes": ["This field is required."],
    });
    assert_eq!(made(&anna, json!({})).await.outcome(), (400, errors));
}

#[actix_web::test]
async fn every_wrong_field_is_told_at_once() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let fields = json!({ "name": " ", "scopes": [], "expires_at": "tomorrow" });
    let errors = json!({
        "expires_at": ["Datetime has wrong format. Use RFC 3339, as 2030-01-31T12:00:00Z."],
        "name": ["This field may not be blank."],
        "scopes": ["This list may not be empty."],
    });
    assert_eq!(made(&anna, fields).await.outcome(), (400, errors));
    assert_eq!(service.number("SELECT count(*) FROM api_tokens").await, 0);
}

#[actix_web::test]
async fn a_name_is_a_text_of_up_to_100_characters() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for (name, sentence) in [
        (
            json!("ä".repeat(101)),
            "Ensure this field has no more than 100 characters.",
        ),
        (
            json!("a\u{0}b"),
            "A token's name holds no control characters.",
        ),
        (json!(5), "Not a valid string."),
        (Value::Null, "This field may not be null."),
    ] {
        let answer = made(&anna, json!({ "name": name, "scopes": ["read"] })).await;
        assert_eq!(
            answer.outcome(),
            (400, json!({ "name": [sentence] })),
            "{name}"
        );
    }
    let longest = json!({ "name": "ä".repeat(100), "scopes": ["read"] });
    assert_eq!(made(&anna, longest).await.status, 201);
}

#[actix_web::test]
async fn only_scopes_that_there_are_can_be_given() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for (scopes, sentence) in [
        (json!(["admin"]), "\"admin\" is not a valid choice."),
        (json!(["read", "READ"]), "\"READ\" is not a valid choice."),
        (json!(["read", 5]), "\"5\" is not a valid choice."),
        (json!({}), "Expected a list of items."),
        (json!(5), "Expected a list of items."),
    ] {
        let answer = made(&anna, json!({ "name": "phone", "scopes": scopes })).await;
        assert_eq!(
            answer.outcome(),
            (400, json!({ "scopes": [sentence] })),
            "{scopes}"
        );
    }
}

#[actix_web::test]
async fn an_expiry_lies_in_the_future() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let fields =
        json!({ "name": "phone", "scopes": ["read"], "expires_at": "2020-01-31T12:00:00Z" });
    let errors = json!({ "expires_at": ["This time has passed already."] });
    assert_eq!(made(&anna, fields).await.outcome(), (400, errors));
}

#[actix_web::test]
async fn an_expiry_that_is_no_time_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    // The last two are in the year 10000 of UTC, or a leap second in no place for one.
    for time in [
        json!("2099-02-30T12:00:00Z"),
        json!("2099-01-31"),
        json!(4_000_000_000_u32),
        json!("9999-12-31T23:59:59-01:00"),
        json!("2099-01-31T12:00:60Z"),
    ] {
        let fields = json!({ "name": "phone", "scopes": ["read"], "expires_at": time });
        let sentence = "Datetime has wrong format. Use RFC 3339, as 2030-01-31T12:00:00Z.";
        let errors = json!({ "expires_at": [sentence] });
        assert_eq!(made(&anna, fields).await.outcome(), (400, errors), "{time}");
    }
}

#[actix_web::test]
async fn the_last_time_that_can_be_written_is_an_expiry() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let last = "9999-12-31T23:59:59.999Z";
    let fields = json!({ "name": "phone", "scopes": ["read"], "expires_at": last });
    let made = made(&anna, fields).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json()["expires_at"], last);
}

#[actix_web::test]
async fn a_form_makes_a_token_as_well() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let request = anna
        .request("POST", TOKENS)
        .header("content-type", "application/x-www-form-urlencoded");
    let made = Answer::of(request.body("name=phone&scopes=read,+upload&expires_at=")).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json()["scopes"], json!(["upload", "read"]));
}

#[actix_web::test]
async fn tokens_are_listed_oldest_first() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for name in ["first", "second"] {
        made(&anna, json!({ "name": name, "scopes": ["read"] })).await;
    }
    let list = anna.get(TOKENS).await.json();
    assert_eq!(list["results"][0]["name"], "first");
    assert_eq!(list["results"][1]["name"], "second");
}

#[actix_web::test]
async fn another_users_tokens_are_neither_seen_nor_revoked() {
    let service = TestService::start().await;
    let (anna, bert) = (
        service.account("Basic").await,
        service.account("Basic").await,
    );
    let key = anna.token(&["read"]).await;
    assert_eq!(bert.get(TOKENS).await.json(), json!({ "results": [] }));
    let id = anna.get(TOKENS).await.json()["results"][0]["id"].clone();
    let one = format!("{TOKENS}{}/", id.as_str().unwrap());
    assert_eq!(bert.delete(&one).await.status, 404);
    assert_eq!(me(&service, &key).await.status, 200);
}

#[actix_web::test]
async fn a_token_that_is_not_there_cannot_be_revoked() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for id in ["0198c0de-0000-4000-8000-000000000000", "abc"] {
        let answer = anna.delete(&format!("{TOKENS}{id}/")).await;
        let not_found = json!({ "detail": "Not found.", "code": "not_found" });
        assert_eq!(answer.outcome(), (404, not_found), "{id}");
    }
}
