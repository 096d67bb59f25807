//! `/api/v1/image/?…`: links that expire.

use serde_json::json;
use tierpix::domain::link::LinkClaims;
use time::{Duration, OffsetDateTime};

use crate::{
    harness::{Account, Answer, TestService, basic, eventually},
    pictures::{Jpeg, Png},
};

fn photo() -> Vec<u8> {
    Jpeg::photo(120, 80).encode()
}

/// A service, an account and the link to its photo.
async fn linked() -> (TestService, Account, String) {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let link = anna.upload_with_link(photo(), "300").await.link();
    (service, anna, link)
}

/// Fails unless the answer is the one that all links get that open nothing.
fn assert_over(answer: &Answer) {
    assert_eq!(
        answer.outcome(),
        (404, json!({ "message": "Link has expired." }))
    );
}

/// Waits until the link opens nothing any more.
async fn until_over(service: &TestService, link: &str) {
    eventually("the link ends", async || {
        service.get(link).await.status != 200
    })
    .await;
    assert_over(&service.get(link).await);
}

/// The link with other claims, signed by the service's own key.
async fn signed_anew(
    service: &TestService,
    link: &str,
    change: impl Fn(&mut LinkClaims),
) -> String {
    let ring = service.key_ring().await;
    let (base, query) = link.split_once('?').unwrap();
    let mut claims = ring.verify(query).unwrap();
    change(&mut claims);
    format!("{base}?{}", ring.sign(&claims).unwrap())
}

#[actix_web::test]
async fn a_link_opens_the_original_without_a_login() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let png = Png::new(30, 20, 6, 8).encode();
    for (file, content_type) in [(photo(), "image/jpeg"), (png, "image/png")] {
        let link = anna.upload_with_link(file.clone(), "300").await.link();
        let answer = service.get(&link).await;
        assert_eq!((answer.status, &answer.body[..]), (200, &file[..]));
        assert_eq!(answer.header("content-type"), content_type);
    }
}

#[actix_web::test]
async fn head_tells_the_same_without_the_bytes() {
    let (service, _, link) = linked().await;
    let answer = Answer::of(service.request("HEAD", &link)).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-length"), photo().len().to_string());
}

#[actix_web::test]
async fn an_authorization_header_is_ignored() {
    let (service, _, link) = linked().await;
    for header in [
        basic("nobody", "wrong"),
        "Basic %".to_owned(),
        "Token x".to_owned(),
    ] {
        let request = service
            .request("GET", &link)
            .header("authorization", header);
        assert_eq!(Answer::of(request).await.body, photo());
    }
}

#[actix_web::test]
async fn no_cache_keeps_the_picture_longer_than_the_link_lives() {
    let (service, _, link) = linked().await;
    let answer = service.get(&link).await;
    let age = answer
        .header("cache-control")
        .strip_prefix("private, max-age=");
    let age: u32 = age.unwrap_or_else(|| panic!("{answer:?}")).parse().unwrap();
    assert!((290..=300).contains(&age), "{age}");
}

#[actix_web::test]
async fn ranges_and_conditions_count() {
    let (service, _, link) = linked().await;
    let part = Answer::of(service.request("GET", &link).header("range", "bytes=5-9")).await;
    assert_eq!((part.status, &part.body[..]), (206, &photo()[5..10]));
    let request = service
        .request("GET", &link)
        .header("if-none-match", part.header("etag"));
    assert_eq!(Answer::of(request).await.status, 304);
}

#[actix_web::test]
async fn order_and_foreign_parameters_do_not_matter() {
    let (service, _, link) = linked().await;
    let (base, query) = link.split_once('?').unwrap();
    let mut parameters: Vec<_> = query.split('&').collect();
    parameters.reverse();
    let other = format!(
        "{base}?utm_source=mail&{}&fbclid=x&%ff",
        parameters.join("&")
    );
    assert_eq!(service.get(&other).await.body, photo());
    let without_slash = link.replace("/image/?", "/image?");
    assert_eq!(service.get(&without_slash).await.body, photo());
}

#[actix_web::test]
async fn every_claim_that_is_changed_dropped_or_repeated_is_refused() {
    let (service, _, link) = linked().await;
    let (base, query) = link.split_once('?').unwrap();
    let parameters: Vec<_> = query.split('&').collect();
    assert_eq!(parameters.len(), 5, "{query}");
    for (index, one) in parameters.iter().enumerate() {
        let (name, value) = one.split_once('=').unwrap();
        let (last, rest) = (value.chars().last().unwrap(), &value[..value.len() - 1]);
        let other = if last == '0' { '1' } else { '0' };
        let upper = value.to_uppercase();
        let mut changes = vec![
            String::new(),
            format!("{name}={rest}{other}"),
            format!("{name}={rest}"),
            format!("{name}={value}0"),
            format!("{name}=0{value}"),
            format!("{name}=%{:02x}{}", value.as_bytes()[0], &value[1..]),
            format!("{name}= {value}"),
            name.to_owned(),
            format!("{one}&{one}"),
            format!("{one}&{name}=x"),
        ];
        if upper != value {
            changes.push(format!("{name}={upper}"));
        }
        for change in changes {
            let mut changed = parameters.clone();
            changed[index] = &change;
            assert_over(&service.get(&format!("{base}?{}", changed.join("&"))).await);
        }
    }
}

#[actix_web::test]
async fn another_encoding_of_the_signatures_bytes_is_refused() {
    let (service, _, link) = linked().await;
    let (rest, last) = link.split_at(link.len() - 1);
    // The last of 43 characters holds two bits that mean nothing.
    for other in ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['-', '_', '='])
    {
        if last != other.to_string() {
            assert_over(&service.get(&format!("{rest}{other}")).await);
        }
    }
    assert_over(&service.get(&format!("{link}=")).await);
}

#[actix_web::test]
async fn a_path_without_claims_opens_nothing() {
    let service = TestService::start().await;
    for query in [
        "",
        "?",
        "?id=1",
        "?id=&purpose=&expires=&key=&signature=",
        "?&&==&%",
    ] {
        assert_over(&service.get(&format!("/api/v1/image/{query}")).await);
    }
}

#[actix_web::test]
async fn an_expired_link_opens_nothing() {
    let (service, _, link) = linked().await;
    let now = OffsetDateTime::now_utc();
    let past = signed_anew(&service, &link, |claims| {
        claims.expires_at = now - Duration::SECOND
    })
    .await;
    assert_over(&service.get(&past).await);
    let future = signed_anew(&service, &link, |claims| {
        claims.expires_at = now + Duration::MINUTE
    })
    .await;
    assert_eq!(service.get(&future).await.status, 200);
}

#[actix_web::test]
async fn a_signed_link_that_is_not_stored_opens_nothing() {
    let (service, _, link) = linked().await;
    let unknown = signed_anew(&service, &link, |claims| claims.id = Default::default()).await;
    assert_over(&service.get(&unknown).await);
}

#[actix_web::test]
async fn a_revoked_link_opens_nothing() {
    let (service, _, link) = linked().await;
    assert_eq!(service.get(&link).await.status, 200);
    service.execute("UPDATE links SET revoked_at = now()").await;
    until_over(&service, &link).await;
}

#[actix_web::test]
async fn a_tier_that_loses_its_links_ends_them() {
    let (service, _, link) = linked().await;
    assert_eq!(service.get(&link).await.status, 200);
    service
        .execute("UPDATE tiers SET expiring_links = false WHERE name = 'Enterprise'")
        .await;
    until_over(&service, &link).await;
}

#[actix_web::test]
async fn a_user_who_leaves_the_tier_loses_the_links() {
    let (service, _, link) = linked().await;
    assert_eq!(service.get(&link).await.status, 200);
    service.execute("UPDATE users SET tier_id = NULL").await;
    until_over(&service, &link).await;
}

#[actix_web::test]
async fn a_deleted_image_ends_its_links() {
    let (service, _, link) = linked().await;
    assert_eq!(service.get(&link).await.status, 200);
    service.execute("DELETE FROM images").await;
    until_over(&service, &link).await;
}

#[actix_web::test]
async fn a_deleted_user_ends_the_links() {
    let (service, anna, link) = linked().await;
    assert_eq!(service.get(&link).await.status, 200);
    service.delete_user(&anna).await;
    until_over(&service, &link).await;
}

#[actix_web::test]
async fn a_new_key_signs_and_the_old_one_still_counts() {
    let (service, anna, old) = linked().await;
    service
        .execute("INSERT INTO signing_keys (salt) VALUES ('another salt')")
        .await;
    let mut new = String::new();
    eventually("the new key signs", async || {
        new = anna.upload_with_link(photo(), "300").await.link();
        new.contains("key=2&")
    })
    .await;
    assert_eq!(service.get(&new).await.status, 200);
    assert_eq!(service.get(&old).await.status, 200);
}

#[actix_web::test]
async fn a_withdrawn_key_ends_its_links() {
    let (service, anna, link) = linked().await;
    assert_eq!(service.get(&link).await.status, 200);
    service
        .execute("INSERT INTO signing_keys (salt) VALUES ('another salt')")
        .await;
    service
        .execute("UPDATE signing_keys SET withdrawn_at = now() WHERE id = 1")
        .await;
    until_over(&service, &link).await;
    let link = anna.upload_with_link(photo(), "300").await.link();
    assert_eq!(service.get(&link).await.status, 200);
}
