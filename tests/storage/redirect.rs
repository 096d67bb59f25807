//! Clients that are sent to the bucket.

use serde_json::json;

use crate::{
    harness::{Answer, Installation, Service},
    program::{file_of, installation, objects, photo, upload},
    server::S3Server,
};

async fn serve(server: &S3Server) -> (Installation, Service) {
    let tierpix = installation(server).await;
    let tierpix = tierpix.with("TIERPIX_MEDIA_REDIRECT", "true");
    let service = tierpix.serve().await;
    (tierpix, service)
}

/// Where an answer sends to, and how many seconds that is good for.
fn target(server: &S3Server, answer: &Answer) -> (String, u32) {
    assert_eq!(answer.status, 302, "{answer:?}");
    let url = answer.header("location");
    assert!(url.starts_with(&format!("http://{}/", server.address())));
    let life = url.split("X-Amz-Expires=").nth(1).unwrap();
    let life = life.split('&').next().unwrap();
    (url.to_owned(), life.parse().unwrap())
}

#[actix_web::test]
async fn media_are_redirected_to_the_bucket() {
    let server = S3Server::start();
    let (_tierpix, service) = serve(&server).await;
    let url = upload(&service, photo()).await.url_of("original");
    let answer = service.get(&url).await;
    let (there, life) = target(&server, &answer);
    assert_eq!(life, 3600);
    assert_eq!(answer.header("cache-control"), "public, max-age=1800");
    let picture = service.get(&there).await;
    assert_eq!((picture.status, picture.body.as_ref()), (200, &*photo()));
    assert_eq!(picture.header("content-type"), "image/jpeg");

    let head = Answer::of(service.request("HEAD", &url)).await;
    let (there, _) = target(&server, &head);
    let head = Answer::of(service.request("HEAD", &there)).await;
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-length"), photo().len().to_string());
}

#[actix_web::test]
async fn links_are_redirected_for_a_minute_and_no_cache_keeps_that() {
    let server = S3Server::start();
    let (_tierpix, service) = serve(&server).await;
    let part = reqwest::multipart::Part::bytes(photo()).file_name("photo.jpg");
    let form = reqwest::multipart::Form::new()
        .text("expiring_time_seconds", "300")
        .part("image", part);
    let uploaded = service.upload_form("anna", "anna-password", form).await;
    let answer = service.get(&uploaded.link()).await;
    let (there, life) = target(&server, &answer);
    assert_eq!(life, 60);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(service.get(&there).await.body, photo());
}

#[actix_web::test]
async fn a_link_whose_uses_are_counted_is_not_redirected() {
    let server = S3Server::start();
    let (_tierpix, service) = serve(&server).await;
    let uploaded = upload(&service, photo()).await;
    let image = uploaded.json()["id"].as_str().unwrap().to_owned();
    let request = service
        .request("POST", &format!("/api/v1/images/{image}/links/"))
        .basic_auth("anna", Some("anna-password"))
        .json(&json!({ "expiring_time_seconds": 300, "max_uses": 1 }));
    let link = Answer::of(request).await.json();
    let answer = service.get(link["expiring_link"].as_str().unwrap()).await;
    assert_eq!((answer.status, answer.body.as_ref()), (200, &*photo()));
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[actix_web::test]
async fn pages_of_our_own_get_pictures_from_here() {
    let server = S3Server::start();
    let (_tierpix, service) = serve(&server).await;
    let url = upload(&service, photo()).await.url_of("original");
    let request = service.request("GET", &url);
    let answer = Answer::of(request.header("sec-fetch-site", "same-origin")).await;
    assert_eq!((answer.status, answer.body.as_ref()), (200, &*photo()));
}

#[actix_web::test]
async fn a_thumbnail_that_is_missing_is_made_here_and_redirected_then() {
    let server = S3Server::start();
    let (_tierpix, service) = serve(&server).await;
    let url = upload(&service, photo()).await.url_of("200px");
    std::fs::remove_file(file_of(&server, url.rsplit('/').next().unwrap())).unwrap();
    let made = service.get(&url).await;
    assert_eq!(made.status, 200);
    assert_eq!(objects(&server).len(), 3);
    let (there, _) = target(&server, &service.get(&url).await);
    assert_eq!(service.get(&there).await.body, made.body);
}

#[actix_web::test]
async fn without_a_bucket_there_is_nothing_to_redirect_to() {
    let tierpix = Installation::new().with("TIERPIX_MEDIA_REDIRECT", "true");
    let line = tierpix.run("serve").await.refused();
    assert!(line.starts_with("TIERPIX_MEDIA_REDIRECT: "), "{line}");
    assert!(line.contains("TIERPIX_STORAGE_URL"), "{line}");
    assert!(!tierpix.data_dir().exists());
}
