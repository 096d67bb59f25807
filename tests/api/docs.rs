//! The page that shows the description of the API.

use serde_json::Value;

use crate::harness::{Answer, TestService};

#[actix_web::test]
async fn the_page_shows_every_call() {
    let service = TestService::start().await;
    let page = service.get("/api/docs/").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    let document = service.get("/api/schema/").await.json();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if method == "head" {
                continue;
            }
            let id = operation["operationId"].as_str().unwrap();
            assert!(
                page.text().contains(&format!("<details id=\"{id}\">")),
                "{id}"
            );
            let call = format!(
                "data-method=\"{}\" data-path=\"{path}\"",
                method.to_uppercase()
            );
            assert!(page.text().contains(&call), "{call}");
        }
    }
}

#[actix_web::test]
async fn the_page_needs_nothing_from_elsewhere_and_nothing_inline() {
    let service = TestService::start().await;
    let page = service.get("/api/docs/").await;
    assert!(!page.header("content-security-policy").contains("unsafe"));
    for (mark, end) in [(" src=\"", '"'), ("<link rel=\"stylesheet\" href=\"", '"')] {
        for piece in page.text().split(mark).skip(1) {
            let path = piece.split(end).next().unwrap();
            let asset = service.get(path).await;
            assert_eq!(asset.status, 200, "{path}");
            assert!(!asset.text().contains("//cdn"), "{path}");
        }
    }
    for inline in ["<style", " style=", "<script>", " onclick="] {
        assert!(!page.text().contains(inline), "{inline}");
    }
}

#[actix_web::test]
async fn a_closed_description_is_not_found_and_linked_nowhere() {
    let service = TestService::start_with(&["--docs", "false"]).await;
    for path in ["/api/schema/", "/api/docs/"] {
        let answer = service.get(path).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (404, &Value::from("not_found"))
        );
    }
    let open = TestService::start().await;
    let link = "href=\"/api/docs/\"";
    for path in ["/", "/nothing"] {
        let browse = |service: &TestService| {
            Answer::of(service.request("GET", path).header("accept", "text/html"))
        };
        assert!(!browse(&service).await.text().contains(link), "{path}");
        assert!(browse(&open).await.text().contains(link), "{path}");
    }
}
