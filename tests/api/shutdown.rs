//! A service that is stopped.

use std::time::{Duration, Instant};

use crate::{
    harness::{RawClient, TestService, eventually},
    pictures::Png,
};

#[actix_web::test]
async fn an_upload_in_flight_is_stored_and_answered() {
    let mut service = TestService::start().await;
    let anna = service.account("Basic").await;
    let body = [
        b"--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n"
            .as_slice(),
        &Png::new(30, 20, 2, 8).encode(),
        b"\r\n--b--\r\n",
    ]
    .concat();
    let (start, rest) = body.split_at(body.len() - 20);
    let mut client = RawClient::connect(&service).await;
    let head = format!(
        "POST /api/v1/images_upload/ HTTP/1.1\r\nHost: h\r\nAuthorization: {}\r\nContent-Length: {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n\r\n",
        anna.basic(),
        body.len()
    );
    client.send(head).await;
    client.send(start).await;
    eventually("the upload streams in", async || service.spooled() == 1).await;
    let address = service.url.trim_start_matches("http://").to_owned();
    let finish = async {
        // Only then is it sure that the stop has begun.
        eventually("no connection is taken any more", async || {
            tokio::net::TcpStream::connect(&address).await.is_err()
        })
        .await;
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
