//! How often a link opens, and until when.

use futures_util::future::join_all;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::harness::{Account, Answer, TestService, eventually, picture};

/// An account with a link that opens this often.
async fn limited(service: &TestService, max_uses: u32) -> (Account, String, String) {
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let fields = json!({ "expiring_time_seconds": 300, "max_uses": max_uses });
    let link = anna.link(&image, fields).await;
    let link = link["expiring_link"].as_str().unwrap().to_owned();
    (anna, image, link)
}

/// What a client of this name gets.
async fn opened_by(service: &TestService, user_agent: &str, link: &str) -> Answer {
    let request = service.request("GET", link);
    Answer::of(request.header("user-agent", user_agent)).await
}

/// What an image's only link is listed with.
async fn listed(account: &Account, image: &str) -> Value {
    let links = account.get(&format!("{image}links/")).await.json();
    links["results"][0].clone()
}

fn ended() -> (u16, Value) {
    (404, json!({ "message": "Link has expired." }))
}

#[actix_web::test]
async fn head_uses_nothing_up() {
    let service = TestService::start().await;
    let (anna, image, link) = limited(&service, 1).await;
    for _ in 0..3 {
        let head = Answer::of(service.request("HEAD", &link)).await;
        assert_eq!(head.status, 200);
        assert_eq!(head.header("content-type"), "image/jpeg");
    }
    assert_eq!(listed(&anna, &image).await["uses"], 0);
    assert_eq!(service.get(&link).await.body, picture());
}

#[actix_web::test]
async fn a_preview_is_a_page_that_uses_nothing_up() {
    let service = TestService::start().await;
    let (anna, image, link) = limited(&service, 1).await;
    let previews = [
        ("user-agent", "WhatsApp/2.23.20.0 A"),
        (
            "user-agent",
            "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
        ),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("x-purpose", "preview"),
    ];
    for (name, value) in previews {
        for method in ["GET", "HEAD"] {
            let answer = Answer::of(service.request(method, &link).header(name, value)).await;
            assert_eq!(answer.status, 200, "{value}");
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        let page = Answer::of(service.request("GET", &link).header(name, value)).await;
        let title = "<meta property=\"og:title\" content=\"A picture waits for you\">";
        assert!(page.text().contains(title), "{page:?}");
        assert!(!page.text().contains("og:image"), "{page:?}");
    }
    assert_eq!(listed(&anna, &image).await["uses"], 0);
    assert_eq!(opened_by(&service, "a person", &link).await.body, picture());
    for (name, value) in previews {
        let answer = Answer::of(service.request("GET", &link).header(name, value)).await;
        assert_eq!(answer.outcome(), ended(), "{value}");
    }
}

#[actix_web::test]
async fn a_link_without_a_limit_shows_its_picture_in_previews() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let link = anna
        .link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    let link = link["expiring_link"].as_str().unwrap();
    let answer = opened_by(&service, "TelegramBot (like TwitterBot)", link).await;
    assert_eq!(answer.body, picture());
}

#[actix_web::test]
async fn an_answer_without_a_byte_of_the_picture_uses_nothing_up() {
    let service = TestService::start().await;
    let (anna, image, link) = limited(&service, 1).await;
    let etag = Answer::of(service.request("HEAD", &link)).await;
    let etag = etag.header("etag").to_owned();
    let conditions = [
        ("if-none-match", etag.as_str(), 304),
        ("if-match", "\"another\"", 412),
        ("range", "bytes=1000000-", 416),
    ];
    for (name, value, status) in conditions {
        let answer = Answer::of(service.request("GET", &link).header(name, value)).await;
        assert_eq!(answer.status, status, "{name}");
    }
    assert_eq!(listed(&anna, &image).await["uses"], 0);
    assert_eq!(opened_by(&service, "one", &link).await.status, 200);
    for (name, value, _) in conditions {
        let request = service.request("GET", &link).header(name, value);
        let other = Answer::of(request.header("user-agent", "other")).await;
        assert_eq!(other.outcome(), ended(), "{name}");
    }
}

#[actix_web::test]
async fn a_client_that_asks_again_uses_the_link_once() {
    let service = TestService::start().await;
    let (anna, image, link) = limited(&service, 1).await;
    for _ in 0..3 {
        assert_eq!(opened_by(&service, "one", &link).await.body, picture());
    }
    let listed = listed(&anna, &image).await;
    assert_eq!(listed["uses"], 1);
    assert!(listed["last_used_at"].is_string());
}

#[actix_web::test]
async fn a_download_that_is_resumed_uses_the_link_once() {
    let service = TestService::start().await;
    let (_, _, link) = limited(&service, 1).await;
    let mut received = Vec::new();
    for range in ["bytes=0-9", "bytes=10-"] {
        let part = Answer::of(service.request("GET", &link).header("range", range)).await;
        assert_eq!(part.status, 206, "{part:?}");
        received.extend_from_slice(&part.body);
    }
    assert_eq!(received, picture());
}

#[actix_web::test]
async fn who_resumes_a_download_may_ask_for_its_head() {
    let service = TestService::start().await;
    let (_, _, link) = limited(&service, 1).await;
    assert_eq!(service.get(&link).await.status, 200);
    let head = Answer::of(service.request("HEAD", &link)).await;
    assert_eq!(head.status, 200);
}

#[actix_web::test]
async fn a_minute_later_the_same_client_uses_it_again() {
    let service = TestService::start().await;
    let (_, _, link) = limited(&service, 2).await;
    for status in [200, 200, 404] {
        assert_eq!(service.get(&link).await.status, status);
        let earlier = "UPDATE link_openings SET opened_at = opened_at - interval '61 seconds'";
        service.execute(earlier).await;
    }
}

#[actix_web::test]
async fn another_program_is_another_client() {
    let service = TestService::start().await;
    let (_, _, link) = limited(&service, 1).await;
    assert_eq!(opened_by(&service, "one", &link).await.status, 200);
    assert_eq!(opened_by(&service, "other", &link).await.outcome(), ended());
}

#[actix_web::test]
async fn another_address_is_another_client() {
    let service = TestService::start_with(&["--trusted-proxies", "127.0.0.0/8"]).await;
    let (_, _, link) = limited(&service, 1).await;
    for (address, status) in [("192.0.2.1", 200), ("192.0.2.1", 200), ("192.0.2.2", 404)] {
        let request = service.request("GET", &link);
        let answer = Answer::of(request.header("x-forwarded-for", address)).await;
        assert_eq!(answer.status, status, "{address}");
    }
}

#[actix_web::test]
async fn of_many_clients_at_once_no_more_get_it_than_are_allowed() {
    let service = TestService::start().await;
    let (anna, image, link) = limited(&service, 3).await;
    let names: Vec<_> = (0..20).map(|number| format!("client {number}")).collect();
    let answers = names.iter().map(|name| opened_by(&service, name, &link));
    let answers = join_all(answers).await;
    let (got, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(got.len(), 3);
    assert!(got.iter().all(|answer| answer.body == picture()));
    assert!(refused.iter().all(|answer| answer.outcome() == ended()));
    assert_eq!(listed(&anna, &image).await["uses"], 3);
}

#[actix_web::test]
async fn no_cache_keeps_what_is_counted() {
    let service = TestService::start().await;
    let (_, _, link) = limited(&service, 1).await;
    for method in ["HEAD", "GET"] {
        let answer = Answer::of(service.request(method, &link)).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{method}");
    }
}

#[actix_web::test]
async fn a_used_up_link_has_ended_for_head_too() {
    let service = TestService::start().await;
    let (_, _, link) = limited(&service, 1).await;
    assert_eq!(opened_by(&service, "one", &link).await.status, 200);
    let head = Answer::of(service.request("HEAD", &link)).await;
    assert_eq!(head.status, 404);
}

#[actix_web::test]
async fn a_used_up_link_is_answered_as_a_forged_one() {
    let service = TestService::start().await;
    let (_, _, link) = limited(&service, 1).await;
    assert_eq!(opened_by(&service, "one", &link).await.status, 200);
    let used_up = opened_by(&service, "other", &link).await;
    let forged = opened_by(&service, "other", &format!("{link}x")).await;
    assert_eq!(used_up.outcome(), forged.outcome());
    for name in ["content-type", "cache-control"] {
        assert_eq!(used_up.header(name), forged.header(name), "{name}");
    }
}

#[actix_web::test]
async fn a_link_without_a_limit_counts_each_client_once() {
    let mut service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let link = anna.upload_with_link(picture(), "300").await.link();
    for client in ["one", "one", "other"] {
        assert_eq!(opened_by(&service, client, &link).await.status, 200);
    }
    Answer::of(service.request("HEAD", &link)).await;
    // What was counted is written before the service ends.
    service.stop().await;
    assert_eq!(service.number("SELECT uses::bigint FROM links").await, 2);
}

#[actix_web::test]
async fn the_uses_of_a_link_without_a_limit_are_listed_in_a_while() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let link = anna
        .link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    service.get(link["expiring_link"].as_str().unwrap()).await;
    eventually("the use is listed", async || {
        let link = listed(&anna, &image).await;
        link["uses"] == 1 && link["last_used_at"].is_string()
    })
    .await;
}

#[actix_web::test]
async fn no_address_is_kept() {
    let service = TestService::start_with(&["--trusted-proxies", "127.0.0.0/8"]).await;
    let (_, _, link) = limited(&service, 1).await;
    let request = service.request("GET", &link);
    Answer::of(request.header("x-forwarded-for", "192.0.2.77")).await;
    let openings = "SELECT count(*) FROM link_openings";
    assert_eq!(service.number(openings).await, 1);
    let plain = format!(
        "{openings} WHERE octet_length(client) <> 32 OR position('192.0.2.77'::bytea IN client) > 0"
    );
    assert_eq!(service.number(&plain).await, 0);
}

#[actix_web::test]
async fn an_expiry_is_rounded_up_to_the_window() {
    let service = TestService::start_with(&["--link-window", "3600"]).await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let before = OffsetDateTime::now_utc().unix_timestamp();
    let link = anna
        .link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    let expires_at = link["expires_at"].as_str().unwrap();
    let expires_at = OffsetDateTime::parse(expires_at, &Rfc3339)
        .unwrap()
        .unix_timestamp();
    assert_eq!(expires_at % 3600, 0);
    assert!((300..=300 + 3600).contains(&(expires_at - before)));
    let opened = service.get(link["expiring_link"].as_str().unwrap()).await;
    let max_age = opened
        .header("cache-control")
        .strip_prefix("private, max-age=");
    let max_age: i64 = max_age.unwrap().parse().unwrap();
    assert!(max_age <= expires_at - before);
}

#[actix_web::test]
async fn without_a_window_a_link_lives_as_long_as_was_asked_for() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let before = OffsetDateTime::now_utc().unix_timestamp();
    let link = anna
        .link(&image, json!({ "expiring_time_seconds": 300 }))
        .await;
    let after = OffsetDateTime::now_utc().unix_timestamp();
    let expires_at = link["expires_at"].as_str().unwrap();
    let expires_at = OffsetDateTime::parse(expires_at, &Rfc3339)
        .unwrap()
        .unix_timestamp();
    assert!((before + 300..=after + 300).contains(&expires_at));
}
