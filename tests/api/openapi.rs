//! The description of the API.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};
use tierpix::http::routes;

use crate::harness::TestService;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");

/// What is for people alone.
const PAGES: [&str; 7] = [
    "/",
    "/static/admin.css",
    "/static/admin.js",
    "/static/docs.css",
    "/static/docs.js",
    "/static/icon.svg",
    "/static/tierpix.css",
];

async fn document() -> Value {
    TestService::start().await.get("/api/schema/").await.json()
}

/// Each method, path and operation that is described.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    operations
}

#[actix_web::test]
async fn the_description_is_the_one_that_was_looked_at() {
    let mut document = document().await;
    document["servers"] = json!([{ "url": "http://localhost:8000" }]);
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::write(FILE, &text).unwrap();
    }
    let looked_at = fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        text == looked_at,
        "the description changed: look at what BLESS=1 makes of docs/openapi.json"
    );
}

#[actix_web::test]
async fn every_path_is_described_and_every_description_is_a_path() {
    let mut paths = BTreeSet::new();
    for path in routes::all() {
        for method in path.answers.iter().flat_map(|answer| answer.methods) {
            if !PAGES.contains(&path.pattern) {
                paths.insert((method.to_string(), path.pattern.to_owned()));
            }
        }
    }
    let document = document().await;
    let described = operations(&document).into_iter();
    let mut described: BTreeSet<_> = described
        .map(|(method, path, _)| (method, path.trim_end_matches('/').to_owned()))
        .collect();
    // Where GET is described HEAD is answered.
    for (method, path) in described.clone() {
        if method == "GET" {
            described.insert(("HEAD".to_owned(), path));
        }
    }
    assert_eq!(described, paths);
}

#[actix_web::test]
async fn operations_have_names_of_their_own_and_groups_that_there_are() {
    let document = document().await;
    let groups = document["tags"].as_array().unwrap();
    let groups: BTreeSet<_> = groups
        .iter()
        .map(|tag| &tag["name"])
        .map(Value::to_string)
        .collect();
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let name = operation["operationId"].to_string();
        assert!(names.insert(name), "{method} {path}");
        let group = operation["tags"][0].to_string();
        assert!(groups.contains(&group), "{method} {path}: {group}");
    }
}

#[actix_web::test]
async fn the_description_names_the_server_that_it_came_from() {
    let service = TestService::start().await;
    let document = service.get("/api/schema/").await.json();
    assert_eq!(document["servers"], json!([{ "url": service.url }]));
}

#[actix_web::test]
async fn every_code_of_the_documentation_is_described_and_no_other() {
    let page = include_str!("../../docs/API.md");
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let status = cells.next()?.parse::<u16>().ok()?;
        let code = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        Some((status.to_string(), code.to_owned()))
    });
    let documented: BTreeSet<_> = rows.collect();
    let document = document().await;
    let mut described = BTreeSet::new();
    let shared = &document["components"]["responses"];
    for (_, _, operation) in operations(&document) {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let answer = match answer["$ref"].as_str() {
                Some(name) => &shared[name.rsplit('/').next().unwrap()],
                None => answer,
            };
            let examples = &answer["content"]["application/json"]["examples"];
            for example in examples.as_object().into_iter().flatten() {
                if let Some(code) = example.1["value"]["code"].as_str() {
                    described.insert((status.clone(), code.to_owned()));
                }
            }
        }
    }
    // What is answered before it is known which call is meant.
    for (status, code) in [
        ("403", "cors_failed"),
        ("405", "method_not_allowed"),
        ("414", "uri_too_long"),
        ("431", "header_fields_too_large"),
    ] {
        described.insert((status.to_owned(), code.to_owned()));
    }
    assert_eq!(described, documented);
}
