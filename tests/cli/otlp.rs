//! Spans that go to a collector.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex},
};

use actix_web::{
    App, HttpResponse, HttpServer,
    web::{self, Data, Json},
};
use reqwest::multipart::{Form, Part};
use serde_json::Value;

use crate::{
    harness::{Answer, Installation},
    pictures::Jpeg,
};

/// The trace that the client of these tests says it is part of.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// What a collector was sent.
type Sent = Arc<Mutex<Vec<Value>>>;

/// Starts a collector; its URL.
fn collector() -> (String, Sent) {
    let sent = Sent::default();
    let data = Data::from(sent.clone());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let take = async |sent: Data<Mutex<Vec<Value>>>, body: Json<Value>| {
        sent.lock().unwrap().push(body.into_inner());
        HttpResponse::Ok().json(serde_json::json!({}))
    };
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .route("/v1/traces", web::post().to(take))
    });
    let server = server.workers(1).disable_signals().listen(listener);
    actix_web::rt::spawn(server.unwrap().run());
    (url, sent)
}

/// All spans.
fn spans(sent: &[Value]) -> Vec<Value> {
    let list = |value: &Value, name: &str| value[name].as_array().unwrap().clone();
    sent.iter()
        .flat_map(|body| list(body, "resourceSpans"))
        .flat_map(|resource| list(&resource, "scopeSpans"))
        .flat_map(|scope| list(&scope, "spans"))
        .collect()
}

fn by_name<'a>(spans: &'a [Value], name: &str) -> &'a Value {
    let found = spans.iter().find(|span| span["name"] == name);
    found.unwrap_or_else(|| panic!("no span {name}: {spans:#?}"))
}

/// The spans around this one, the innermost first.
fn around<'a>(spans: &'a [Value], span: &'a Value) -> Vec<&'a str> {
    let parent = |span: &&Value| {
        let id = span["parentSpanId"].clone();
        spans.iter().find(|other| other["spanId"] == id)
    };
    std::iter::successors(parent(&span), parent)
        .map(|span| span["name"].as_str().unwrap())
        .collect()
}

#[actix_web::test]
async fn an_uploads_actors_and_statements_are_spans_of_its_trace_and_tell_no_secret() {
    let (url, sent) = collector();
    let tierpix = Installation::on_another_server()
        .await
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", &url);
    let service = tierpix.serve().await;
    tierpix.add_user("anna", "Enterprise").await;
    let part = Part::bytes(Jpeg::photo(320, 240).encode()).file_name("private.jpg");
    let form = Form::new()
        .part("image", part)
        .text("expiring_time_seconds", "300");
    let request = service
        .request("POST", "/api/v1/images_upload/")
        .basic_auth("anna", Some("anna-password"))
        .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
    let answer = Answer::of(request.multipart(form)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let link = answer.link();
    assert_eq!(service.get(&link).await.status, 200);
    service.stop().await;

    let sent = sent.lock().unwrap();
    let text = serde_json::to_string(&*sent).unwrap();
    let (_, query) = link.split_once('?').unwrap();
    for secret in ["anna", "private.jpg", query, "Basic"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let spans = spans(&sent);
    let upload = "POST /api/v1/images_upload";
    let request = by_name(&spans, upload);
    assert_eq!(request["traceId"], TRACE);
    let noted = request["attributes"].to_string();
    for attribute in [
        r#""key":"http.response.status_code","value":{"intValue":"201"}"#,
        r#""key":"http.route","value":{"stringValue":"/api/v1/images_upload"}"#,
    ] {
        assert!(noted.contains(attribute), "{noted}");
    }
    let render = by_name(&spans, "render");
    assert_eq!(render["traceId"], TRACE);
    assert_eq!(around(&spans, render), ["ThumbnailActor RenderJob", upload]);
    let sign = by_name(&spans, "LinkSignerActor IssueLink");
    assert_eq!(around(&spans, sign), [upload]);
    let statements = spans.iter().filter(|span| span["name"] == "statement");
    let insert = statements
        .map(|span| around(&spans, span))
        .find(|around| around[..] == ["DbActor SaveUpload", upload]);
    assert!(insert.is_some(), "{spans:#?}");
}

#[actix_web::test]
async fn a_collector_that_is_away_holds_up_nobody() {
    let tierpix = Installation::on_another_server()
        .await
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    let service = tierpix.serve().await;
    tierpix.add_user("anna", "Basic").await;
    let photo = Jpeg::photo(320, 240).encode();
    let answer = service.upload("anna", "anna-password", photo).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    service.stop().await;
}
