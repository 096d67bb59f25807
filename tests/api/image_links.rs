//! `/api/v1/images/<id>/links/`.

use serde_json::{Value, json};

use crate::harness::{Account, Answer, TestService, eventually, picture};

const UNKNOWN: &str = "0198c0de-0000-4000-8000-000000000000";

fn not_found() -> (u16, Value) {
    (404, json!({ "detail": "Not found.", "code": "not_found" }))
}

fn link_ended() -> (u16, Value) {
    (404, json!({ "message": "Link has expired." }))
}

/// What a POST with these fields is answered.
async fn made(account: &Account, image: &str, fields: Value) -> Answer {
    account.post(&format!("{image}links/"), fields).await
}

/// The links of an image as they are listed.
async fn listed(account: &Account, image: &str) -> Vec<Value> {
    let answer = account.get(&format!("{image}links/")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["results"].as_array().unwrap().clone()
}

fn url(link: &Value) -> &str {
    link["expiring_link"].as_str().unwrap()
}

/// The path of a link, to revoke it by.
fn path(image: &str, link: &Value) -> String {
    format!("{image}links/{}/", link["id"].as_str().unwrap())
}

#[actix_web::test]
async fn a_link_opens_the_original_unless_told_otherwise() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let link = anna
        .link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    assert_eq!(link["size"], "original");
    let opened = service.get(url(&link)).await;
    assert_eq!((opened.status, &opened.body[..]), (200, &picture()[..]));
}

#[actix_web::test]
async fn a_new_link_tells_everything_about_itself() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let fields = json!({ "expiring_time_seconds": 300, "size": "400px", "max_uses": 5 });
    let mut link = anna.link(&image, fields).await;
    for name in ["id", "expiring_link", "expires_at"] {
        assert!(link[name].take().is_string(), "{name}");
    }
    let rest = json!({
        "id": null, "expiring_link": null, "expires_at": null,
        "size": "400px", "max_uses": 5, "uses": 0, "last_used_at": null, "revoked_at": null,
    });
    assert_eq!(link, rest);
}

#[actix_web::test]
async fn a_link_to_a_thumbnail_opens_that() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let fields = json!({ "expiring_time_seconds": 300, "size": "200px" });
    let link = anna.link(&image, fields).await;
    let thumbnail = service.get(&anna.get(&image).await.url_of("200px")).await;
    assert_eq!(service.get(url(&link)).await.body, thumbnail.body);
}

#[actix_web::test]
async fn a_form_makes_a_link_as_well() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let form = "expiring_time_seconds=300&size=200px&max_uses=2";
    let request = anna.request("POST", &format!("{image}links/"));
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let link = Answer::of(request).await;
    assert_eq!(link.status, 201, "{link:?}");
    let link = link.json();
    assert_eq!(
        (&link["size"], &link["max_uses"]),
        (&json!("200px"), &json!(2))
    );
}

#[actix_web::test]
async fn the_time_is_required() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let errors = json!({ "expiring_time_seconds": ["This field is required."] });
    assert_eq!(
        made(&anna, &image, json!({})).await.outcome(),
        (400, errors)
    );
}

#[actix_web::test]
async fn a_time_out_of_range_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    for seconds in [json!(299), json!(300_001), json!(-300), json!("1")] {
        let answer = made(&anna, &image, json!({ "expiring_time_seconds": seconds })).await;
        let sentence = "You can only specify time between 300 and 300000 seconds";
        let errors = json!({ "expiring_time_seconds": [sentence] });
        assert_eq!(answer.outcome(), (400, errors), "{seconds}");
    }
}

#[actix_web::test]
async fn a_time_that_is_no_integer_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    for seconds in [
        json!("abc"),
        json!(300.5),
        json!(true),
        json!([300]),
        json!(""),
    ] {
        let answer = made(&anna, &image, json!({ "expiring_time_seconds": seconds })).await;
        let errors = json!({ "expiring_time_seconds": ["A valid integer is required."] });
        assert_eq!(answer.outcome(), (400, errors), "{seconds}");
    }
}

#[actix_web::test]
async fn a_size_that_the_tier_does_not_have_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    for size in [
        "300px",
        "thumbnail",
        "0px",
        "-200px",
        "+200px",
        "200pxpx",
        "",
    ] {
        let fields = json!({ "expiring_time_seconds": 300, "size": size });
        let errors = json!({ "size": [format!("\"{size}\" is not a valid choice.")] });
        assert_eq!(
            made(&anna, &image, fields).await.outcome(),
            (400, errors),
            "{size}"
        );
    }
}

#[actix_web::test]
async fn uses_are_at_least_one() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    for uses in [json!(0), json!(-1), json!("0"), json!(2_147_483_648_u64)] {
        let fields = json!({ "expiring_time_seconds": 300, "max_uses": uses });
        let errors = json!({ "max_uses": ["Enter a whole number from 1 to 2147483647."] });
        assert_eq!(
            made(&anna, &image, fields).await.outcome(),
            (400, errors),
            "{uses}"
        );
    }
}

#[actix_web::test]
async fn uses_are_an_integer() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    for uses in [json!("abc"), json!(1.5), json!(true), json!([1])] {
        let fields = json!({ "expiring_time_seconds": 300, "max_uses": uses });
        let errors = json!({ "max_uses": ["A valid integer is required."] });
        assert_eq!(
            made(&anna, &image, fields).await.outcome(),
            (400, errors),
            "{uses}"
        );
    }
}

#[actix_web::test]
async fn an_integer_may_have_blanks_around_it_and_zeros_behind_the_point() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    for (seconds, uses) in [
        (json!(300), json!(1)),
        (json!("300"), json!("1")),
        (json!(300.0), json!(1.0)),
        (json!(" 300 "), json!(" 1 ")),
    ] {
        let fields = json!({ "expiring_time_seconds": seconds, "max_uses": uses });
        assert_eq!(anna.link(&image, fields).await["max_uses"], 1, "{uses}");
    }
}

#[actix_web::test]
async fn without_a_number_uses_are_unlimited() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let fields = json!({ "expiring_time_seconds": 300, "max_uses": null });
    assert_eq!(anna.link(&image, fields).await["max_uses"], Value::Null);
}

#[actix_web::test]
async fn every_wrong_field_is_told_at_once() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let fields = json!({ "expiring_time_seconds": 1, "size": "huge", "max_uses": 0 });
    let errors = json!({
        "expiring_time_seconds": ["You can only specify time between 300 and 300000 seconds"],
        "max_uses": ["Enter a whole number from 1 to 2147483647."],
        "size": ["\"huge\" is not a valid choice."],
    });
    assert_eq!(made(&anna, &image, fields).await.outcome(), (400, errors));
    assert_eq!(service.number("SELECT count(*) FROM links").await, 0);
}

#[actix_web::test]
async fn a_body_that_is_no_json_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let request = anna.request("POST", &format!("{image}links/"));
    let request = request
        .header("content-type", "application/json")
        .body("{\"expiring_time_seconds\": 300");
    let answer = Answer::of(request).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (400, &json!("parse_error"))
    );
}

#[actix_web::test]
async fn json_that_is_no_object_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let errors = json!({ "non_field_errors": ["Invalid data. Expected a dictionary."] });
    assert_eq!(
        made(&anna, &image, json!([300])).await.outcome(),
        (400, errors)
    );
}

#[actix_web::test]
async fn a_body_of_another_media_type_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let request = anna.request("POST", &format!("{image}links/"));
    let answer = Answer::of(request.header("content-type", "text/plain").body("300")).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (415, &json!("unsupported_media_type"))
    );
}

#[actix_web::test]
async fn a_tier_without_links_makes_none() {
    let service = TestService::start().await;
    for tier in ["Basic", "Premium"] {
        let anna = service.account(tier).await;
        let image = anna.image().await;
        let answer = made(&anna, &image, json!({ "expiring_time_seconds": 300 })).await;
        let denied = json!({
            "detail": "You do not have permission to perform this action.",
            "code": "permission_denied",
        });
        assert_eq!(answer.outcome(), (403, denied), "{tier}");
    }
    assert_eq!(service.number("SELECT count(*) FROM links").await, 0);
}

#[actix_web::test]
async fn another_users_image_has_no_links_to_see_or_make() {
    let service = TestService::start().await;
    let (anna, bert) = (
        service.account("Enterprise").await,
        service.account("Enterprise").await,
    );
    let image = anna.image().await;
    let fields = json!({ "expiring_time_seconds": 300 });
    assert_eq!(made(&bert, &image, fields).await.outcome(), not_found());
    let links = bert.get(&format!("{image}links/")).await;
    assert_eq!(links.outcome(), not_found());
}

#[actix_web::test]
async fn an_image_that_is_not_there_has_no_links() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    for id in [UNKNOWN, "abc"] {
        let links = anna.get(&format!("/api/v1/images/{id}/links/")).await;
        assert_eq!(links.outcome(), not_found(), "{id}");
    }
}

#[actix_web::test]
async fn an_image_without_links_lists_none() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let links = anna.get(&format!("{image}links/")).await;
    assert_eq!(links.outcome(), (200, json!({ "results": [] })));
}

#[actix_web::test]
async fn links_are_listed_as_they_were_answered() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let first = json!({ "expiring_time_seconds": 300, "size": "200px" });
    let first = anna.link(&image, first).await;
    let second = json!({ "expiring_time_seconds": 600, "max_uses": 2 });
    let second = anna.link(&image, second).await;
    assert_eq!(listed(&anna, &image).await, [first, second]);
}

#[actix_web::test]
async fn the_link_of_an_upload_is_listed() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let uploaded = anna.upload_with_link(picture(), "300").await;
    let image = format!(
        "/api/v1/images/{}/",
        uploaded.json()["id"].as_str().unwrap()
    );
    let links = listed(&anna, &image).await;
    assert_eq!(links.len(), 1);
    assert_eq!(url(&links[0]), uploaded.link());
    assert_eq!(
        links[0]["expires_at"],
        uploaded.json()["link"]["expires_at"]
    );
}

#[actix_web::test]
async fn a_revoked_link_ends_at_once() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let link = anna
        .link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    assert_eq!(service.get(url(&link)).await.status, 200);
    let revoked = anna.delete(&path(&image, &link)).await;
    assert_eq!((revoked.status, revoked.body.len()), (204, 0));
    assert_eq!(service.get(url(&link)).await.outcome(), link_ended());
}

#[actix_web::test]
async fn a_link_revoked_elsewhere_ends_too() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let link = anna
        .link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    assert_eq!(service.get(url(&link)).await.status, 200);
    service.execute("UPDATE links SET revoked_at = now()").await;
    eventually("the link has ended", async || {
        service.get(url(&link)).await.status == 404
    })
    .await;
}

#[actix_web::test]
async fn a_revoked_link_is_listed_with_the_time() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let link = anna
        .link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    anna.delete(&path(&image, &link)).await;
    assert!(listed(&anna, &image).await[0]["revoked_at"].is_string());
}

#[actix_web::test]
async fn revoking_again_changes_nothing() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let link = anna
        .link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    anna.delete(&path(&image, &link)).await;
    let before = listed(&anna, &image).await;
    assert_eq!(anna.delete(&path(&image, &link)).await.status, 204);
    assert_eq!(listed(&anna, &image).await, before);
}

#[actix_web::test]
async fn revoking_one_link_leaves_the_others_open() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let fields = json!({ "expiring_time_seconds": 300 });
    let gone = anna.link(&image, fields.clone()).await;
    let kept = anna.link(&image, fields).await;
    anna.delete(&path(&image, &gone)).await;
    assert_eq!(service.get(url(&kept)).await.status, 200);
}

#[actix_web::test]
async fn another_users_link_cannot_be_revoked() {
    let service = TestService::start().await;
    let (anna, bert) = (
        service.account("Enterprise").await,
        service.account("Enterprise").await,
    );
    let (annas, berts) = (anna.image().await, bert.image().await);
    let link = anna
        .link(&annas, json!({ "expiring_time_seconds": 300 }))
        .await;
    // Neither under her image nor under one of his own.
    for image in [&annas, &berts] {
        assert_eq!(
            bert.delete(&path(image, &link)).await.outcome(),
            not_found()
        );
    }
    assert_eq!(service.get(url(&link)).await.status, 200);
}

#[actix_web::test]
async fn a_link_that_is_not_there_cannot_be_revoked() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    for id in [UNKNOWN, "abc"] {
        let revoked = anna.delete(&format!("{image}links/{id}/")).await;
        assert_eq!(revoked.outcome(), not_found(), "{id}");
    }
}

#[actix_web::test]
async fn links_are_listed_and_revoked_when_the_tier_has_them_no_more() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let link = anna
        .link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    service
        .execute("UPDATE tiers SET expiring_links = false")
        .await;
    assert_eq!(listed(&anna, &image).await.len(), 1);
    assert_eq!(anna.delete(&path(&image, &link)).await.status, 204);
}
