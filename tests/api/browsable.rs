//! What a person with a browser sees.

use serde_json::Value;

use crate::{
    harness::{Answer, PRIVATE, TestService},
    pictures::Png,
};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn browse(request: reqwest::RequestBuilder) -> Answer {
    Answer::of(request.header("accept", BROWSER)).await
}

/// The page's text, its entities and links undone.
fn shown(answer: &Answer) -> String {
    assert_eq!(
        answer.header("content-type"),
        "text/html; charset=utf-8",
        "{answer:?}"
    );
    let mut text = String::new();
    for piece in answer.text().split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
    }
    text.replace("&#34;", "\"")
        .replace("&#38;", "&")
        .replace("&#39;", "'")
}

/// Fails unless the page shows this JSON.
fn assert_shows(answer: &Answer, json: &Value) {
    let text = shown(answer);
    let pretty = serde_json::to_string_pretty(json).unwrap();
    assert!(text.contains(&pretty), "{pretty} in {text}");
}

#[actix_web::test]
async fn an_error_is_shown_as_a_page_with_the_same_status() {
    let service = TestService::start().await;
    for path in [
        PRIVATE,
        "/nothing",
        "/media/x",
        "/api/v1/image/?id=1",
        "/api-auth/logout/",
    ] {
        let program = service.get(path).await;
        let browser = browse(service.request("GET", path)).await;
        assert_eq!(browser.status, program.status, "{path}");
        assert_shows(&browser, &program.json());
        for name in ["allow", "www-authenticate"] {
            assert_eq!(browser.header(name), program.header(name), "{path}");
        }
    }
}

#[actix_web::test]
async fn an_upload_by_the_form_is_shown_with_its_urls() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let form = crate::harness::image_form(Png::new(30, 20, 2, 8).encode());
    let answer = browse(
        anna.request("POST", "/api/v1/images_upload/")
            .multipart(form),
    )
    .await;
    assert_eq!(answer.status, 201);
    let location = answer
        .header("location")
        .strip_prefix(&service.url)
        .unwrap();
    let image = anna.get(location).await;
    assert_shows(&answer, &image.json());
    let link = format!("<a href=\"{}\">", image.url_of("200px"));
    assert!(answer.text().contains(&link), "{}", answer.text());
}

#[actix_web::test]
async fn whatever_a_path_holds_is_shown_as_text() {
    let service = TestService::start().await;
    for path in [
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/x?<script>",
        "/\"onload=x",
    ] {
        let answer = browse(service.request("GET", path)).await;
        assert_eq!(answer.status, 404);
        assert!(!answer.text().contains("<script"), "{}", answer.text());
        assert!(!answer.text().contains("\"onload"), "{}", answer.text());
    }
}

#[actix_web::test]
async fn a_picture_is_a_picture_for_a_browser_too() {
    let service = TestService::start().await;
    let upload = service
        .account("Basic")
        .await
        .upload(Png::new(30, 20, 2, 8).encode())
        .await;
    let answer = browse(service.request("GET", &upload.url_of("200px"))).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "image/png")
    );
}

#[actix_web::test]
async fn the_landing_page_offers_the_login_to_strangers_and_the_form_to_users() {
    let service = TestService::start().await;
    assert!(service.get("/").await.text().contains("/api-auth/login/"));
    let anna = service.account("Premium").await;
    let (_, session) = anna.log_in().await;
    let page = browse(service.request_in(&session, "GET", "/")).await;
    assert!(page.text().contains(&anna.username) && page.text().contains("Premium"));
    assert!(page.text().contains("name=\"image\""), "{}", page.text());
    assert!(
        !page.text().contains("expiring_time_seconds"),
        "{}",
        page.text()
    );
}

#[actix_web::test]
async fn caches_keep_pages_and_json_apart() {
    let service = TestService::start().await;
    for answer in [
        service.get("/nothing").await,
        browse(service.request("GET", "/nothing")).await,
    ] {
        let vary = answer.header("vary").to_ascii_lowercase();
        assert!(vary.contains("accept"), "{vary}");
    }
}
