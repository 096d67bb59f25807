//! What the log must not hold: secrets, and lines that clients made up.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    harness::{Answer, Installation, Service},
    pictures::Jpeg,
};

const UPLOAD: &str = "/api/v1/images_upload/";

/// A line as the log would write one, on a line of its own and in the place of another.
const FORGED: &str = "x\n2026-01-01T00:00:00.000000Z  INFO forged\r\u{1b}[2K\u{2028}forged";

/// What somebody does who uses everything that opens something; gives what nobody else may read.
async fn secrets(service: &Service) -> Vec<String> {
    let photo = Jpeg::photo(320, 240).encode();
    let upload = service.upload("anna", "anna-password", photo).await;
    assert_eq!(upload.status, 201, "{upload:?}");
    let (login, cookie) = service.log_in("anna", "anna-password").await;
    assert_eq!(login.status, 200, "{login:?}");
    assert!(service.knows_session(&cookie).await);
    let wrong = service.log_in("anna", "wrong-password").await.0;
    assert_eq!(wrong.status, 401, "{wrong:?}");
    let by_anna = |method, path: &str| {
        let request = service.request(method, path);
        request.basic_auth("anna", Some("anna-password"))
    };
    let token = by_anna("POST", "/api/v1/tokens/").json(&json!({"name": "a", "scopes": ["read"]}));
    let token = Answer::of(token).await.json();
    let token = token["key"].as_str().unwrap().to_owned();
    let me = service.request("GET", "/api/v1/me/").bearer_auth(&token);
    assert_eq!(Answer::of(me).await.status, 200);
    let location = upload.header("location").to_owned();
    let links = by_anna("POST", &format!("{location}links/"));
    let link = Answer::of(links.json(&json!({"expiring_time_seconds": 300}))).await;
    let link = link.json()["expiring_link"].as_str().unwrap().to_owned();
    assert_eq!(service.get(&link).await.status, 200);
    let altered = format!("{link}A");
    assert_ne!(service.get(&altered).await.status, 200);
    let media = upload.url_of("200px");
    assert_eq!(service.get(&media).await.status, 200);

    let (_, session) = cookie.split_once('=').unwrap();
    let (_, query) = link.split_once('?').unwrap();
    let signature = query.split(['&', '=']).max_by_key(|part| part.len());
    let (_, picture) = media.split_once("/media/").unwrap();
    let passwords = ["anna-password", "wrong-password"].map(str::to_owned);
    let credentials = passwords
        .clone()
        .map(|password| BASE64_STANDARD.encode(format!("anna:{password}")));
    let opened = [session, &token, signature.unwrap(), picture].map(str::to_owned);
    [&passwords[..], &credentials, &opened].concat()
}

/// Puts a line wherever a client can put a word.
async fn forge(service: &Service) {
    let name = format!("{FORGED}.jpg");
    let anna = |request: reqwest::RequestBuilder| request.basic_auth("anna", Some("anna-password"));
    for file in [Jpeg::photo(32, 24).encode(), FORGED.into()] {
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"{}\"\r\n\r\n",
            name.replace(['\r', '\n'], "")
        );
        let body = [head.as_bytes(), &file, b"\r\n--b--\r\n"].concat();
        let upload = service
            .request("POST", UPLOAD)
            .header("content-type", "multipart/form-data; boundary=b");
        Answer::of(anna(upload).body(body)).await;
    }
    let line = percent(FORGED);
    for request in [
        service
            .request("POST", "/api-auth/login/")
            .json(&json!({"username": FORGED, "password": FORGED})),
        service.request("GET", &format!("/{line}")),
        service.request("GET", &format!("/media/{line}/{line}")),
        service.request("GET", &format!("/api/v1/image/?{line}={line}")),
        service
            .request("GET", "/api/v1/me/")
            .basic_auth(FORGED, Some(FORGED)),
        anna(service.request("POST", "/api/v1/tokens/")).json(&json!({"name": FORGED})),
        anna(service.request("GET", "/api/v1/me/")).header("x-request-id", "x\tforged"),
        anna(service.request("POST", UPLOAD)).header("content-type", "forged\tforged"),
    ] {
        Answer::of(request).await;
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The log of a service that was asked for everything, at its most talkative; the secrets that it was told.
async fn log(format: &str) -> (String, Vec<String>) {
    let tierpix = Installation::on_another_server()
        .await
        .with("TIERPIX_LOG", "debug")
        .with("TIERPIX_LOG_FORMAT", format);
    let service = tierpix.serve().await;
    tierpix.add_user("anna", "Enterprise").await;
    let secrets = secrets(&service).await;
    forge(&service).await;
    service.stop().await;
    let log = tierpix.log();
    assert!(log.contains("images_upload"), "{log}");
    (log, secrets)
}

fn assert_holds_none(log: &str, secrets: &[String]) {
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}

#[actix_web::test]
async fn the_log_holds_no_secret_and_no_line_but_its_own() {
    let (log, secrets) = log("text").await;
    assert_holds_none(&log, &secrets);
    for line in log.split('\n').filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let time = words.next().unwrap();
        assert!(time.starts_with("20") && time.ends_with('Z'), "{line:?}");
        let level = words.next().unwrap();
        assert!(
            ["DEBUG", "INFO", "WARN", "ERROR"].contains(&level),
            "{line:?}"
        );
        assert!(!line.contains(char::is_control), "{line:?}");
        assert_ne!(words.next(), Some("forged"), "{line:?}");
    }
}

#[actix_web::test]
async fn a_log_of_json_holds_no_secret_and_no_line_but_its_own() {
    let (log, secrets) = log("json").await;
    assert_holds_none(&log, &secrets);
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?}"));
        assert_ne!(line["message"], "forged");
    }
}

#[actix_web::test]
async fn a_scan_of_the_port_raises_no_alert() {
    let tierpix = Installation::on_another_server().await;
    let service = tierpix.serve().await;
    let address = service.url.trim_start_matches("http://").to_owned();
    for probe in [
        &b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"[..],
        b"GET / HTTP/1.0\r\nHost: a b\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        b"\r\n\r\n",
        b"",
    ] {
        let mut client = TcpStream::connect(&address).await.unwrap();
        client.write_all(probe).await.unwrap();
        client.shutdown().await.unwrap();
        // Until it is closed, also by a reset.
        let _ = client.read_to_end(&mut Vec::new()).await;
    }
    service.stop().await;
    let log = tierpix.log();
    let alert = log
        .lines()
        .find(|line| line.contains(" ERROR ") || line.contains(" WARN "));
    assert_eq!(alert, None);
    assert!(log.contains("status=400"), "{log}");
}
