//! Requests for pictures go two ways through the service, and nobody can tell which.

use serde_json::json;

use crate::{
    harness::{RawClient, TestService, eventually, picture},
    pictures::Jpeg,
};

/// What makes a request go the longer way, and changes nothing else of it.
const LONG_WAY: &str = "Content-Length: 0\r\n";

const LINES: [&str; 17] = [
    "",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "Range: bytes=100-199\r\n",
    "Range: bytes=9999999-\r\n",
    "If-None-Match: *\r\n",
    "If-Match: \"a\"\r\n",
    "If-Modified-Since: Sat, 29 Nov 2036 00:00:00 GMT\r\n",
    "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
    "If-Range: \"a\"\r\n",
    "Origin: https://a.example\r\n",
    "Accept: text/html\r\n",
    "Accept-Encoding: gzip\r\n",
    "Cookie: sessionid=a\r\n",
    "Authorization: Basic YTpi\r\n",
    "X-Forwarded-For: 203.0.113.9\r\n",
    "Expect: 100-continue\r\n",
];

/// Nothing of these is the picture's.
const OF_THE_MOMENT: [&str; 2] = ["date: ", "x-request-id: "];

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// What is behind this is how long the link lives yet.
const OF_A_LINK: &str = "cache-control: private, max-age=";

/// The head, its lines sorted, and the body of an answer to these lines.
async fn asked(service: &TestService, first: &str, lines: &str) -> (Vec<String>, Vec<u8>) {
    let mut client = RawClient::connect(service).await;
    let request = format!("{first}\r\nHost: a\r\n{lines}\r\n");
    client.send(request).await;
    client.end().await;
    let answer = client.all().await;
    let answer = answer.strip_prefix(CONTINUE).unwrap_or(&answer);
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = answer.split_at(end.unwrap() + 4);
    let head = String::from_utf8(head.to_vec()).unwrap();
    let is_lasting = |line: &&str| !OF_THE_MOMENT.iter().any(|name| line.starts_with(name));
    let lasting = |line: &str| match line.starts_with(OF_A_LINK) {
        true => OF_A_LINK.to_owned(),
        false => line.to_owned(),
    };
    let mut head: Vec<_> = head.lines().filter(is_lasting).map(lasting).collect();
    head[1..].sort();
    (head, body.to_vec())
}

/// The figures that a request moves.
async fn counted(service: &TestService) -> Vec<String> {
    let answer = service.get("/metrics").await;
    let lines = answer.text().lines().filter(|line| {
        let of_pictures = line.contains("/media/{name}") || line.contains("/api/v1/image\"");
        let of_openings = line.starts_with("tierpix_link_openings_total");
        // How long it took is chance.
        (of_pictures || of_openings) && !line.contains("_bucket{") && !line.contains("seconds_sum")
    });
    lines.map(str::to_owned).collect()
}

#[actix_web::test]
async fn an_answer_is_the_same_whichever_way_its_request_goes() {
    let service = TestService::start_on_disk(&["--trusted-proxies", "127.0.0.1"]).await;
    let anna = service.account("Enterprise").await;
    let mut large = Jpeg::photo(320, 240).encode();
    large.resize(300_000, 7);
    let mut pictures = Vec::new();
    for file in [picture(), large] {
        let upload = anna.upload_with_link(file, "30000").await;
        assert_eq!(upload.status, 201, "{upload:?}");
        pictures.extend([
            upload.url_of("200px"),
            upload.url_of("original"),
            upload.link(),
        ]);
    }
    let strange = pictures[0].replace(".jpg", ".png");
    let forged = format!("{}A", pictures[2]);
    let encoded = pictures[0].replace("/media/", "/media/%30");
    let slashed = format!("{}/", pictures[0]);
    pictures.extend([strange, forged, encoded, slashed]);
    for url in &pictures {
        // Both ways find the same in memory.
        service.get(url).await;
        let path = url.strip_prefix(&service.url).unwrap();
        let get = |version| format!("GET {path} HTTP/{version}");
        let mut requests: Vec<_> = LINES.map(|lines| (get("1.1"), lines)).into();
        for lines in ["", "Connection: keep-alive\r\n"] {
            requests.push((get("1.0"), lines));
        }
        for method in ["HEAD", "POST", "DELETE"] {
            requests.push((format!("{method} {path} HTTP/1.1"), ""));
        }
        for (first, lines) in requests {
            let before = counted(&service).await;
            let answer = asked(&service, &first, lines).await;
            let between = counted(&service).await;
            let other = asked(&service, &first, &format!("{lines}{LONG_WAY}")).await;
            let after = counted(&service).await;
            assert_eq!(answer.0, other.0, "{first} {lines}");
            assert!(answer.1 == other.1, "{first} {lines}");
            let (one, other) = (moved(&before, &between), moved(&between, &after));
            assert_eq!(one, other, "{first} {lines}");
            assert!(!one.is_empty(), "{first} {lines}");
        }
    }
}

/// By how much each figure has moved that has.
fn moved(before: &[String], after: &[String]) -> Vec<(String, u64)> {
    let read = |line: &String| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse::<u64>().unwrap())
    };
    let before: std::collections::HashMap<_, _> = before.iter().map(read).collect();
    let moved = after.iter().map(read).map(|(name, value)| {
        let was = before.get(&name).copied().unwrap_or_default();
        (name, value - was)
    });
    moved.filter(|(_, by)| *by > 0).collect()
}

#[actix_web::test]
async fn uses_are_counted_whichever_way_a_request_goes() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let image = anna.image().await;
    let link = anna.link(
        &image,
        json!({ "expiring_time_seconds": 300, "max_uses": 3 }),
    );
    let link = link.await["expiring_link"].as_str().unwrap().to_owned();
    let path = link.strip_prefix(&service.url).unwrap();
    let first = format!("GET {path} HTTP/1.1");
    let mut statuses = Vec::new();
    for (agent, way) in [
        ("a", ""),
        ("b", LONG_WAY),
        ("c", ""),
        ("d", ""),
        ("e", LONG_WAY),
    ] {
        let lines = format!("User-Agent: {agent}\r\nConnection: close\r\n{way}");
        let (head, _) = asked(&service, &first, &lines).await;
        statuses.push(head[0].split(' ').nth(1).unwrap().to_owned());
    }
    assert_eq!(statuses, ["200", "200", "200", "404", "404"]);
    eventually("the uses are written", async || {
        service.number("SELECT sum(uses)::bigint FROM links").await == 3
    })
    .await;
}
