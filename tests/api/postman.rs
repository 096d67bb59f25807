//! The Postman collection.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

/// What the addresses that the service gives out lead to.
const GIVEN_OUT: [(&str, &str); 3] = [
    ("{{thumbnail}}", "/media/{}"),
    ("{{original}}", "/media/{}"),
    ("{{link}}", "/api/v1/image/"),
];

fn read(file: &str) -> Value {
    let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The method and the path of each request, with `{}` for what differs from one to the next.
fn requests(item: &Value, found: &mut BTreeSet<(String, String)>) {
    for item in item["item"].as_array().into_iter().flatten() {
        requests(item, found);
    }
    if let Some(method) = item["request"]["method"].as_str() {
        let url = &item["request"]["url"];
        let path = match url.as_str() {
            Some(variable) => GIVEN_OUT
                .iter()
                .find(|(name, _)| variable.starts_with(name))
                .map(|(_, path)| (*path).to_owned())
                .unwrap_or_else(|| panic!("{variable}")),
            None => {
                let path = url["raw"]
                    .as_str()
                    .unwrap()
                    .strip_prefix("{{url}}")
                    .unwrap();
                without_variables(path.split('?').next().unwrap(), "{{", "}}")
            }
        };
        found.insert((method.to_owned(), path));
    }
}

fn without_variables(path: &str, open: &str, close: &str) -> String {
    let mut parts = path.split(open);
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |path, part| {
        path + "{}" + part.split_once(close).unwrap().1
    })
}

#[test]
fn the_collection_has_every_call_that_is_described() {
    let mut sent = BTreeSet::new();
    requests(&read("postman/tierpix.postman_collection.json"), &mut sent);
    let described = read("docs/openapi.json");
    for (path, methods) in described["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let call = (method.to_uppercase(), without_variables(path, "{", "}"));
            assert!(sent.contains(&call), "{call:?} is missing");
        }
    }
}

/// Each request with its name.
fn named<'a>(item: &'a Value, found: &mut Vec<&'a Value>) {
    for item in item["item"].as_array().into_iter().flatten() {
        named(item, found);
    }
    if item["request"].is_object() {
        found.push(item);
    }
}

#[test]
fn every_request_of_the_collection_has_a_test_and_an_example_of_the_answer_that_it_expects() {
    let collection = read("postman/tierpix.postman_collection.json");
    let mut requests = Vec::new();
    named(&collection, &mut requests);
    for request in requests {
        let script = request["event"].to_string();
        let example = &request["response"][0];
        let expected = format!("to.have.status({})", example["code"]);
        assert!(
            script.contains(&expected),
            "{}: {expected}",
            request["name"]
        );
        let is_json = example["header"].to_string().contains("json");
        if is_json {
            let body = example["body"].as_str().unwrap();
            assert!(serde_json::from_str::<Value>(body).is_ok(), "{body}");
        }
    }
}
