//! `/metrics`.

use crate::{
    harness::{TestService, free_address},
    pictures::Jpeg,
};

#[actix_web::test]
async fn an_upload_shows_as_a_request_and_as_a_render() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    assert_eq!(
        anna.upload(Jpeg::photo(400, 300).encode()).await.status,
        201
    );
    let request =
        r#"tierpix_http_requests_total{method="POST",route="/api/v1/images_upload",status="201"}"#;
    assert_eq!(service.figure(request).await, 1.0);
    assert_eq!(
        service
            .figure(r#"tierpix_renders_total{outcome="done"}"#)
            .await,
        1.0
    );
    assert_eq!(
        service.figure("tierpix_render_pixels_total").await,
        120_000.0
    );
    assert_eq!(
        service
            .figure(r#"tierpix_logins_total{outcome="right"}"#)
            .await,
        1.0
    );
    assert!(service.figure("tierpix_render_output_bytes_total").await > 1000.0);
}

#[actix_web::test]
async fn a_refusal_shows_by_its_code() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    assert_eq!(anna.upload("no picture").await.status, 400);
    assert_eq!(service.get("/nowhere").await.status, 404);
    let refusals =
        |code, status| format!(r#"tierpix_http_refusals_total{{code="{code}",status="{status}"}}"#);
    assert_eq!(service.figure(&refusals("invalid", 400)).await, 1.0);
    assert_eq!(service.figure(&refusals("not_found", 404)).await, 1.0);
}

#[actix_web::test]
async fn links_show_by_what_became_of_them() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let upload = anna
        .upload_with_link(Jpeg::photo(40, 30).encode(), "300")
        .await;
    let link = upload.link();
    assert_eq!(service.get(&link).await.status, 200);
    assert_eq!(service.get(&format!("{link}0")).await.status, 404);
    let openings = |outcome| format!(r#"tierpix_link_openings_total{{outcome="{outcome}"}}"#);
    assert_eq!(service.figure(&openings("opened")).await, 1.0);
    assert_eq!(service.figure(&openings("forged")).await, 1.0);
    assert_eq!(service.figure(&openings("expired")).await, 0.0);
}

#[actix_web::test]
async fn no_path_of_a_client_becomes_a_label() {
    let service = TestService::start().await;
    service.get("/secret-path-of-a-client").await;
    let answer = service.get("/metrics").await;
    let text = answer.text();
    assert!(!text.contains("secret-path"), "{text}");
}

#[actix_web::test]
async fn the_figures_are_text_that_ends_as_openmetrics_says() {
    let service = TestService::start().await;
    let answer = service.get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    assert!(answer.text().ends_with("# EOF\n"));
}

#[actix_web::test]
async fn figures_can_be_closed() {
    let service = TestService::start_with(&["--metrics-bind", "off"]).await;
    assert_eq!(service.get("/metrics").await.status, 404);
}

#[actix_web::test]
async fn figures_on_an_address_of_their_own_are_nowhere_else() {
    let own = free_address();
    let service = TestService::start_with(&["--metrics-bind", &own]).await;
    assert_eq!(service.get("/metrics").await.status, 404);
    let answer = reqwest::get(format!("http://{own}/metrics")).await.unwrap();
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("tierpix_http_requests_total")
    );
}

/// What is written for operators names figures that there are.
#[actix_web::test]
async fn the_dashboard_and_the_alerts_ask_for_figures_that_there_are() {
    let service = TestService::start().await;
    let anna = service.account("Premium").await;
    anna.upload(Jpeg::photo(40, 30).encode()).await;
    service.get("/nowhere").await;
    let answer = service.get("/metrics").await;
    for file in ["dashboard.json", "alerts.yaml"] {
        let path = format!("{}/docs/monitoring/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let names =
            text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        let names = names.filter(|name| name.starts_with("tierpix_"));
        for name in names {
            assert!(answer.text().contains(name), "{file}: {name}");
        }
    }
}
