//! What holds for every path: headers, ids, slashes, methods, errors.

use serde_json::json;

use tierpix::domain::staff::StaffRole;

use crate::harness::{Answer, PRIVATE, TestService};

/// Every path that there is, one with a query.
const OPEN: [&str; 12] = [
    "/api-auth/login/",
    "/api-auth/logout/",
    "/api/v1/image/?id=x",
    "/media/x/",
    "/healthz/",
    "/readyz/",
    "/api/schema/",
    "/api/docs/",
    "/static/docs.css",
    "/static/docs.js",
    "/static/tierpix.css",
    "/",
];
const PRIVATE_PATHS: [&str; 2] = ["/api/v1/images_upload/", PRIVATE];
const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND",
];

async fn send(service: &TestService, method: &str, path: &str) -> Answer {
    Answer::of(service.request(method, path)).await
}

#[actix_web::test]
async fn every_answer_carries_the_security_headers() {
    let service = TestService::start().await;
    for path in OPEN.into_iter().chain(PRIVATE_PATHS).chain(["/nothing"]) {
        for method in METHODS {
            let answer = send(&service, method, path).await;
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
            ] {
                assert_eq!(answer.header(name), value, "{method} {path}");
            }
            let policy = answer.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'"),
                "{method} {path}: {policy}"
            );
        }
    }
}

#[actix_web::test]
async fn a_page_may_send_its_form_and_run_no_script_of_others() {
    let service = TestService::start().await;
    for path in ["/", "/api-auth/login/"] {
        let answer = service.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("form-action 'self'") && !policy.contains("sandbox"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

#[actix_web::test]
async fn every_answer_carries_an_id_of_its_own() {
    let service = TestService::start().await;
    let mut ids = Vec::new();
    for path in OPEN.into_iter().chain(PRIVATE_PATHS).chain(["/nothing"]) {
        ids.push(service.get(path).await.header("x-request-id").to_owned());
    }
    assert!(ids.iter().all(|id| id.len() >= 16), "{ids:?}");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), OPEN.len() + PRIVATE_PATHS.len() + 1);
}

#[actix_web::test]
async fn a_sane_id_of_the_clients_own_comes_back() {
    let service = TestService::start().await;
    let asked = |id: String| {
        service
            .request("GET", "/healthz")
            .header("x-request-id", id)
    };
    let answer = Answer::of(asked("client-4711".to_owned())).await;
    assert_eq!(answer.header("x-request-id"), "client-4711");
    for insane in [
        "<b>".to_owned(),
        "a b".to_owned(),
        "x".repeat(200),
        String::new(),
    ] {
        let answer = Answer::of(asked(insane.clone())).await;
        assert_ne!(answer.header("x-request-id"), insane);
    }
}

#[actix_web::test]
async fn a_path_means_the_same_without_its_last_slash_for_every_method() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for path in OPEN
        .into_iter()
        .chain(PRIVATE_PATHS)
        .filter(|path| *path != "/")
    {
        let (path, query) = path
            .split_once('?')
            .map_or((path, ""), |(path, query)| (path, query));
        let path = path.trim_end_matches('/');
        for method in METHODS {
            let with = Answer::of(anna.request(method, &format!("{path}/?{query}"))).await;
            let without = Answer::of(anna.request(method, &format!("{path}?{query}"))).await;
            assert_eq!(with.status, without.status, "{method} {path}");
            assert_eq!(
                with.header("allow"),
                without.header("allow"),
                "{method} {path}"
            );
            assert!(![301, 307, 308].contains(&with.status), "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn who_you_are_is_settled_before_the_method() {
    let service = TestService::start().await;
    for path in PRIVATE_PATHS {
        for method in METHODS {
            let answer = send(&service, method, path).await;
            assert_eq!(answer.status, 401, "{method} {path}");
            assert_eq!(answer.header("www-authenticate"), "Basic realm=\"api\"");
        }
    }
}

#[actix_web::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for (path, method, allowed) in [
        ("/api-auth/login/", "DELETE", "GET, HEAD, POST, OPTIONS"),
        ("/api-auth/logout/", "GET", "POST, OPTIONS"),
        ("/api/v1/images_upload/", "GET", "POST, OPTIONS"),
        (PRIVATE, "POST", "GET, HEAD, DELETE, OPTIONS"),
        ("/api/v1/image/", "POST", "GET, HEAD, OPTIONS"),
        ("/media/x", "PUT", "GET, HEAD, OPTIONS"),
        ("/healthz", "BREW", "GET, HEAD, OPTIONS"),
    ] {
        let answer = Answer::of(anna.request(method, path)).await;
        let detail = format!("Method \"{method}\" not allowed.");
        let expected = json!({ "detail": detail, "code": "method_not_allowed" });
        assert_eq!(answer.outcome(), (405, expected), "{method} {path}");
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        let options = Answer::of(anna.request("OPTIONS", path)).await;
        assert_eq!(
            (options.status, options.header("allow")),
            (204, allowed),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_path_that_is_none_is_not_found_in_json() {
    let service = TestService::start().await;
    let expected = json!({ "detail": "Not found.", "code": "not_found" });
    for path in [
        "/nothing",
        "/api",
        "/api/v1/",
        "/api/v1/nothing/",
        "/api-auth/",
        "/%ff",
        "/a/../b",
        "/static/x",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = send(&service, method, path).await;
            assert_eq!(answer.outcome(), (404, expected.clone()), "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn an_id_that_is_none_is_not_found() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let expected = json!({ "detail": "Not found.", "code": "not_found" });
    for id in [
        "1",
        "x",
        "%ff",
        "%00",
        "..%2f",
        "0198c0de-0000-7000-8000-00000000000g",
    ] {
        let answer = anna.get(&format!("/api/v1/images/{id}/")).await;
        assert_eq!(answer.outcome(), (404, expected.clone()), "{id}");
    }
}

#[actix_web::test]
async fn head_is_get_without_a_body() {
    let service = TestService::start().await;
    for path in OPEN {
        let (get, head) = (service.get(path).await, send(&service, "HEAD", path).await);
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_parameter_that_is_repeated_is_told_alike_everywhere() {
    let service = TestService::start().await;
    let admin = service.staff(StaffRole::Superuser).await;
    let sentence = "This parameter was given more than once.";
    for (path, name) in [
        ("/api-auth/login/", "next"),
        ("/api/v1/images/", "cursor"),
        ("/api/v1/images/", "page_size"),
        ("/api/v1/admin/users/", "search"),
        ("/api/v1/admin/users/", "is_staff"),
        ("/api/v1/admin/users/", "page_size"),
        ("/api/v1/admin/images/", "created_after"),
        ("/api/v1/admin/audit/", "object_kind"),
    ] {
        let answer = admin
            .get(&format!("{path}?{name}=1&a=1&a=2&{name}=1"))
            .await;
        let expected = json!({ name: [sentence] });
        assert_eq!(answer.outcome(), (400, expected), "{path} {name}");
    }
}

#[actix_web::test]
async fn the_service_says_that_it_lives_and_is_ready() {
    let service = TestService::start().await;
    assert_eq!(
        service.get("/healthz").await.outcome(),
        (200, json!({ "status": "alive" }))
    );
    assert_eq!(
        service.get("/readyz").await.outcome(),
        (200, json!({ "status": "ready" }))
    );
}
