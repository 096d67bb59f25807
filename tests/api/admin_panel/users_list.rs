//! `/admin/users/`: search, filters, order, pages.

use tierpix::domain::staff::StaffRole;

use super::superuser;

#[actix_web::test]
async fn users_are_searched_and_filtered() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let berta = service.account("Premium").await;
    let viewer = service.staff(StaffRole::Viewer).await;
    service
        .execute(&format!(
            "UPDATE users SET email = 'zoe@example.org' WHERE id = {}",
            anna.id.0
        ))
        .await;
    service.set_active(&berta, false).await;
    for (query, expected) in [
        (format!("q={}", anna.username), &anna),
        ("q=ZOE".to_owned(), &anna),
        ("tier=Premium".to_owned(), &berta),
        ("is_active=false".to_owned(), &berta),
        ("role=viewer".to_owned(), &viewer),
    ] {
        let page = browser.get(&format!("/admin/users/?{query}")).await;
        assert_eq!(page.rows(), [expected.username.as_str()], "{query}");
    }
    assert_eq!(
        browser.get("/admin/users/?role=staff").await.rows().len(),
        2
    );
    assert_eq!(browser.get("/admin/users/?role=none").await.rows().len(), 2);
    assert!(
        browser
            .get("/admin/users/?q=nobody")
            .await
            .html
            .contains("Nothing matches.")
    );
}

#[actix_web::test]
async fn users_are_ordered() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    anna.image().await;
    let berta = service.account("Basic").await;
    let first = async |query| {
        let page = browser
            .get(&format!("/admin/users/?ordering={query}"))
            .await;
        page.rows()[0].to_owned()
    };
    assert_eq!(first("-stored_bytes").await, anna.username);
    assert_eq!(first("-created_at").await, berta.username);
    assert!(
        browser
            .get("/admin/users/")
            .await
            .html
            .contains("aria-sort=\"ascending\"")
    );
}

#[actix_web::test]
async fn pages_lead_on_and_back_and_keep_the_view() {
    let (service, browser) = superuser().await;
    service
        .execute(
            "INSERT INTO users (username, password_hash)
             SELECT 'user' || lpad(n::text, 3, '0'), 'x' FROM generate_series(1, 120) n",
        )
        .await;
    let first = browser.get("/admin/users/?q=user").await;
    assert_eq!((first.rows().len(), first.rows()[0]), (50, "user001"));
    assert_eq!(first.link("Previous page"), None);
    let second = browser.get(&first.link("Next page").unwrap()).await;
    assert_eq!((second.rows().len(), second.rows()[0]), (50, "user051"));
    assert!(
        second.path.starts_with("/admin/users/?q=user&page="),
        "{}",
        second.path
    );
    let third = browser.get(&second.link("Next page").unwrap()).await;
    assert_eq!((third.rows().len(), third.link("Next page")), (20, None));
    let back = browser.get(&third.link("Previous page").unwrap()).await;
    assert_eq!(back.rows(), second.rows());
}

#[actix_web::test]
async fn a_typo_in_the_url_is_told_or_passed_over() {
    let (_service, browser) = superuser().await;
    for (query, field) in [
        ("role=root", "role"),
        ("is_active=maybe", "is_active"),
        ("ordering=age", "ordering"),
        ("q=%00", "q"),
    ] {
        let page = browser.get(&format!("/admin/users/?{query}")).await;
        assert_eq!(page.status, 400, "{query}");
        assert_ne!(page.error(field), "", "{query}");
    }
    for query in [
        "page=nonsense",
        "page=eyJhIjoxfQ",
        "tier=Nope",
        "%FF=%FF",
        "q=%25%5F",
    ] {
        let page = browser.get(&format!("/admin/users/?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
    }
}
