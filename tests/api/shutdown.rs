//! A service that is stopped.

use std::time::{Duration, Instant};

use crate::{
    harness::{Account, RawClient, TestService, eventually, free_address},
    pictures::Png,
};

/// An upload that is on its way, and what is left to send of it.
async fn begin_upload(service: &TestService, anna: &Account) -> (RawClient, Vec<u8>) {
    let body = [
        b"--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n"
            .as_slice(),
        &Png::new(30, 20, 2, 8).encode(),
        b"\r\n--b--\r\n",
    ]
    .concat();
    let (start, rest) = body.split_at(body.len() - 20);
    let mut client = RawClient::connect(service).await;
    let head = format!(
        "POST /api/v1/images_upload/ HTTP/1.1\r\nHost: h\r\nAuthorization: {}\r\nContent-Length: {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n\r\n",
        anna.basic(),
        body.len()
    );
    client.send(head).await;
    client.send(start).await;
    eventually("the upload streams in", async || service.spooled() == 1).await;
    (client, rest.to_owned())
}

/// Only then is it sure that the stop has begun.
async fn takes_no_connection(address: &str) {
    eventually("no connection is taken any more", async || {
        tokio::net::TcpStream::connect(address).await.is_err()
    })
    .await;
}

#[actix_web::test]
async fn an_upload_in_flight_is_stored_and_answered() {
    let mut service = TestService::start().await;
    let anna = service.account("Basic").await;
    let (mut client, rest) = begin_upload(&service, &anna).await;
    let address = service.url.trim_start_matches("http://").to_owned();
    let finish = async {
        takes_no_connection(&address).await;
        client.send(rest).await;
        client.answer().await.0
    };
    let (status, ()) = tokio::join!(finish, service.stop());
    assert_eq!(status, 201);
    assert_eq!(service.number("SELECT count(*) FROM images").await, 1);
    assert_eq!(service.files().len(), 2);
    assert_eq!(service.spooled(), 0);
}

#[actix_web::test]
async fn a_service_that_is_taken_down_says_that_it_is_not_ready() {
    let own = free_address();
    let mut service = TestService::start_with(&["--metrics-bind", &own]).await;
    let anna = service.account("Basic").await;
    let ready = format!("http://{own}/readyz");
    assert_eq!(service.get(&ready).await.status, 200);
    let (mut upload, rest) = begin_upload(&service, &anna).await;
    let address = service.url.trim_start_matches("http://").to_owned();
    let asking = async {
        takes_no_connection(&address).await;
        let answer = reqwest::get(&ready).await.unwrap();
        upload.send(rest).await;
        upload.answer().await;
        answer.status().as_u16()
    };
    let (status, ()) = tokio::join!(asking, service.stop());
    assert_eq!(status, 503);
}

#[actix_web::test]
async fn idle_connections_hold_nothing_up() {
    let mut service = TestService::start().await;
    assert_eq!(service.get("/healthz").await.status, 200);
    let start = Instant::now();
    service.stop().await;
    assert!(
        start.elapsed() < Duration::from_secs(7),
        "{:?}",
        start.elapsed()
    );
}
