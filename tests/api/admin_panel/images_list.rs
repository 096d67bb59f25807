//! `/admin/images/`: the gallery and the table.

use tierpix::domain::staff::StaffRole;

use super::{image_id, logged_in, superuser};
use crate::{
    harness::{Account, TestService},
    pictures::{Jpeg, Png},
};

async fn upload(account: &Account, name: &str, bytes: Vec<u8>) -> String {
    let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
    let form = reqwest::multipart::Form::new().part("image", part);
    let answer = account.upload_form(form).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn three(service: &TestService) -> [Account; 2] {
    let (anna, berta) = (
        service.account("Basic").await,
        service.account("Premium").await,
    );
    upload(&anna, "beach.jpg", Jpeg::photo(40, 30).encode()).await;
    upload(&anna, "Beach 2.jpg", Jpeg::photo(400, 300).encode()).await;
    upload(&berta, "logo.png", Png::new(20, 10, 2, 8).encode()).await;
    [anna, berta]
}

#[actix_web::test]
async fn the_gallery_shows_thumbnails_that_this_site_may_show() {
    let (service, browser) = logged_in(StaffRole::Viewer).await;
    let anna = service.account("Premium").await;
    let path = anna.image().await;
    let page = browser.get("/admin/images/").await;
    let pictures = page.pictures();
    assert_eq!(pictures.len(), 1, "{}", page.html);
    assert!(pictures[0].starts_with("/media/") && pictures[0].contains("-200-"));
    assert!(page.policy.contains("img-src 'self'"), "{}", page.policy);
    let picture = service.get(&pictures[0]).await;
    assert_eq!(
        (picture.status, picture.header("content-type")),
        (200, "image/jpeg")
    );
    let shown = format!("/admin/images/{}/", image_id(&path));
    assert_eq!(page.link("photo.jpg"), Some(shown));
}

#[actix_web::test]
async fn the_table_is_a_view_of_the_same_list_that_its_url_keeps() {
    let (service, browser) = superuser().await;
    three(&service).await;
    let gallery = browser.get("/admin/images/?format=jpeg").await;
    assert!(gallery.rows().is_empty());
    let table = browser.get(&gallery.link("Table").unwrap()).await;
    assert_eq!(table.rows(), ["Beach 2.jpg", "beach.jpg"]);
    let back = table.link("Gallery").unwrap();
    assert_eq!(back, "/admin/images/?format=jpeg");
    assert_eq!(browser.get(&back).await.pictures().len(), 2);
    // The form of the filters keeps the view.
    assert!(table.html.contains("name=\"view\" value=\"table\""));
}

#[actix_web::test]
async fn images_are_searched_and_filtered() {
    let (service, browser) = superuser().await;
    let [anna, berta] = three(&service).await;
    let small = format!("user={}&max_bytes=1000", anna.username);
    for (query, expected) in [
        ("q=BEACH", vec!["Beach 2.jpg", "beach.jpg"]),
        ("format=png", vec!["logo.png"]),
        (&format!("user={}", berta.username), vec!["logo.png"]),
        ("min_bytes=100000000", vec![]),
        (
            "created_after=2020-01-01",
            vec!["logo.png", "Beach 2.jpg", "beach.jpg"],
        ),
        ("created_before=2020-01-01", vec![]),
        (
            "ordering=created_at",
            vec!["beach.jpg", "Beach 2.jpg", "logo.png"],
        ),
    ] {
        let page = browser
            .get(&format!("/admin/images/?view=table&{query}"))
            .await;
        assert_eq!(page.rows(), expected, "{query}");
    }
    let largest = browser
        .get("/admin/images/?view=table&ordering=-bytes")
        .await;
    assert_eq!(largest.rows()[0], "Beach 2.jpg");
    assert_eq!(
        browser.get(&format!("/admin/images/?{small}")).await.status,
        200
    );
}

#[actix_web::test]
async fn a_wrong_filter_is_told_beside_it_and_lets_nothing_through() {
    let (service, browser) = superuser().await;
    service.account("Basic").await.image().await;
    for (query, field) in [
        ("user=a%20b", "user"),
        ("q=%00", "q"),
        ("format=gif", "format"),
        ("min_bytes=-1", "min_bytes"),
        ("max_bytes=much", "max_bytes"),
        ("created_after=yesterday", "created_after"),
        ("ordering=name", "ordering"),
    ] {
        let page = browser.get(&format!("/admin/images/?{query}")).await;
        assert_eq!(page.status, 400, "{query}");
        assert_ne!(page.error(field), "", "{query}");
        assert!(page.pictures().is_empty());
    }
}

#[actix_web::test]
async fn pages_lead_on_and_back_in_each_order() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    service
        .execute(&format!(
            "INSERT INTO images (id, user_id, format, width, height, bytes, sha256, file_name, media_key, created_at)
             SELECT gen_random_uuid(), {}, 'jpeg', 40, 30, n, decode(repeat('00', 32), 'hex'), 'a' || n || '.jpg',
                    decode(repeat('00', 32), 'hex'), now() + n * interval '1 second'
             FROM generate_series(1, 50) n",
            anna.id.0
        ))
        .await;
    for ordering in [
        "",
        "created_at",
        "bytes",
        "-bytes",
        "&q=A",
        "created_at&q=A",
        "bytes&q=A",
        "-bytes&q=A",
    ] {
        let first = browser
            .get(&format!("/admin/images/?view=table&ordering={ordering}"))
            .await;
        let second = browser.get(&first.link("Next page").unwrap()).await;
        let mut all = [first.rows(), second.rows()].concat();
        assert_eq!(all.len(), 50, "{ordering}");
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 50, "{ordering}");
        let back = browser.get(&second.link("Previous page").unwrap()).await;
        assert_eq!(back.rows(), first.rows(), "{ordering}");
    }
}

#[actix_web::test]
async fn the_word_of_another_page_leads_to_the_first_one() {
    let (service, browser) = superuser().await;
    three(&service).await;
    for word in ["x", "eyJhIjoxfQ", "%00"] {
        let page = browser
            .get(&format!("/admin/images/?view=table&page={word}"))
            .await;
        assert_eq!((page.status, page.rows().len()), (200, 3), "{word}");
    }
}
