//! What utoipa cannot say, and what would else have to be said at every handler: who may ask, what goes wrong
//! for everyone, one description for each header.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use actix_web::http::Method;
use serde_json::{Map, Value, json};
use utoipa::IntoResponses;

use super::{
    errors::{self, CsrfFailed, Failures, PermissionDenied, Responses, Throttled},
    headers,
};
use crate::{
    auth::identify::Need,
    domain::staff::StaffRole,
    http::routes::{self, Answer},
};

/// Completes what utoipa made of the handlers' descriptions, by the list of paths.
pub fn complete(document: &mut Value) {
    for path in routes::all() {
        for answer in &path.answers {
            for method in answer.methods {
                if let Some(operation) = operation(document, path.pattern, method) {
                    complete_operation(operation, answer, method);
                }
            }
        }
    }
    let shared: Map<_, _> = errors::shared()
        .into_iter()
        .map(|(name, errors)| (name.to_owned(), one_answer(errors)))
        .collect();
    let components = &mut document["components"];
    components["responses"] = Value::Object(shared);
    components["headers"] = headers::all();
    components["securitySchemes"] = security_schemes();
    add_examples_of_lists(&mut components["schemas"]);
}

/// The description of what answers this method of a path.
fn operation<'a>(document: &'a mut Value, pattern: &str, method: &Method) -> Option<&'a mut Value> {
    let paths = document["paths"].as_object_mut()?;
    let (_, path) = paths
        .iter_mut()
        .find(|(path, _)| path.trim_end_matches('/') == pattern)?;
    path.get_mut(method.as_str().to_ascii_lowercase())
}

fn complete_operation(operation: &mut Value, answer: &Answer, method: &Method) {
    operation["security"] = security(answer.need);
    let mut responses: BTreeMap<String, Value> = entries(&mut operation["responses"]).collect();
    if answer.need.is_some() {
        responses.extend(errors_of_private(method));
    }
    operation["responses"] = Value::Object(by_status(responses));
    if let Some(parameters) = operation.get_mut("parameters") {
        for parameter in entries_of(parameters) {
            never_null(&mut parameter["schema"]);
        }
    }
    if method == Method::HEAD {
        answer_without_bodies(operation);
    }
    // utoipa has no word for the types of a form's part.
    if let Some(form) = operation.pointer_mut("/requestBody/content/multipart~1form-data")
        && form["schema"]["$ref"] == "#/components/schemas/Upload"
    {
        form["encoding"] = json!({ "image": { "contentType": "image/jpeg, image/png" } });
    }
    if let Some(Need::Staff(power)) = answer.need
        && let Some(role) = StaffRole::ALL.into_iter().find(|role| role.may(power))
    {
        let description = operation["description"].as_str().unwrap_or_default();
        let text = format!("{description}\n\nFor staff, from the role `{role}` on.");
        operation["description"] = text.trim_start().into();
    }
    // A sentence where it documents a function, a heading here.
    if let Some(summary) = operation["summary"].as_str() {
        operation["summary"] = summary.trim_end_matches('.').into();
    }
}

/// What every path behind a login answers, besides what its handler says.
fn errors_of_private(method: &Method) -> BTreeMap<String, Value> {
    let mut errors = vec![
        PermissionDenied::responses(),
        Throttled::responses(),
        Failures::responses(),
    ];
    if !method.is_safe() {
        errors.push(CsrfFailed::responses());
    }
    let errors = errors.into_iter().flatten();
    let mut errors: BTreeMap<_, _> = errors.map(|(key, answer)| (key, json!(answer))).collect();
    let unauthenticated = format!("#/components/responses/{}", errors::UNAUTHENTICATED);
    errors.insert("401".to_owned(), json!({ "$ref": unauthenticated }));
    errors
}

/// One answer a status: several errors of one become several examples of it.
fn by_status(responses: BTreeMap<String, Value>) -> Map<String, Value> {
    let mut statuses: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    for (key, answer) in responses {
        let mut words = key.split(' ').map(str::to_owned);
        let status = words.next().unwrap_or_default();
        let error = words.next().zip(words.next());
        statuses
            .entry(status)
            .or_default()
            .push(Part { error, answer });
    }
    let statuses = statuses.into_iter().map(|(status, parts)| {
        let mut answer = merged(parts);
        if answer.get("$ref").is_none() {
            headers::refer(&mut answer);
        }
        (status, answer)
    });
    statuses.collect()
}

/// What is answered with a status in one case.
struct Part {
    /// An error's code and name.
    error: Option<(String, String)>,
    answer: Value,
}

/// The answer that all of these errors are examples of.
fn one_answer(errors: Vec<Responses>) -> Value {
    let errors = errors.into_iter().flatten();
    let parts = errors.map(|(key, answer)| (key, json!(answer))).collect();
    let mut answers = by_status(parts).into_iter();
    answers.next().map_or(Value::Null, |(_, answer)| answer)
}

fn merged(mut parts: Vec<Part>) -> Value {
    if let [
        Part {
            error: None,
            answer,
        },
    ] = parts.as_mut_slice()
    {
        return answer.take();
    }
    let (mut when, mut schemas) = (Vec::new(), Vec::new());
    let mut codes = BTreeSet::new();
    let (mut examples, mut headers) = (Map::new(), Map::new());
    for Part { error, mut answer } in parts {
        let description = answer["description"].take();
        let text = description.as_str().unwrap_or_default();
        let body = &mut answer["content"]["application/json"];
        let name = match error {
            Some((code, name)) => {
                when.push(format!("`{code}`: {text}"));
                codes.insert(code);
                name
            }
            None => {
                when.push(text.to_owned());
                schemas.push(body["schema"].take());
                "Fields".to_owned()
            }
        };
        let example = json!({ "summary": description, "value": body["example"].take() });
        examples.insert(name, example);
        headers.extend(entries(&mut answer["headers"]));
    }
    if !codes.is_empty() {
        schemas.push(json!({
            "allOf": [
                { "$ref": "#/components/schemas/Error" },
                { "type": "object", "properties": { "code": { "enum": codes } } },
            ],
        }));
    }
    json!({
        "description": match when.as_slice() {
            [one] => one.clone(),
            _ => format!("- {}", when.join("\n- ")),
        },
        "headers": headers,
        "content": {
            "application/json": {
                "schema": match schemas.len() {
                    1 => schemas.remove(0),
                    _ => json!({ "oneOf": schemas }),
                },
                "examples": examples,
            },
        },
    })
}

fn answer_without_bodies(operation: &mut Value) {
    if let Some(id) = operation["operationId"].as_str() {
        operation["operationId"] = format!("{id}_head").into();
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        for (_, response) in responses {
            // A shared answer is described with its body.
            if let Some(response) = response.as_object_mut() {
                response.remove("content");
            }
        }
    }
}

/// A parameter that is optional can be left out; none can be null.
fn never_null(schema: &mut Value) {
    if let Some(kinds) = schema["type"].as_array()
        && let Some(kind) = kinds.iter().find(|kind| *kind != "null")
    {
        schema["type"] = kind.clone();
    }
}

/// A list's example is the example of what it lists.
fn add_examples_of_lists(schemas: &mut Value) {
    let Some(schemas) = schemas.as_object_mut() else {
        return;
    };
    let examples: Vec<_> = schemas
        .iter()
        .filter_map(|(name, list)| {
            let item = list.pointer("/properties/results/items/$ref")?.as_str()?;
            let item = schemas.get(item.rsplit('/').next()?)?;
            let mut item = item["examples"][0].clone();
            // A token's key is shown once, when it is made.
            item.as_object_mut()?.shift_remove("key");
            let others = list["properties"].as_object()?.keys();
            let mut example: Map<_, _> = others.map(|name| (name.clone(), Value::Null)).collect();
            example.insert("results".to_owned(), json!([item]));
            Some((name.clone(), example))
        })
        .collect();
    for (name, example) in examples {
        schemas[&name]["examples"] = json!([example]);
    }
}

fn security(need: Option<Need>) -> Value {
    match need {
        None => json!([]),
        Some(Need::Scope(scope)) => {
            json!([{ "basic": [] }, { "token": [scope.as_str()] }, { "session": [] }])
        }
        Some(Need::NoToken | Need::Staff(_)) => json!([{ "basic": [] }, { "session": [] }]),
    }
}

fn security_schemes() -> Value {
    json!({
        "basic": {
            "type": "http",
            "scheme": "basic",
            "description": "Username and password with each request.",
        },
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token, as `Authorization: Bearer …` or `Token …`. It is good for its scopes only: \
                `upload`, `read`, `delete`, `links`.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The cookie that a login sets; over https its name is `__Host-sessionid`. \
                It ends 14 days after its last use, 90 days after the login.",
        },
    })
}

/// Takes an object apart; nothing if it is none.
fn entries(value: &mut Value) -> impl Iterator<Item = (String, Value)> + use<> {
    match mem::take(value) {
        Value::Object(entries) => entries.into_iter(),
        _ => Map::new().into_iter(),
    }
}

fn entries_of(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_array_mut().into_iter().flatten()
}
