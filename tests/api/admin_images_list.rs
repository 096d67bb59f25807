//! `GET /api/v1/admin/images/`.

use serde_json::{Value, json};

use super::admin_images::{IMAGES, for_staff, managed};
use crate::harness::{Account, Answer, TestService};

/// Puts images into an account by SQL: a number, a format, a file name and the minute of the 1st of May 2026 at which it
/// was stored.
async fn fill(service: &TestService, account: &Account, images: &[(u32, &str, &str, u32)]) {
    for (number, format, name, minute) in images {
        let sql = format!(
            "INSERT INTO images (id, user_id, format, width, height, bytes, sha256, file_name, media_key, created_at)
             VALUES ('00000000-0000-7000-8000-{number:012}', {}, '{format}', 40, 30, 1,
                     decode(repeat('00', 32), 'hex'), '{name}', decode(repeat('00', 32), 'hex'),
                     '2026-05-01T00:{minute:02}:00Z')",
            account.id.0
        );
        service.execute(&sql).await;
    }
}

/// The numbers that [`fill`] gave the images of a page.
fn numbers(page: &Answer) -> Vec<u32> {
    assert_eq!(page.status, 200, "{page:?}");
    let json = page.json();
    let results = json["results"].as_array().unwrap();
    let number = |image: &Value| image["id"].as_str().unwrap()[24..].parse().unwrap();
    results.iter().map(number).collect()
}

async fn follow(account: &Account, page: &Answer, name: &str) -> Answer {
    let json = page.json();
    let url = json[name].as_str();
    let url = url.unwrap_or_else(|| panic!("no {name} in {json}"));
    account.get(&url[url.find("/api/").unwrap()..]).await
}

#[actix_web::test]
async fn everybodys_images_are_listed_as_their_details_show_them() {
    let (service, manager) = managed().await;
    let mut expected = Vec::new();
    for tier in ["Basic", "Premium"] {
        let path = service.account(tier).await.image().await;
        expected.insert(0, manager.get(&for_staff(&path)).await.json());
    }
    let page = manager.get(IMAGES).await;
    let expected = json!({ "next": null, "previous": null, "results": expected });
    assert_eq!(page.outcome(), (200, expected));
}

#[actix_web::test]
async fn pages_lead_on_and_back() {
    let (service, manager) = managed().await;
    let anna = service.account("Basic").await;
    // Two of the same moment are told apart by their ids.
    let images = [1, 2, 2, 3, 4].into_iter().enumerate();
    let images: Vec<_> = images
        .map(|(number, minute)| (number as u32, "jpeg", "a.jpg", minute))
        .collect();
    fill(&service, &anna, &images).await;
    let first = manager.get(&format!("{IMAGES}?page_size=2")).await;
    let second = follow(&manager, &first, "next").await;
    let third = follow(&manager, &second, "next").await;
    let pages = [&first, &second, &third].map(numbers);
    assert_eq!(pages, [vec![4, 3], vec![2, 1], vec![0]]);
    assert_eq!(third.json()["next"], Value::Null);
    let back = follow(&manager, &third, "previous").await;
    assert_eq!(numbers(&back), [2, 1]);
    let start = follow(&manager, &back, "previous").await;
    assert_eq!(numbers(&start), [4, 3]);
    assert_eq!(start.json()["previous"], Value::Null);
}

#[actix_web::test]
async fn filters_let_through_what_is_like_that() {
    let (service, manager) = managed().await;
    let anna = service.account("Basic").await;
    let bert = service.account("Basic").await;
    let annas = [
        (1, "jpeg", "Beach.jpg", 10),
        (2, "png", "beach_2.png", 20),
        (3, "png", "mountain.png", 30),
    ];
    fill(&service, &anna, &annas).await;
    fill(&service, &bert, &[(4, "jpeg", "beachX2.jpg", 40)]).await;
    let (anna, bert) = (&anna.username, &bert.username);
    for (query, expected) in [
        (String::new(), &[4, 3, 2, 1][..]),
        (format!("user={anna}"), &[3, 2, 1]),
        (format!("user={bert}"), &[4]),
        ("user=nobody".to_owned(), &[]),
        ("file_name=BEACH".to_owned(), &[4, 2, 1]),
        ("file_name=beach_".to_owned(), &[2]),
        ("file_name=each".to_owned(), &[]),
        ("format=png".to_owned(), &[3, 2]),
        ("created_after=2026-05-01T00:20:00Z".to_owned(), &[4, 3, 2]),
        ("created_before=2026-05-01T00:20:00Z".to_owned(), &[1]),
        ("created_before=2026-05-01".to_owned(), &[]),
        (
            "created_after=2026-05-01&created_before=2026-05-02".to_owned(),
            &[4, 3, 2, 1],
        ),
        (
            format!("user={anna}&format=png&file_name=b&created_after="),
            &[2],
        ),
    ] {
        let page = manager.get(&format!("{IMAGES}?{query}")).await;
        assert_eq!(numbers(&page), expected, "{query}");
    }
}

/// Every page from the one of `query` on, and then back again, up to that one.
async fn there_and_back(manager: &Account, query: &str) -> Vec<Vec<u32>> {
    let mut page = manager.get(&format!("{IMAGES}?{query}")).await;
    let mut pages = vec![numbers(&page)];
    for direction in ["next", "previous"] {
        while page.json()[direction] != Value::Null {
            page = follow(manager, &page, direction).await;
            pages.push(numbers(&page));
        }
    }
    pages
}

#[actix_web::test]
async fn a_name_is_found_however_far_behind_the_newest_images() {
    let (service, manager) = managed().await;
    let anna = service.account("Basic").await;
    let sql = format!(
        "SET session_replication_role = replica;
         INSERT INTO images (id, user_id, format, width, height, bytes, sha256, file_name, media_key, created_at)
         SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, {}, 'jpeg', 40, 30, n, sha256(''),
                CASE WHEN n <= 5 THEN 'old.jpg' ELSE 'new.jpg' END, sha256(''), to_timestamp(1700000000 + n)
         FROM generate_series(1, 20100) n",
        anna.id.0
    );
    service
        .connection()
        .await
        .batch_execute(&sql)
        .await
        .unwrap();
    let pages = [vec![5, 4], vec![3, 2], vec![1], vec![3, 2], vec![5, 4]];
    let found = there_and_back(&manager, "file_name=old&page_size=2").await;
    assert_eq!(found, pages);
    // Within what is looked at for a while, if that begins where a filter says.
    let early = "file_name=old&page_size=2&created_before=2023-11-14T22:20:00Z";
    assert_eq!(there_and_back(&manager, early).await, pages);
}

#[actix_web::test]
async fn the_links_keep_what_was_asked_for() {
    let (service, manager) = managed().await;
    let anna = service.account("Basic").await;
    let images = [
        (1, "jpeg", "a.jpg", 1),
        (2, "png", "a b+c.png", 2),
        (3, "jpeg", "a.jpg", 3),
        (4, "png", "a b+c.png", 4),
    ];
    fill(&service, &anna, &images).await;
    let query = "file_name=a+b%2Bc&page_size=1";
    let first = manager.get(&format!("{IMAGES}?{query}")).await;
    assert_eq!(numbers(&first), [4]);
    let last = follow(&manager, &first, "next").await;
    assert_eq!(numbers(&last), [2]);
    assert_eq!(last.json()["next"], Value::Null);
}

#[actix_web::test]
async fn everything_wrong_with_the_parameters_is_told_at_once() {
    let (_service, manager) = managed().await;
    let query = "user=a+b&file_name=%00&format=gif&created_after=yesterday&created_before=2026-02-30\
                 &page_size=0&cursor=abc";
    let malformed = "Datetime has wrong format. Use RFC 3339, as 2030-01-31T12:00:00Z.";
    let told = json!({
        "user": ["A user name holds only letters, digits and @ . + - _"],
        "file_name": ["Null characters are not allowed."],
        "format": ["\"gif\" is not a valid choice."],
        "created_after": [malformed],
        "created_before": [malformed],
        "page_size": ["Enter a whole number from 1 to 100."],
        "cursor": ["Invalid cursor"],
    });
    let page = manager.get(&format!("{IMAGES}?{query}")).await;
    assert_eq!(page.outcome(), (400, told));
}
