//! `GET /api/v1/images/`.

use serde_json::{Value, json};

use crate::harness::{Account, Answer, TestService, eventually};

const LIST: &str = "/api/v1/images/";

/// Puts images into an account by SQL, numbered from `first` up, the newest last.
async fn fill(service: &TestService, account: &Account, first: u32, count: u32) {
    let (user, last) = (account.id.0, first + count - 1);
    let sql = format!(
        "INSERT INTO images (id, user_id, format, width, height, bytes, sha256, file_name, media_key)
         SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, {user}, 'jpeg', 40, 30, 1,
                decode(repeat('00', 32), 'hex'), 'photo.jpg', decode(repeat('00', 32), 'hex')
         FROM generate_series({first}, {last}) AS n"
    );
    assert_eq!(service.execute(&sql).await, u64::from(count));
}

/// The numbers that [`fill`] gave the images of a page.
fn numbers(page: &Answer) -> Vec<u32> {
    assert_eq!(page.status, 200, "{page:?}");
    let json = page.json();
    let results = json["results"].as_array().unwrap();
    let number = |image: &Value| image["id"].as_str().unwrap()[24..].parse().unwrap();
    results.iter().map(number).collect()
}

/// The page to which `next` or `previous` leads.
async fn follow(account: &Account, page: &Answer, name: &str) -> Answer {
    let json = page.json();
    let url = json[name].as_str();
    let url = url.unwrap_or_else(|| panic!("no {name} in {json}"));
    let path = &url[url.find("/api/").unwrap()..];
    account.get(path).await
}

#[actix_web::test]
async fn an_account_without_images_gets_an_empty_page() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let page = anna.get(LIST).await;
    let empty = json!({ "next": null, "previous": null, "results": [] });
    assert_eq!(page.outcome(), (200, empty));
}

#[actix_web::test]
async fn images_are_listed_newest_first() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let mut paths = Vec::new();
    for _ in 0..3 {
        paths.push(anna.image().await);
    }
    let page = anna.get(LIST).await.json();
    let listed: Vec<_> = page["results"].as_array().unwrap().iter().collect();
    let listed: Vec<_> = listed
        .iter()
        .map(|image| format!("{LIST}{}/", image["id"].as_str().unwrap()))
        .collect();
    paths.reverse();
    assert_eq!(listed, paths);
}

#[actix_web::test]
async fn an_image_is_listed_as_its_detail_shows_it() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    let path = anna.image().await;
    let page = anna.get(LIST).await.json();
    assert_eq!(page["results"], json!([anna.get(&path).await.json()]));
}

#[actix_web::test]
async fn a_page_holds_twenty_images_unless_told_otherwise() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    fill(&service, &anna, 1, 21).await;
    let page = anna.get(LIST).await;
    assert_eq!(numbers(&page), (2..=21).rev().collect::<Vec<_>>());
}

#[actix_web::test]
async fn a_page_holds_from_1_to_100_images() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    fill(&service, &anna, 1, 101).await;
    for size in [1, 2, 100] {
        let page = anna.get(&format!("{LIST}?page_size={size}")).await;
        assert_eq!(numbers(&page).len(), size);
    }
}

#[actix_web::test]
async fn any_other_page_size_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for size in ["0", "101", "-1", "abc", "1.5", "99999999999999999999"] {
        let page = anna.get(&format!("{LIST}?page_size={size}")).await;
        let errors = json!({ "page_size": ["Enter a whole number from 1 to 100."] });
        assert_eq!(page.outcome(), (400, errors), "{size}");
    }
}

#[actix_web::test]
async fn a_cursor_that_was_not_given_out_is_refused() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for cursor in ["abc", "b3Jk", "%00", "%C3%A4", "="] {
        let page = anna.get(&format!("{LIST}?cursor={cursor}")).await;
        let errors = json!({ "cursor": ["Invalid cursor"] });
        assert_eq!(page.outcome(), (400, errors), "{cursor}");
    }
}

#[actix_web::test]
async fn both_wrong_values_are_told_at_once() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let page = anna.get(&format!("{LIST}?cursor=abc&page_size=many")).await;
    let errors = json!({
        "cursor": ["Invalid cursor"],
        "page_size": ["Enter a whole number from 1 to 100."],
    });
    assert_eq!(page.outcome(), (400, errors));
}

#[actix_web::test]
async fn empty_and_unknown_parameters_are_ignored() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    fill(&service, &anna, 1, 2).await;
    let page = anna
        .get(&format!("{LIST}?cursor=&page_size=&colour=red"))
        .await;
    assert_eq!(numbers(&page), [2, 1]);
}

#[actix_web::test]
async fn following_next_leads_through_every_image() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    fill(&service, &anna, 1, 7).await;
    let mut page = anna.get(&format!("{LIST}?page_size=3")).await;
    let mut seen = vec![numbers(&page)];
    while !page.json()["next"].is_null() {
        page = follow(&anna, &page, "next").await;
        seen.push(numbers(&page));
    }
    assert_eq!(seen, [vec![7, 6, 5], vec![4, 3, 2], vec![1]]);
}

#[actix_web::test]
async fn a_last_page_that_is_full_has_no_next() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    fill(&service, &anna, 1, 4).await;
    let first = anna.get(&format!("{LIST}?page_size=2")).await;
    let last = follow(&anna, &first, "next").await;
    assert_eq!(numbers(&last), [2, 1]);
    assert_eq!(last.json()["next"], Value::Null);
}

#[actix_web::test]
async fn following_previous_leads_back_page_by_page() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    fill(&service, &anna, 1, 6).await;
    let first = anna.get(&format!("{LIST}?page_size=2")).await;
    assert_eq!(first.json()["previous"], Value::Null);
    let second = follow(&anna, &first, "next").await;
    let third = follow(&anna, &second, "next").await;
    let second_again = follow(&anna, &third, "previous").await;
    assert_eq!(numbers(&second_again), [4, 3]);
    let first_again = follow(&anna, &second_again, "previous").await;
    assert_eq!(numbers(&first_again), [6, 5]);
    assert_eq!(first_again.json()["previous"], Value::Null);
    let on_again = follow(&anna, &first_again, "next").await;
    assert_eq!(numbers(&on_again), [4, 3]);
}

#[actix_web::test]
async fn an_image_that_comes_between_two_pages_shifts_none() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    fill(&service, &anna, 1, 4).await;
    let first = anna.get(&format!("{LIST}?page_size=2")).await;
    fill(&service, &anna, 5, 3).await;
    let second = follow(&anna, &first, "next").await;
    assert_eq!(numbers(&second), [2, 1]);
    let newer = follow(&anna, &second, "previous").await;
    assert_eq!(numbers(&newer), [4, 3]);
    assert_eq!(numbers(&follow(&anna, &newer, "previous").await), [6, 5]);
}

#[actix_web::test]
async fn an_image_that_goes_between_two_pages_shifts_none() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    fill(&service, &anna, 1, 6).await;
    let first = anna.get(&format!("{LIST}?page_size=2")).await;
    // The very image that the cursor names is among them.
    for number in [6, 5, 3] {
        let path = format!("{LIST}00000000-0000-7000-8000-{number:012}/");
        assert_eq!(anna.delete(&path).await.status, 204);
    }
    assert_eq!(numbers(&follow(&anna, &first, "next").await), [4, 2]);
}

#[actix_web::test]
async fn the_page_before_the_first_image_leads_on_to_it() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    fill(&service, &anna, 1, 4).await;
    let first = anna.get(&format!("{LIST}?page_size=2")).await;
    let second = follow(&anna, &first, "next").await;
    service
        .execute("DELETE FROM images WHERE id::text ~ '[34]$'")
        .await;
    let before = follow(&anna, &second, "previous").await;
    assert_eq!(numbers(&before), [0; 0]);
    assert_eq!(numbers(&follow(&anna, &before, "next").await), [2, 1]);
}

#[actix_web::test]
async fn the_page_behind_the_last_image_leads_back_to_it() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    fill(&service, &anna, 1, 4).await;
    let first = anna.get(&format!("{LIST}?page_size=2")).await;
    service
        .execute("DELETE FROM images WHERE id::text ~ '[12]$'")
        .await;
    let behind = follow(&anna, &first, "next").await;
    assert_eq!(numbers(&behind), [0; 0]);
    assert_eq!(numbers(&follow(&anna, &behind, "previous").await), [4, 3]);
}

#[actix_web::test]
async fn another_users_images_are_never_listed() {
    let service = TestService::start().await;
    let (anna, bert) = (
        service.account("Basic").await,
        service.account("Basic").await,
    );
    fill(&service, &anna, 1, 4).await;
    fill(&service, &bert, 11, 1).await;
    assert_eq!(numbers(&bert.get(LIST).await), [11]);
    let first = anna.get(&format!("{LIST}?page_size=2")).await;
    let with_annas_cursor = follow(&bert, &first, "next").await;
    assert_eq!(numbers(&with_annas_cursor), [0; 0]);
}

#[actix_web::test]
async fn the_list_shows_the_sizes_that_the_tier_has_now() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    fill(&service, &anna, 1, 1).await;
    assert_eq!(numbers(&anna.get(LIST).await), [1]);
    service
        .execute("UPDATE tiers SET thumbnail_heights = '{20,10}', original_link = true")
        .await;
    eventually("the tier's new sizes are listed", async || {
        let page = anna.get(LIST).await.json();
        let images = page["results"][0]["images"].as_array().unwrap().clone();
        let sizes: Vec<_> = images.iter().map(|image| image["size"].clone()).collect();
        sizes == ["20px", "10px", "original"]
    })
    .await;
}
