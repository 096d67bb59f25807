//! `POST /api/v1/images_upload/` byte by byte: limits that hold while it streams, clients that hang up.

use serde_json::json;

use crate::{
    harness::{Account, RawClient, TestService, eventually},
    pictures::Png,
};

const PART: &str =
    "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n";
const END: &str = "\r\n--b--\r\n";
const MANY: usize = 5_000_000;

fn png() -> Vec<u8> {
    Png::new(30, 20, 2, 8).encode()
}

/// A request's head; `body` is the line that tells the body's length.
fn head(who: &Account, body: &str) -> String {
    format!(
        "POST /api/v1/images_upload/ HTTP/1.1\r\nHost: pics.example.org\r\nAuthorization: {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n{body}\r\n\r\n",
        who.basic()
    )
}

fn length(bytes: usize) -> String {
    format!("Content-Length: {bytes}")
}

fn assert_too_large((status, body): (u16, String), limit: usize) {
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["code"]), (413, &json!("payload_too_large")));
    assert!(
        body["detail"]
            .as_str()
            .unwrap()
            .contains(&limit.to_string()),
        "{body}"
    );
}

#[actix_web::test]
async fn a_file_of_exactly_the_limit_is_taken_and_a_byte_more_is_not() {
    let limit = png().len();
    let service = TestService::start_with(&["--max-upload-bytes", &limit.to_string()]).await;
    let anna = service.account("Basic").await;
    let answer = anna.upload([png(), vec![0]].concat()).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (413, &json!("payload_too_large"))
    );
    service.assert_nothing_stored().await;
    assert_eq!(anna.upload(png()).await.status, 201);
}

#[actix_web::test]
async fn a_tiers_own_limit_rules() {
    let service = TestService::start_with(&["--max-upload-bytes", "10"]).await;
    let limit = png().len();
    let own = format!("UPDATE tiers SET max_upload_bytes = {limit} WHERE name = 'Premium'");
    service.execute(&own).await;
    assert_eq!(
        service.account("Premium").await.upload(png()).await.status,
        201
    );
    assert_eq!(
        service.account("Basic").await.upload(png()).await.status,
        413
    );
    let larger = [png(), vec![0]].concat();
    assert_eq!(
        service.account("Premium").await.upload(larger).await.status,
        413
    );
}

#[actix_web::test]
async fn a_file_over_the_limit_is_refused_before_the_rest_is_sent() {
    let service = TestService::start_with(&["--max-upload-bytes", "10000"]).await;
    let anna = service.account("Basic").await;
    for start in [png(), b"another format".to_vec()] {
        let mut client = RawClient::connect(&service).await;
        client.send(head(&anna, &length(900_000))).await;
        client
            .send([PART.as_bytes(), &start, &[0; 10_000]].concat())
            .await;
        assert_too_large(client.answer().await, 10_000);
        eventually("the spool is empty", async || service.spooled() == 0).await;
    }
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn a_body_that_says_it_is_over_the_limit_is_refused_before_it_is_sent() {
    let service = TestService::start_with(&["--max-upload-bytes", "10000"]).await;
    let anna = service.account("Basic").await;
    let mut client = RawClient::connect(&service).await;
    client.send(head(&anna, &length(MANY))).await;
    assert_too_large(client.answer().await, 10_000);
}

#[actix_web::test]
async fn a_body_of_unknown_length_is_refused_at_the_limit() {
    let service = TestService::start_with(&["--max-upload-bytes", "10000"]).await;
    let anna = service.account("Basic").await;
    let mut client = RawClient::connect(&service).await;
    client.send(head(&anna, "Transfer-Encoding: chunked")).await;
    let piece = [PART.as_bytes(), &png(), &[0; 10_000]].concat();
    client.send(format!("{:x}\r\n", piece.len())).await;
    client.send([piece.as_slice(), b"\r\n"].concat()).await;
    assert_too_large(client.answer().await, 10_000);
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn a_client_that_sends_all_before_it_reads_is_told_too() {
    let service = TestService::start_with(&["--max-upload-bytes", "10000"]).await;
    let anna = service.account("Basic").await;
    let mut client = RawClient::connect(&service).await;
    let body = [PART.as_bytes(), &png(), &vec![0; 800_000], END.as_bytes()].concat();
    client.send(head(&anna, &length(body.len()))).await;
    client.send(body).await;
    assert_too_large(client.answer().await, 10_000);
}

#[actix_web::test]
async fn who_may_not_upload_is_told_before_the_picture_is_sent() {
    let service = TestService::start().await;
    let nobody = service.account("").await;
    let mut client = RawClient::connect(&service).await;
    client.send(head(&nobody, &length(MANY))).await;
    assert_eq!(client.answer().await.0, 403);
    assert!(client.rest().await.is_empty());
}

#[actix_web::test]
async fn who_sent_a_picture_in_vain_keeps_the_connection() {
    let service = TestService::start().await;
    let nobody = service.account("").await;
    let body = [PART.as_bytes(), &vec![0; 800_000], END.as_bytes()].concat();
    let request = [head(&nobody, &length(body.len())).as_bytes(), &body].concat();
    // A machine that is busy may need longer to send it than is waited for.
    eventually("a connection is kept", async || {
        let mut client = RawClient::connect(&service).await;
        client.send(&request).await;
        let (head, _) = client.whole_answer().await;
        assert!(head.starts_with("HTTP/1.1 403 "), "{head}");
        !head.contains("connection: close")
    })
    .await;
}

#[actix_web::test]
async fn a_text_field_without_end_is_refused() {
    let service = TestService::start_with(&["--max-upload-bytes", "10000"]).await;
    let anna = service.account("Basic").await;
    let mut client = RawClient::connect(&service).await;
    client.send(head(&anna, "Transfer-Encoding: chunked")).await;
    let field = "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n";
    let piece = field.to_owned() + &"x".repeat(1_100_000);
    client
        .send(format!("{:x}\r\n{piece}\r\n", piece.len()))
        .await;
    assert_too_large(client.answer().await, 10_000);
}

#[actix_web::test]
async fn an_upload_may_come_byte_by_byte() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let body = [
        PART.as_bytes(),
        &Png::new(3, 2, 0, 8).encode(),
        END.as_bytes(),
    ]
    .concat();
    let mut client = RawClient::connect(&service).await;
    client.send(head(&anna, &length(body.len()))).await;
    for byte in &body {
        client.send([*byte]).await;
    }
    assert_eq!(client.answer().await.0, 201);
}

#[actix_web::test]
async fn a_client_that_waits_to_be_told_to_go_on_is_told() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let body = [PART.as_bytes(), &png(), END.as_bytes()].concat();
    let mut client = RawClient::connect(&service).await;
    client
        .send(head(
            &anna,
            &format!("{}\r\nExpect: 100-continue", length(body.len())),
        ))
        .await;
    assert_eq!(client.answer().await.0, 100);
    client.send(body).await;
    assert_eq!(client.answer().await.0, 201);
}

#[actix_web::test]
async fn a_client_that_hangs_up_in_the_middle_leaves_nothing() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let mut client = RawClient::connect(&service).await;
    client.send(head(&anna, &length(900_000))).await;
    client.send([PART.as_bytes(), &png()].concat()).await;
    eventually("the upload streams in", async || service.spooled() == 1).await;
    drop(client);
    eventually("the spool is empty", async || service.spooled() == 0).await;
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn a_body_that_ends_before_its_length_is_stored_not_at_all() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let mut client = RawClient::connect(&service).await;
    client.send(head(&anna, &length(900_000))).await;
    client.send([PART.as_bytes(), &png()].concat()).await;
    eventually("the upload streams in", async || service.spooled() == 1).await;
    client.end().await;
    eventually("the spool is empty", async || service.spooled() == 0).await;
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn a_stranger_is_refused_before_anything_is_sent() {
    let service = TestService::start().await;
    let mut client = RawClient::connect(&service).await;
    let request = "POST /api/v1/images_upload/ HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\
                   Content-Type: multipart/form-data; boundary=b\r\n\r\n";
    client.send(request).await;
    assert_eq!(client.answer().await.0, 401);
}
