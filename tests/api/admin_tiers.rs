//! `/api/v1/admin/tiers/…`.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tierpix::domain::staff::StaffRole;

use crate::{
    harness::{Account, Answer, TestService, eventually, picture},
    pictures::Jpeg,
};

const TIERS: &str = "/api/v1/admin/tiers/";
const BASIC: &str = "/api/v1/admin/tiers/1/";

/// A service and its superuser.
async fn superuser() -> (TestService, Account) {
    let service = TestService::start().await;
    let root = service.staff(StaffRole::Superuser).await;
    (service, root)
}

fn gold() -> Value {
    json!({
        "name": "Gold", "thumbnail_heights": [400, 200], "original_link": true, "expiring_links": true,
        "max_upload_bytes": 1000, "storage_quota_bytes": 2000, "uploads_per_hour": 3,
    })
}

/// Makes the tier Gold; returns its path.
async fn make_gold(root: &Account) -> String {
    let answer = root.post(TIERS, gold()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    format!("{TIERS}{}/", answer.json()["id"])
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

/// Sends a request that is for one state only.
async fn if_match(request: RequestBuilder, tag: &str) -> Answer {
    Answer::of(request.header("if-match", tag)).await
}

#[actix_web::test]
async fn all_tiers_are_listed_with_how_many_users_have_them() {
    let (service, root) = superuser().await;
    service.account("Premium").await;
    service.account("Premium").await;
    let answer = root.get(TIERS).await;
    let tier = |id, name, heights: &[u32], original, links, users| {
        json!({
            "id": id, "name": name, "thumbnail_heights": heights, "original_link": original,
            "expiring_links": links, "max_upload_bytes": null, "storage_quota_bytes": null,
            "uploads_per_hour": null, "users": users,
        })
    };
    let expected = json!({ "results": [
        tier(1, "Basic", &[200], false, false, 0),
        tier(2, "Premium", &[200, 400], true, false, 2),
        tier(3, "Enterprise", &[200, 400], true, true, 0),
    ] });
    assert_eq!(answer.outcome(), (200, expected));
}

#[actix_web::test]
async fn a_tier_is_made_with_what_was_given() {
    let (service, root) = superuser().await;
    let made = root.post(TIERS, gold()).await;
    assert_eq!(made.status, 201, "{made:?}");
    let mut expected = gold();
    expected["id"] = json!(4);
    expected["users"] = json!(0);
    assert_eq!(made.json(), expected);
    let location = made.header("location");
    assert_eq!(location, format!("{}{TIERS}4/", service.url));
    let shown = root.get(&format!("{TIERS}4/")).await;
    assert_eq!(shown.outcome(), (200, expected));
    assert_eq!(shown.header("etag"), made.header("etag"));
}

#[actix_web::test]
async fn a_new_tier_allows_nothing_that_is_not_given() {
    let (_service, root) = superuser().await;
    let fields = json!({ "name": " Tiny ", "thumbnail_heights": [1] });
    let made = root.post(TIERS, fields).await.json();
    let expected = json!({
        "id": 4, "name": "Tiny", "thumbnail_heights": [1], "original_link": false, "expiring_links": false,
        "max_upload_bytes": null, "storage_quota_bytes": null, "uploads_per_hour": null, "users": 0,
    });
    assert_eq!(made, expected);
}

#[actix_web::test]
async fn a_tier_can_be_made_by_a_form() {
    let (_service, root) = superuser().await;
    let form = [
        ("name", "Gold"),
        ("thumbnail_heights", "200, 400"),
        ("original_link", "on"),
        ("uploads_per_hour", ""),
    ];
    let made = Answer::of(root.request("POST", TIERS).form(&form)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    assert_eq!(made["thumbnail_heights"], json!([200, 400]));
    assert_eq!(made["original_link"], true);
    assert_eq!(made["uploads_per_hour"], Value::Null);
}

#[actix_web::test]
async fn a_change_leaves_what_it_does_not_name() {
    let (_service, root) = superuser().await;
    let path = make_gold(&root).await;
    let change =
        json!({ "thumbnail_heights": [30], "storage_quota_bytes": null, "id": 7, "users": 7 });
    let changed = root.patch(&path, change).await;
    let mut expected = gold();
    expected["thumbnail_heights"] = json!([30]);
    expected["storage_quota_bytes"] = Value::Null;
    expected["id"] = json!(4);
    expected["users"] = json!(0);
    assert_eq!(changed.outcome(), (200, expected.clone()));
    assert_eq!(root.get(&path).await.json(), expected);
}

#[actix_web::test]
async fn a_changed_tier_counts_for_the_next_request() {
    let (service, root) = superuser().await;
    let anna = service.account("Basic").await;
    let photo = Jpeg::photo(40, 30).encode();
    assert_eq!(anna.upload(photo.clone()).await.sizes(), ["200px"]);
    let change = json!({ "thumbnail_heights": [20, 10], "original_link": true });
    assert_eq!(root.patch(BASIC, change).await.status, 200);
    let sizes = anna.upload(photo).await.sizes();
    assert_eq!(sizes, ["20px", "10px", "original"]);
}

#[actix_web::test]
async fn a_tier_that_loses_its_links_ends_them() {
    let (service, root) = superuser().await;
    let path = make_gold(&root).await;
    root.patch(&path, json!({ "max_upload_bytes": null })).await;
    let anna = service.account("Gold").await;
    let link = anna.upload_with_link(picture(), "300").await.link();
    assert_eq!(service.get(&link).await.status, 200);
    let change = json!({ "expiring_links": false });
    assert_eq!(root.patch(&path, change).await.status, 200);
    eventually("the link has ended", async || {
        service.get(&link).await.status == 404
    })
    .await;
}

#[actix_web::test]
async fn everything_wrong_with_a_tier_is_told_at_once() {
    let (_service, root) = superuser().await;
    let wrong = json!({
        "name": " ", "thumbnail_heights": [200, 200], "original_link": "maybe", "expiring_links": null,
        "max_upload_bytes": 0, "storage_quota_bytes": "many", "uploads_per_hour": 1.5,
    });
    let told = json!({
        "name": ["This field may not be blank."],
        "thumbnail_heights": ["The height 200 is given twice."],
        "original_link": ["Must be a valid boolean."],
        "expiring_links": ["This field may not be null."],
        "max_upload_bytes": ["Ensure this value is greater than or equal to 1."],
        "storage_quota_bytes": ["A valid integer is required."],
        "uploads_per_hour": ["A valid integer is required."],
    });
    assert_eq!(
        root.post(TIERS, wrong.clone()).await.outcome(),
        (400, told.clone())
    );
    assert_eq!(root.patch(BASIC, wrong).await.outcome(), (400, told));
}

#[actix_web::test]
async fn a_new_tier_needs_a_name_and_heights() {
    let (_service, root) = superuser().await;
    let told = json!({
        "name": ["This field is required."],
        "thumbnail_heights": ["This field is required."],
    });
    assert_eq!(root.post(TIERS, json!({})).await.outcome(), (400, told));
    let told = json!({ "non_field_errors": ["Invalid data. Expected a dictionary."] });
    assert_eq!(root.post(TIERS, json!([])).await.outcome(), (400, told));
}

#[actix_web::test]
async fn each_wrong_name_is_told_what_is_wrong_with_it() {
    let (_service, root) = superuser().await;
    for (name, sentence) in [
        (Value::Null, "This field may not be null."),
        (json!(7), "Not a valid string."),
        (json!(["Gold"]), "Not a valid string."),
        (json!(""), "This field may not be blank."),
        (
            json!("x".repeat(51)),
            "Ensure this field has no more than 50 characters.",
        ),
        (
            json!("a\u{0}b"),
            "A tier's name holds no control characters.",
        ),
        (json!("Premium"), "tier with this name already exists."),
    ] {
        let told = json!({ "name": [sentence] });
        let answer = root.patch(BASIC, json!({ "name": name })).await;
        assert_eq!(answer.outcome(), (400, told.clone()), "{name}");
        let tier = json!({ "name": name, "thumbnail_heights": [200] });
        assert_eq!(
            root.post(TIERS, tier).await.outcome(),
            (400, told),
            "{name}"
        );
    }
    let longest = json!({ "name": "ä".repeat(50) });
    assert_eq!(root.patch(BASIC, longest).await.status, 200);
}

#[actix_web::test]
async fn each_wrong_list_of_heights_is_told_what_is_wrong_with_it() {
    let (_service, root) = superuser().await;
    for (heights, sentence) in [
        (Value::Null, "This field may not be null."),
        (json!(200), "Expected a list of items."),
        (json!({}), "Expected a list of items."),
        (json!([]), "Give at least one thumbnail height."),
        (json!(["abc"]), "A valid integer is required."),
        (json!([200, null]), "A valid integer is required."),
        (json!([200.5]), "A valid integer is required."),
        (
            json!([0]),
            "0 is not a thumbnail height: heights go from 1 to 1000 pixels.",
        ),
        (
            json!([-5]),
            "-5 is not a thumbnail height: heights go from 1 to 1000 pixels.",
        ),
        (
            json!([1001]),
            "1001 is not a thumbnail height: heights go from 1 to 1000 pixels.",
        ),
        (
            json!(["99999999999999999999"]),
            "99999999999999999999 is not a thumbnail height: heights go from 1 to 1000 pixels.",
        ),
        (json!([200, 400, 200]), "The height 200 is given twice."),
        (
            json!([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
            "A tier has at most 10 thumbnail heights.",
        ),
        (
            json!("200;400"),
            "“200;400” is not a whole number: write the heights as 200,400.",
        ),
        (
            json!("200,400,"),
            "There is a comma too many: write the heights as 200,400.",
        ),
    ] {
        let answer = root
            .patch(BASIC, json!({ "thumbnail_heights": heights }))
            .await;
        let told = json!({ "thumbnail_heights": [sentence] });
        assert_eq!(answer.outcome(), (400, told), "{heights}");
    }
    let taken = json!({ "thumbnail_heights": [1, "1000", 30.0] });
    let changed = root.patch(BASIC, taken).await.json();
    assert_eq!(changed["thumbnail_heights"], json!([1, 1000, 30]));
}

#[actix_web::test]
async fn a_limit_is_a_whole_number_from_1_up_or_null() {
    let (_service, root) = superuser().await;
    for (limit, sentence) in [
        (json!(0), "Ensure this value is greater than or equal to 1."),
        (
            json!(-1),
            "Ensure this value is greater than or equal to 1.",
        ),
        (
            json!("-99999999999999999999"),
            "Ensure this value is greater than or equal to 1.",
        ),
        (
            json!(9_223_372_036_854_775_808_u64),
            "Ensure this value is less than or equal to 9223372036854775807.",
        ),
        (json!(true), "A valid integer is required."),
        (json!("1e3"), "A valid integer is required."),
    ] {
        let answer = root
            .patch(BASIC, json!({ "uploads_per_hour": limit }))
            .await;
        let told = json!({ "uploads_per_hour": [sentence] });
        assert_eq!(answer.outcome(), (400, told), "{limit}");
    }
    for (limit, shown) in [
        (json!(i64::MAX), json!(i64::MAX)),
        (json!("5"), json!(5)),
        (json!(null), json!(null)),
    ] {
        let answer = root
            .patch(BASIC, json!({ "uploads_per_hour": limit }))
            .await;
        assert_eq!(answer.json()["uploads_per_hour"], shown, "{limit}");
    }
}

#[actix_web::test]
async fn a_tier_in_use_stays_and_its_users_are_counted() {
    let (service, root) = superuser().await;
    service.account("Basic").await;
    let in_use = |detail: &str| (409, json!({ "detail": detail, "code": "tier_in_use" }));
    assert_eq!(
        root.delete(BASIC).await.outcome(),
        in_use("1 user has the tier Basic: give them another one first.")
    );
    service.account("Basic").await;
    assert_eq!(
        root.delete(BASIC).await.outcome(),
        in_use("2 users have the tier Basic: give them another one first.")
    );
    assert_eq!(root.get(BASIC).await.status, 200);
}

#[actix_web::test]
async fn a_tier_that_no_user_has_is_deleted() {
    let (_service, root) = superuser().await;
    let path = make_gold(&root).await;
    let answer = root.delete(&path).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(root.get(&path).await.outcome(), not_found());
    assert_eq!(root.delete(&path).await.outcome(), not_found());
    assert_eq!(root.patch(&path, json!({})).await.outcome(), not_found());
}

#[actix_web::test]
async fn what_is_no_id_of_a_tier_is_not_found() {
    let (_service, root) = superuser().await;
    for id in ["0", "99", "-1", "Basic", "1.0", "99999999999999999999"] {
        let path = format!("{TIERS}{id}/");
        assert_eq!(root.get(&path).await.outcome(), not_found(), "{id}");
    }
}

#[actix_web::test]
async fn a_change_of_what_somebody_else_has_changed_is_refused() {
    let (_service, root) = superuser().await;
    let seen = root.get(BASIC).await.header("etag").to_owned();
    let other = root.patch(BASIC, json!({ "uploads_per_hour": 5 })).await;
    assert_ne!(other.header("etag"), seen);
    let change = root
        .request("PATCH", BASIC)
        .json(&json!({ "uploads_per_hour": 6 }));
    let refused = json!({
        "detail": "The representation is not the one that the request is for.",
        "code": "precondition_failed",
    });
    assert_eq!(
        if_match(change, &seen).await.outcome(),
        (412, refused.clone())
    );
    let deletion = root.request("DELETE", BASIC);
    assert_eq!(if_match(deletion, &seen).await.outcome(), (412, refused));
    assert_eq!(root.get(BASIC).await.json()["uploads_per_hour"], 5);
    let now = other.header("etag");
    let change = root
        .request("PATCH", BASIC)
        .json(&json!({ "uploads_per_hour": 6 }));
    assert_eq!(if_match(change, now).await.status, 200);
}

#[actix_web::test]
async fn a_user_more_changes_the_tag_but_not_what_a_change_is_for() {
    let (service, root) = superuser().await;
    let seen = root.get(BASIC).await.header("etag").to_owned();
    service.account("Basic").await;
    let answer = Answer::of(root.request("GET", BASIC).header("if-none-match", &seen)).await;
    assert_eq!(
        (answer.status, answer.json()["users"].clone()),
        (200, json!(1))
    );
    let change = root
        .request("PATCH", BASIC)
        .json(&json!({ "uploads_per_hour": 6 }));
    assert_eq!(if_match(change, &seen).await.status, 200);
}

#[actix_web::test]
async fn a_tier_that_is_known_is_not_sent_again() {
    let (_service, root) = superuser().await;
    let seen = root.get(BASIC).await.header("etag").to_owned();
    let again = Answer::of(root.request("GET", BASIC).header("if-none-match", &seen)).await;
    assert_eq!((again.status, again.text()), (304, ""));
}

#[actix_web::test]
async fn staff_see_tiers_and_only_superusers_change_them() {
    let (service, _root) = superuser().await;
    for role in [StaffRole::Viewer, StaffRole::Manager] {
        let staff = service.staff(role).await;
        assert_eq!(staff.get(TIERS).await.status, 200, "{role}");
        assert_eq!(staff.get(BASIC).await.status, 200, "{role}");
        assert_eq!(
            staff.post(TIERS, gold()).await.outcome(),
            denied(),
            "{role}"
        );
        assert_eq!(
            staff.post(TIERS, json!([])).await.outcome(),
            denied(),
            "{role}"
        );
        assert_eq!(
            staff.patch(BASIC, json!({})).await.outcome(),
            denied(),
            "{role}"
        );
        assert_eq!(staff.delete(BASIC).await.outcome(), denied(), "{role}");
    }
}

#[actix_web::test]
async fn whoever_is_not_staff_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    assert_eq!(anna.get(TIERS).await.outcome(), denied());
    assert_eq!(
        anna.get("/api/v1/admin/tiers/99/").await.outcome(),
        denied()
    );
    assert_eq!(anna.post(TIERS, gold()).await.outcome(), denied());
    assert_eq!(anna.delete(BASIC).await.outcome(), denied());
    for (method, path) in [("GET", TIERS), ("PUT", BASIC), ("DELETE", BASIC)] {
        let answer = Answer::of(service.request(method, path)).await;
        assert_eq!(
            answer.json()["code"],
            "not_authenticated",
            "{method} {path}"
        );
    }
}

#[actix_web::test]
async fn no_token_is_good_for_it_whatever_its_scopes() {
    let (service, root) = superuser().await;
    let key = root.token(&["upload", "read", "delete", "links"]).await;
    for (method, path) in [("GET", TIERS), ("GET", BASIC), ("DELETE", BASIC)] {
        let answer = Answer::of(service.request_by(&key, method, path)).await;
        assert_eq!(answer.outcome(), denied(), "{method} {path}");
    }
}

#[actix_web::test]
async fn a_session_is_good_for_it_but_not_from_another_site() {
    let (service, root) = superuser().await;
    let (_, session) = root.log_in().await;
    let change = || service.request_in(&session, "PATCH", BASIC).json(&gold());
    let forged = Answer::of(change().header("sec-fetch-site", "cross-site")).await;
    assert_eq!(forged.json()["code"], "csrf_failed");
    assert_eq!(Answer::of(change()).await.status, 200);
}

#[actix_web::test]
async fn another_method_is_told_those_that_there_are() {
    let (_service, root) = superuser().await;
    let answer = Answer::of(root.request("PUT", BASIC)).await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("allow"), "GET, HEAD, PATCH, DELETE, OPTIONS");
    let answer = Answer::of(root.request("DELETE", TIERS)).await;
    assert_eq!(answer.header("allow"), "GET, HEAD, POST, OPTIONS");
}

#[actix_web::test]
async fn a_tier_that_gets_a_user_while_it_is_deleted_is_not_deleted() {
    let (service, root) = superuser().await;
    let anna = service.account("").await;
    let other = service.connection().await;
    let give = format!(
        "BEGIN; UPDATE users SET tier_id = 1 WHERE id = {}",
        anna.id.0
    );
    other.batch_execute(&give).await.unwrap();
    let deletion = root.request("DELETE", BASIC);
    let deletion = actix_web::rt::spawn(Answer::of(deletion));
    eventually("the deletion waits for the user", async || {
        deletion.is_finished() || service.waiting().await == 1
    })
    .await;
    other.batch_execute("COMMIT").await.unwrap();
    let answer = deletion.await.unwrap();
    assert_eq!(answer.json()["code"], "tier_in_use", "{answer:?}");
}
