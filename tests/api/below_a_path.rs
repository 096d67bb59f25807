//! A service that lies below a path of its host, behind a proxy that takes the path off and behind one that does not.

use std::collections::BTreeSet;

use reqwest::redirect::Policy;
use serde_json::json;
use tierpix::domain::staff::StaffRole;

use crate::harness::{Account, Answer, TestService};

const PUBLIC: &str = "https://example.org/pics";

async fn service() -> TestService {
    TestService::start_with(&["--public-url", PUBLIC]).await
}

/// A browser in which the account is logged in, which goes nowhere by itself.
async fn browser(service: &TestService, account: &Account) -> reqwest::Client {
    let client = reqwest::Client::builder()
        .cookie_store(true)
        .tls_certs_only([])
        .redirect(Policy::none())
        .build()
        .unwrap();
    let form = [
        ("username", &account.username),
        ("password", &account.password),
    ];
    let login = client.post(format!("{}/pics/admin/login/", service.url));
    let answer = Answer::of(login.form(&form)).await;
    let sent_to = (answer.status, answer.header("location"));
    assert_eq!(sent_to, (303, "/pics/admin/"), "{answer:?}");
    client
}

/// What a page leads to, or loads, of this host.
fn links(page: &str) -> BTreeSet<String> {
    let names = ["href=\"", "src=\"", "action=\""];
    let values = names.iter().flat_map(|name| page.split(name).skip(1));
    values
        .filter_map(|rest| rest.split('"').next())
        .map(|value| value.replace("&#38;", "&").replace(PUBLIC, "/pics"))
        .filter(|value| value.starts_with('/'))
        .collect()
}

#[actix_web::test]
async fn every_page_leads_to_others_below_the_path() {
    let service = service().await;
    let admin = service.staff(StaffRole::Superuser).await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    anna.link(&image, json!({ "expiring_time_seconds": 3600 }))
        .await;
    anna.token(&["read"]).await;
    let browser = browser(&service, &admin).await;
    let mut to_see: Vec<String> = ["", "admin/", "api/docs/", "api-auth/login/", "api/v1/me/"]
        .map(|path| format!("/pics/{path}"))
        .into();
    let mut seen = BTreeSet::new();
    while let Some(path) = to_see.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let request = browser.get(format!("{}{path}", service.url));
        let answer = Answer::of(request.header("accept", "text/html")).await;
        // Of some paths only the form can be sent.
        assert!(
            [200, 405, 415].contains(&answer.status),
            "{path}: {answer:?}"
        );
        if answer.header("content-type").starts_with("text/html") {
            for link in links(answer.text()) {
                let is_below = link == "/pics" || link.starts_with("/pics/");
                assert!(is_below, "{link} on {path}");
                // The same page in another order, or from another row on.
                to_see.extend(Some(link).filter(|link| link.matches('?').count() == 0));
            }
        }
    }
    for path in [
        "static/admin.css",
        "static/docs.js",
        "admin/users/add/",
        "admin/history/",
        "api/schema/",
    ] {
        assert!(seen.contains(&format!("/pics/{path}")), "{path}");
    }
    assert!(seen.len() > 40, "{seen:?}");
}

#[actix_web::test]
async fn what_is_tried_on_the_page_of_the_api_is_asked_below_the_path() {
    let service = service().await;
    let page = service.get("/pics/api/docs/").await;
    let paths: Vec<_> = page.text().split("data-path=\"").skip(1).collect();
    assert!(paths.len() > 20);
    assert!(paths.iter().all(|path| path.starts_with("/pics/")));
}

#[actix_web::test]
async fn a_proxy_that_takes_the_path_off_gets_the_same_pages() {
    let service = service().await;
    let admin = service.staff(StaffRole::Superuser).await;
    let (_, session) = admin.log_in().await;
    for path in [
        "/",
        "/admin/",
        "/admin/tiers/",
        "/api/docs/",
        "/api-auth/login/",
    ] {
        let page = async |path: &str| {
            let request = service.request_in(&session, "GET", path);
            let answer = Answer::of(request.header("accept", "text/html")).await;
            (answer.status, links(answer.text()))
        };
        let with = page(&format!("/pics{path}")).await;
        assert_eq!(with.0, 200, "{path}");
        assert_eq!(page(path).await, with, "{path}");
    }
}

#[actix_web::test]
async fn cookies_count_below_the_path_alone() {
    let service = service().await;
    let anna = service.account("Basic").await;
    let form = [("username", &anna.username), ("password", &anna.password)];
    for (host, name) in [
        ("example.org", "__Secure-sessionid="),
        ("10.0.0.1", "sessionid="),
    ] {
        for path in ["/api-auth/login/", "/pics/api-auth/login"] {
            let login = service.request("POST", path).header("host", host);
            let answer = Answer::of(login.form(&form)).await;
            let cookie = answer.header("set-cookie");
            assert!(cookie.starts_with(name), "{cookie}");
            assert!(cookie.contains("; Path=/pics;"), "{cookie}");
            let session = cookie.split(';').next().unwrap();
            let me = service
                .request("GET", "/pics/api/v1/me/")
                .header("host", host);
            let me = Answer::of(me.header("cookie", session)).await;
            assert_eq!(me.status, 200, "{me:?}");
        }
    }
}

#[actix_web::test]
async fn urls_and_redirects_lead_below_the_path() {
    let service = service().await;
    let anna = service.account("Enterprise").await;
    let schema = service.get("/pics/api/schema/").await.json();
    assert_eq!(schema["servers"], json!([{ "url": PUBLIC }]));
    let upload = anna.request("POST", "/pics/api/v1/images_upload/");
    let form = crate::harness::image_form(crate::harness::picture());
    let upload = Answer::of(upload.multipart(form)).await;
    assert_eq!(upload.status, 201, "{upload:?}");
    for url in [upload.header("location"), &upload.url_of("200px")] {
        let path = url.strip_prefix("https://example.org").unwrap();
        assert!(path.starts_with("/pics/"), "{url}");
        assert_eq!(anna.get(path).await.status, 200);
    }
    for path in ["/admin/users/", "/pics/admin/users/"] {
        let answer = service.get(path).await;
        let login = "/pics/admin/login/?next=%2Fadmin%2Fusers%2F";
        assert_eq!((answer.status, answer.header("location")), (303, login));
    }
    let form = [
        ("username", anna.username.as_str()),
        ("password", &anna.password),
        ("next", "/pics/api/v1/me/"),
    ];
    let login = service.request("POST", "/pics/api-auth/login/");
    let login = Answer::of(login.header("accept", "text/html").form(&form)).await;
    assert_eq!(
        (login.status, login.header("location")),
        (302, "/pics/api/v1/me/")
    );
}

#[actix_web::test]
async fn a_path_that_is_also_the_beginning_of_our_own_is_told_apart() {
    let service = TestService::start_with(&["--public-url", "https://example.org/api"]).await;
    let anna = service.account("Basic").await;
    for path in ["/api/v1/me/", "/api/api/v1/me/", "/healthz", "/api/healthz"] {
        assert_eq!(anna.get(path).await.status, 200, "{path}");
    }
    assert_eq!(anna.get("/api/nothing").await.status, 404);
}
