//! Requests that come through chains of proxies.

use crate::harness::{Answer, TestService};

const FORWARDED: [(&str, &str); 1] = [(
    "forwarded",
    "for=203.0.113.9;proto=https;host=pics.example.org, for=10.0.0.5;proto=http;host=inner:8080",
)];

const LISTS: [(&str, &str); 3] = [
    ("x-forwarded-for", "203.0.113.9, 10.0.0.5"),
    ("x-forwarded-host", "pics.example.org, inner:8080"),
    ("x-forwarded-proto", "https,http"),
];

async fn service() -> TestService {
    TestService::start_with(&["--trusted-proxies", "127.0.0.1,10.0.0.0/8"]).await
}

#[actix_web::test]
async fn urls_are_those_of_the_site_that_the_client_asked() {
    let service = service().await;
    let anna = service.account("Basic").await;
    for _ in 0..2 {
        anna.image().await;
    }
    for headers in [&FORWARDED[..], &LISTS] {
        let mut request = anna.request("GET", "/api/v1/images/?page_size=1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let json = Answer::of(request).await.json();
        let next = json["next"].as_str().unwrap();
        assert!(next.starts_with("https://pics.example.org/api/"), "{next}");
    }
}

#[actix_web::test]
async fn a_cookie_is_secure_where_the_client_came_over_https() {
    let service = service().await;
    let anna = service.account("Basic").await;
    let form = [("username", &anna.username), ("password", &anna.password)];
    for headers in [&FORWARDED[..], &LISTS] {
        let mut request = service.request("POST", "/api-auth/login/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = Answer::of(request.form(&form)).await;
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with("__Host-sessionid="), "{cookie}");
        assert!(cookie.contains("; Secure"), "{cookie}");
    }
}
