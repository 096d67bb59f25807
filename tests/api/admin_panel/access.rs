//! Who gets in, and what every page has.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use tierpix::domain::staff::StaffRole;

use super::{Browser, page_of, superuser};
use crate::harness::TestService;

#[actix_web::test]
async fn who_is_not_logged_in_is_led_to_the_login_page_and_back() {
    let service = TestService::start().await;
    let root = service.staff(StaffRole::Viewer).await;
    let browser = Browser::new(&service);
    let login = browser.get("/admin/tiers/?q=Basic").await;
    assert_eq!(login.heading(), "Log in");
    assert!(
        login.path.starts_with("/admin/login/?next="),
        "{}",
        login.path
    );
    let values = [
        ("username", root.username.as_str()),
        ("password", &root.password),
    ];
    let tiers = browser.submit(&login, &values).await;
    assert_eq!(
        (tiers.status, tiers.path.as_str()),
        (200, "/admin/tiers/?q=Basic")
    );
    assert_eq!(tiers.rows(), ["Basic"]);
}

#[actix_web::test]
async fn nobody_is_led_away_from_this_site() {
    let service = TestService::start().await;
    let root = service.staff(StaffRole::Viewer).await;
    let browser = Browser::new(&service);
    let login = browser.get("/admin/login/?next=//evil.example/").await;
    let values = [
        ("username", root.username.as_str()),
        ("password", &root.password),
    ];
    assert_eq!(browser.submit(&login, &values).await.path, "/admin/");
}

#[actix_web::test]
async fn who_is_not_of_the_staff_does_not_get_in() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let browser = Browser::new(&service);
    let refused = browser.log_in(&anna).await;
    assert_eq!((refused.status, refused.heading()), (401, "Log in"));
    assert!(refused.html.contains("of a staff account"));
    assert_eq!(refused.value("username"), anna.username);
    assert!(!refused.html.contains(&anna.password));
    let other = service.account("Basic").await;
    let wrong = [
        ("username", other.username.as_str()),
        ("password", "wrong password"),
    ];
    assert_eq!(
        browser
            .post("/admin/login/", &wrong)
            .await
            .html
            .replace(&other.username, ""),
        refused.html.replace(&anna.username, "")
    );
}

#[actix_web::test]
async fn a_forgotten_password_field_keeps_the_name_and_where_to_go() {
    let service = TestService::start().await;
    let browser = Browser::new(&service);
    let login = browser.get("/admin/users/").await;
    let refused = browser.submit(&login, &[("username", "anna")]).await;
    assert_eq!((refused.status, refused.heading()), (401, "Log in"));
    assert_eq!(
        (refused.value("username"), refused.value("next")),
        ("anna".to_owned(), "/admin/users/".to_owned())
    );
}

#[actix_web::test]
async fn a_session_of_somebody_else_opens_no_page() {
    let service = TestService::start().await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let cookie = format!("sessionid={session}");
    let browser = Browser::new(&service);
    for path in ["/admin/", "/admin/tiers/", "/admin/users/1/"] {
        let page = browser.send("GET", path, &[("cookie", &cookie)]).await;
        assert_eq!(
            (page.status, page.heading()),
            (403, "Not allowed"),
            "{path}"
        );
        assert!(page.html.contains("not of the staff"));
        assert!(!page.html.contains("href=\"/admin/tiers/\""));
    }
}

#[actix_web::test]
async fn neither_a_password_nor_a_token_with_the_request_opens_a_page() {
    let service = TestService::start().await;
    let root = service.staff(StaffRole::Superuser).await;
    let token = format!("Bearer {}", root.token(&["read"]).await);
    let browser = Browser::new(&service);
    for authorization in [root.basic(), token] {
        let headers = [("authorization", authorization.as_str())];
        let page = browser.send("GET", "/admin/tiers/", &headers).await;
        assert_eq!(page.heading(), "Log in");
    }
}

#[actix_web::test]
async fn what_another_site_sends_is_refused_and_changes_nothing() {
    let (service, browser) = superuser().await;
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ] {
        for path in [
            "/admin/tiers/1/delete/",
            "/admin/tiers/add/",
            "/admin/logout/",
            "/admin/login/",
        ] {
            let page = browser.send("POST", path, &[header]).await;
            assert_eq!(page.status, 403, "{path}");
            assert!(page.html.contains("made by another site"), "{path}");
        }
    }
    assert_eq!(service.number("SELECT count(*) FROM tiers").await, 3);
    assert_eq!(browser.get("/admin/").await.heading(), "Administration");
}

#[actix_web::test]
async fn logging_out_ends_the_session() {
    let (_service, browser) = superuser().await;
    assert_eq!(
        browser.post("/admin/logout/", &[]).await.heading(),
        "Log in"
    );
    assert_eq!(browser.get("/admin/tiers/").await.heading(), "Log in");
}

#[actix_web::test]
async fn what_is_not_there_is_told_on_a_page() {
    let (_service, browser) = superuser().await;
    for path in [
        "/admin/nothing/",
        "/admin/tiers/99/",
        "/admin/tiers/x/",
        "/admin/users/99/delete/",
    ] {
        let page = browser.get(path).await;
        assert_eq!(
            (page.status, page.heading()),
            (404, "Page not found"),
            "{path}"
        );
    }
    let page = browser.post("/admin/", &[]).await;
    assert_eq!(page.status, 405);
}

#[actix_web::test]
async fn a_failure_of_the_service_is_told_on_a_page() {
    let (service, browser) = superuser().await;
    service.shut_database_out().await;
    let page = browser.get("/admin/tiers/").await;
    assert_eq!((page.status, page.heading()), (503, "Something went wrong"));
    service.let_database_in().await;
}

#[actix_web::test]
async fn a_message_is_shown_once() {
    let (_service, browser) = superuser().await;
    let form = browser.get("/admin/tiers/add/").await;
    let values = [("name", "Gold"), ("thumbnail_heights", "300")];
    let list = browser.submit(&form, &values).await;
    assert_eq!(list.message(), "The tier “Gold” was added.");
    assert_eq!(browser.get("/admin/tiers/").await.message(), "");
}

#[actix_web::test]
async fn a_message_that_we_did_not_write_is_not_shown() {
    let service = TestService::start().await;
    let (_, session) = service.staff(StaffRole::Viewer).await.log_in().await;
    let text = BASE64_URL_SAFE_NO_PAD.encode(r#"{"level":"success","text":"Call me"}"#);
    let cookie = format!("sessionid={session}; tierpix_message={text}.{text}");
    let browser = Browser::new(&service);
    let page = browser.send("GET", "/admin/", &[("cookie", &cookie)]).await;
    assert_eq!((page.heading(), page.message()), ("Administration", ""));
}

#[actix_web::test]
async fn no_page_holds_script_or_style_of_its_own() {
    let (service, browser) = superuser().await;
    let anna = service.account("Basic").await;
    let user = page_of(&anna);
    for path in [
        "/admin/",
        "/admin/login/",
        "/admin/tiers/",
        "/admin/tiers/add/",
        "/admin/tiers/1/",
        "/admin/tiers/1/delete/",
        "/admin/users/",
        "/admin/users/add/",
        &user,
        &format!("{user}password/"),
        &format!("{user}delete/"),
        "/admin/nothing/",
    ] {
        let page = browser.get(path).await;
        assert!(page.policy.contains("default-src 'none'"), "{path}");
        assert!(!page.policy.contains("unsafe"), "{path}");
        assert!(
            !page.html.contains(" style=") && !page.html.contains("<style"),
            "{path}"
        );
        assert!(
            !page.html.contains("<script>") && !page.html.contains(" onclick"),
            "{path}"
        );
        assert_eq!(page.html.matches("<h1>").count(), 1, "{path}");
    }
}
