//! The page, made of the description.

use askama::Template;
use serde_json::{Map, Value};

use super::text::{Block, Style, blocks};

#[derive(Template)]
#[template(path = "docs.html")]
pub struct DocsPage {
    version: String,
    introduction: Vec<Block>,
    groups: Vec<Group>,
}

/// The operations of a tag.
struct Group {
    name: String,
    description: Vec<Block>,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: Vec<Block>,
    /// Who may, in words.
    access: String,
    parameters: Vec<Parameter>,
    body: Option<Body>,
    answers: Vec<Answer>,
}

struct Parameter {
    name: String,
    /// `path`, `query` or `header`.
    place: String,
    required: bool,
    description: Vec<Block>,
    example: String,
}

struct Body {
    content_type: String,
    fields: Vec<Field>,
    /// JSON to begin with; empty for a form.
    example: String,
}

/// A field of a body.
struct Field {
    name: String,
    required: bool,
    is_file: bool,
    kind: String,
    description: Vec<Block>,
}

struct Answer {
    status: String,
    description: Vec<Block>,
    headers: Vec<String>,
    example: String,
}

impl DocsPage {
    /// Reads the description.
    pub fn of(document: &Value) -> Self {
        let document = Document(document);
        let operations: Vec<(String, Operation)> = entries(&document.0["paths"])
            .flat_map(|(path, item)| {
                entries(item).map(move |(method, operation)| (path, method, operation))
            })
            .filter(|(_, method, _)| *method != "head")
            .map(|(path, method, operation)| {
                let group = text(&operation["tags"][0]);
                (group, document.operation(path, method, operation))
            })
            .collect();
        let mut groups: Vec<_> = items(&document.0["tags"])
            .map(|tag| Group {
                name: text(&tag["name"]),
                description: blocks(&text(&tag["description"])),
                operations: Vec::new(),
            })
            .collect();
        for (name, operation) in operations {
            if let Some(group) = groups.iter_mut().find(|group| group.name == name) {
                group.operations.push(operation);
            }
        }
        Self {
            version: text(&document.0["info"]["version"]),
            introduction: blocks(&text(&document.0["info"]["description"])),
            groups,
        }
    }
}

/// The description, in which references are followed.
struct Document<'a>(&'a Value);

impl<'a> Document<'a> {
    fn follow(&self, value: &'a Value) -> &'a Value {
        let reference = value["$ref"]
            .as_str()
            .and_then(|text| text.strip_prefix('#'));
        reference
            .and_then(|pointer| self.0.pointer(pointer))
            .unwrap_or(value)
    }

    fn operation(&self, path: &str, method: &str, operation: &'a Value) -> Operation {
        Operation {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            description: blocks(&text(&operation["description"])),
            access: access(&operation["security"]),
            parameters: items(&operation["parameters"]).map(parameter).collect(),
            body: entries(&operation["requestBody"]["content"])
                .next()
                .map(|(content_type, content)| self.body(content_type, content)),
            answers: entries(&operation["responses"])
                .map(|(status, answer)| self.answer(status, self.follow(answer)))
                .collect(),
        }
    }

    fn body(&self, content_type: &str, content: &'a Value) -> Body {
        let schema = self.follow(&content["schema"]);
        let mut required: Vec<&str> = strings(&schema["required"]).collect();
        let mut fields = schema;
        for part in items(&schema["allOf"]) {
            required.extend(strings(&part["required"]));
            if part.get("$ref").is_some() {
                fields = self.follow(part);
            }
        }
        let is_form = content_type == "multipart/form-data";
        Body {
            content_type: content_type.to_owned(),
            fields: entries(&fields["properties"])
                .map(|(name, field)| Field {
                    name: name.to_owned(),
                    required: required.contains(&name),
                    is_file: field["format"] == "binary",
                    kind: self.kind(field),
                    description: blocks(&text(&self.described(field)["description"])),
                })
                .collect(),
            example: if is_form {
                String::new()
            } else {
                pretty(&fields["examples"][0])
            },
        }
    }

    /// Where a field's description stands.
    fn described(&self, field: &'a Value) -> &'a Value {
        if field.get("description").is_some() {
            field
        } else {
            self.follow(field)
        }
    }

    /// What a field takes, in words.
    fn kind(&self, schema: &'a Value) -> String {
        let schema = self.follow(schema);
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<_> = values.iter().map(text).collect();
            return values.join(", ");
        }
        let kinds: Vec<_> = match &schema["type"] {
            Value::String(kind) => vec![kind.as_str()],
            kinds => strings(kinds).collect(),
        };
        let mut kind = kinds.join(" or ");
        if schema["items"].is_object() {
            kind = format!("{kind} of {}", self.kind(&schema["items"]));
        }
        for (name, word) in [("format", ""), ("minimum", "from "), ("maximum", "to ")] {
            match &schema[name] {
                Value::Null => {}
                Value::String(format) if format.starts_with("int") => {}
                value => kind = format!("{kind} {word}{}", text(value)),
            }
        }
        kind
    }

    fn answer(&self, status: &str, answer: &'a Value) -> Answer {
        let content = entries(&answer["content"]).next();
        let example = content.map(|(_, content)| {
            let schema = self.follow(&content["schema"]);
            let examples = entries(&content["examples"]).map(|(_, example)| &example["value"]);
            let examples = examples.chain([&content["example"], &schema["examples"][0]]);
            let examples: Vec<_> = examples
                .filter(|example| !example.is_null())
                .map(pretty)
                .collect();
            examples.join("\n\n")
        });
        Answer {
            status: status.to_owned(),
            description: blocks(&text(&answer["description"])),
            headers: entries(&answer["headers"])
                .map(|(name, _)| name.to_owned())
                .collect(),
            example: example.unwrap_or_default(),
        }
    }
}

fn parameter(parameter: &Value) -> Parameter {
    Parameter {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        required: parameter["required"] == true,
        description: blocks(&text(&parameter["description"])),
        example: text(&parameter["example"]),
    }
}

fn access(security: &Value) -> String {
    let ways: Vec<_> = items(security)
        .flat_map(entries)
        .map(|(scheme, scopes)| {
            let scopes: Vec<_> = strings(scopes).collect();
            match scheme {
                "basic" => "a password".to_owned(),
                "token" => format!("a token with the scope {}", scopes.join(", ")),
                _ => "a session".to_owned(),
            }
        })
        .collect();
    match ways.as_slice() {
        [] => "For everyone.".to_owned(),
        [first @ .., last] => format!("By {} or {last}.", first.join(", ")),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let entries = value.as_object().into_iter().flat_map(Map::iter);
    entries.map(|(name, value)| (name.as_str(), value))
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    items(value).filter_map(Value::as_str)
}

/// A string without its quotes, anything else as JSON, nothing for null.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn pretty(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    }
}
