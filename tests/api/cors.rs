//! Pages of other origins.

use serde_json::json;

use crate::harness::{Answer, PRIVATE, TestService};

const APP: &str = "https://app.example.org";

async fn service_for(origins: &str) -> TestService {
    TestService::start_with(&["--cors-origins", origins]).await
}

/// What a browser asks before it lets a page send this.
async fn asked_first(service: &TestService, origin: &str, method: &str, path: &str) -> Answer {
    let request = service.request("OPTIONS", path).header("origin", origin);
    let request = request.header("access-control-request-method", method);
    let headers = "authorization,content-type,idempotency-key";
    Answer::of(request.header("access-control-request-headers", headers)).await
}

/// What a browser asks before it lets a page send these headers.
async fn asked_with(service: &TestService, origin: &str, headers: &str) -> Answer {
    let request = service
        .request("OPTIONS", "/api/v1/me/")
        .header("origin", origin);
    let request = request.header("access-control-request-method", "GET");
    Answer::of(request.header("access-control-request-headers", headers)).await
}

fn allowed(answer: &Answer) -> &str {
    answer.header("access-control-allow-origin")
}

#[actix_web::test]
async fn no_page_of_another_origin_is_let_in_unless_it_is_named() {
    for service in [
        TestService::start().await,
        service_for("https://other.example.org").await,
    ] {
        for path in ["/healthz", PRIVATE, "/api/v1/images_upload/"] {
            let answer = asked_first(&service, APP, "POST", path).await;
            assert_eq!(allowed(&answer), "", "{path}");
            let answer = Answer::of(service.request("GET", path).header("origin", APP)).await;
            assert_eq!(allowed(&answer), "", "{path}");
        }
    }
}

#[actix_web::test]
async fn whether_a_page_may_is_told_before_who_is_asking() {
    let service = service_for("http://localhost:3000,https://app.example.org").await;
    for (method, path) in [("POST", "/api/v1/images_upload/"), ("DELETE", PRIVATE)] {
        let answer = asked_first(&service, APP, method, path).await;
        assert_eq!((answer.status, allowed(&answer)), (200, APP), "{path}");
        let methods = answer.header("access-control-allow-methods");
        assert!(methods.contains(method), "{methods}");
        let headers = answer.header("access-control-allow-headers").to_lowercase();
        for header in ["authorization", "content-type", "idempotency-key"] {
            assert!(headers.contains(header), "{headers}");
        }
        assert_eq!(answer.header("access-control-max-age"), "3600");
    }
}

#[actix_web::test]
async fn errors_can_be_read_as_well() {
    let service = service_for(APP).await;
    let anna = service.account("Basic").await;
    for (request, status) in [
        (service.request("GET", PRIVATE), 401),
        (anna.request("GET", PRIVATE), 404),
        (anna.request("PUT", PRIVATE), 405),
        (anna.request("POST", "/api/v1/images_upload/"), 400),
        (anna.request("GET", "/api/v1/me/"), 200),
        (service.request("GET", "/nothing"), 404),
        (service.request("GET", "/media/x"), 404),
    ] {
        let answer = Answer::of(request.header("origin", APP)).await;
        assert_eq!((answer.status, allowed(&answer)), (status, APP));
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        let vary = answer.headers("vary").join(",");
        assert!(vary.contains("Origin"), "{vary}");
        let exposed = answer
            .header("access-control-expose-headers")
            .to_lowercase();
        for header in [
            "x-request-id",
            "retry-after",
            "location",
            "etag",
            "ratelimit-limit",
        ] {
            assert!(exposed.contains(header), "{exposed}");
        }
    }
}

#[actix_web::test]
async fn pages_of_all_origins_get_nothing_by_cookies() {
    let service = service_for("*").await;
    let answer = Answer::of(service.request("GET", "/healthz").header("origin", APP)).await;
    assert_eq!((answer.status, allowed(&answer)), (200, "*"));
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    let first = asked_first(&service, APP, "POST", "/api/v1/images_upload/").await;
    assert_eq!((first.status, allowed(&first)), (200, "*"));
}

#[actix_web::test]
async fn a_page_of_an_allowed_origin_still_changes_nothing_by_a_cookie() {
    let service = service_for(APP).await;
    let (_, session) = service.account("Basic").await.log_in().await;
    let request = service.request_in(&session, "DELETE", PRIVATE);
    let answer = Answer::of(request.header("origin", APP)).await;
    assert_eq!((answer.status, allowed(&answer)), (403, APP));
    assert_eq!(answer.json()["code"], "csrf_failed");
}

#[actix_web::test]
async fn options_that_ask_for_no_other_origin_tell_the_methods() {
    let service = service_for(APP).await;
    let answer = Answer::of(service.request("OPTIONS", "/healthz")).await;
    let told = (answer.status, answer.header("allow"));
    assert_eq!(told, (204, "GET, HEAD, OPTIONS"));
}

#[actix_web::test]
async fn an_app_with_a_scheme_of_its_own_is_let_in_where_it_is_named() {
    let apps = [
        "capacitor://localhost",
        "ionic://localhost",
        "app://-",
        "tauri://localhost",
    ];
    let service = service_for(&apps.join(",")).await;
    for app in apps {
        let first = asked_first(&service, app, "POST", "/api/v1/images_upload/").await;
        assert_eq!((first.status, allowed(&first)), (200, app));
        let request = service.request("GET", "/healthz").header("origin", app);
        assert_eq!(allowed(&Answer::of(request).await), app);
    }
    let other = asked_first(&service, "capacitor://other", "POST", "/healthz").await;
    assert_eq!(allowed(&other), "");
}

#[actix_web::test]
async fn a_page_that_is_let_in_may_send_any_header() {
    for origins in [APP, "*"] {
        let service = service_for(origins).await;
        let headers = "x-requested-with,traceparent,sentry-trace,baggage";
        let first = asked_with(&service, APP, headers).await;
        assert_eq!(first.status, 200, "{first:?}");
        let may = first.header("access-control-allow-headers");
        assert_eq!(may, headers);
    }
}

#[actix_web::test]
async fn a_page_that_is_not_let_in_is_told_so_in_json() {
    let service = service_for("https://other.example.org").await;
    let expected = json!({
        "detail": "CORS Failed: pages of this origin may not send this request.",
        "code": "cors_failed",
    });
    let refused = asked_first(&service, APP, "POST", PRIVATE).await;
    assert_eq!(refused.outcome(), (403, expected.clone()));
    assert_ne!(refused.header("x-request-id"), "");
    let method = asked_first(&service, "https://other.example.org", "PUT", PRIVATE).await;
    assert_eq!(method.outcome(), (403, expected));
}
