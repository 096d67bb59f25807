//! Values that no client means, in every parameter and field that the service's own list of paths has: a new one is tried as
//! soon as it is there. Whatever is answered, it is no failure of the service.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use reqwest::{RequestBuilder, header::HeaderValue};
use serde_json::{Value, json};
use tierpix::{domain::staff::StaffRole, http::routes};

use crate::harness::{Account, Answer, TestService, picture};

/// Texts beyond what some type holds: those of which a service may fail.
pub fn worst() -> Vec<Vec<u8>> {
    let texts = [
        "",
        "\0",
        "a\0b",
        "9223372036854775808",
        "-9223372036854775809",
        "999999999999999999999999999999",
        "-9999-01-01",
        "-4800-01-01",
        "0000-12-31T23:59:59Z",
        "294277-01-01",
        "+294277-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999-23:59",
        "0001-01-01T00:00:00+23:59",
    ];
    let cursors = [
        r#"{"a":["a\u0000b",1]}"#,
        r#"{"a":[1,"a\u0000b"]}"#,
        r#"{"b":[9223372036854775807,-9223372036854775808]}"#,
        r#"{"a":["0000-01-01T00:00:00Z","0198c0de-0000-7000-8000-000000000000"]}"#,
        r#"{"u":[1e400,1]}"#,
        r#"{"a":["9999-12-31T23:59:59.999999999Z","0198c0de-0000-7000-8000-000000000000"]}"#,
        r#"{"a":[{"CreatedAt":"-9999-01-01T00:00:00Z"},"0198c0de-0000-7000-8000-000000000000"]}"#,
    ];
    let cursors = cursors.map(|json| BASE64_URL_SAFE_NO_PAD.encode(json));
    let long = [
        "[".repeat(10_000),
        "{\"a\":".repeat(2_000),
        "x".repeat(20_000),
    ];
    let texts = texts.map(str::to_owned).into_iter();
    let texts = texts.chain(cursors).chain(long).map(String::into_bytes);
    // Half of a surrogate, Latin-1, nothing.
    texts
        .chain([
            b"\xED\xA0\x80".to_vec(),
            b"\xFC".to_vec(),
            b"\xFF\xFE".to_vec(),
        ])
        .collect()
}

/// Those, and others that were no good for something, somewhere.
fn texts() -> Vec<Vec<u8>> {
    let others = [
        " ",
        "null",
        "undefined",
        "NaN",
        "-0",
        "1e400",
        "0x10",
        "١٢٣",
        "9223372036854775807",
        "-9223372036854775808",
        "4294967296",
        "18446744073709551616",
        "0.5",
        "0000-01-01",
        "2026-02-30",
        "2026-06-30T23:59:60Z",
        "'",
        "\"",
        "\\",
        "%",
        "%00",
        "_",
        "../../etc/passwd",
        "<script>",
        "${7*7}",
        "{\"a\":1}",
        "[[[]]]",
        "\r\nX: y",
        "\u{202e}x",
        "\u{feff}",
        "ﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺ",
        "\u{1f600}",
        "e\u{301}\u{301}\u{301}",
    ];
    let mut all = worst();
    all.extend(others.map(|text| text.as_bytes().to_vec()));
    all
}

/// The same as values of JSON, as they would be written.
fn json_values() -> Vec<String> {
    let texts = texts()
        .into_iter()
        .filter_map(|text| String::from_utf8(text).ok());
    let mut values: Vec<String> = texts.map(|text| json!(text).to_string()).collect();
    let others = [
        "null",
        "true",
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "1e308",
        "1e400",
        "-0.0",
        "0.1",
        "[]",
        "{}",
        "[null]",
        "[0]",
        "[9223372036854775808]",
        "[\"a\\u0000b\"]",
        "[[[[[[]]]]]]",
        "{\"a\":{\"b\":[]}}",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\u0000\"",
        "01",
        "+1",
        "nul",
        "\"",
        "'a'",
    ];
    values.extend(others.map(str::to_owned));
    values.push(format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)));
    values.push(format!("[{}]", "1,".repeat(5_000) + "1"));
    values
}

fn encoded(value: &[u8]) -> String {
    percent_encode(value, NON_ALPHANUMERIC).to_string()
}

/// Fails where the service does. It may say that it is too busy, but not three times in a row.
pub async fn assert_answered(request: RequestBuilder, what: &str) {
    for _ in 0..3 {
        // A client that sends too much may find the connection closed.
        let Ok(answer) = Answer::if_any(request.try_clone().unwrap()).await else {
            return;
        };
        if answer.status != 503 {
            assert!(answer.status < 500, "{what}: {answer:?}");
            return;
        }
    }
    panic!("{what}: 503");
}

/// A service with somebody who may do everything, an object of each kind, and the description of the API.
struct Target {
    service: TestService,
    admin: Account,
    schema: Value,
    /// What stands in paths: an image of the admin's, a user, a tier.
    image: String,
    user: i64,
}

impl Target {
    async fn new() -> Self {
        let service = TestService::start().await;
        let admin = service.staff(StaffRole::Superuser).await;
        service.set_tier(&admin, "Enterprise").await;
        let image = admin.image().await;
        let image = image
            .trim_matches('/')
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        let user = service.account("Basic").await.id.0;
        let schema = service.get("/api/schema/").await.json();
        Self {
            service,
            admin,
            schema,
            image,
            user,
        }
    }

    /// Every call that there is: its method, its path with something in each place, its description.
    fn calls(&self) -> Vec<(String, String, &Value)> {
        let mut calls = Vec::new();
        for path in routes::all() {
            let described = self.schema["paths"].as_object().unwrap();
            let found = described
                .iter()
                .find(|(name, _)| name.trim_end_matches('/') == path.pattern);
            let Some((_, described)) = found else {
                continue;
            };
            for method in path.answers.iter().flat_map(|answer| answer.methods) {
                let operation = &described[method.as_str().to_ascii_lowercase()];
                calls.push((method.to_string(), self.filled(path.pattern), operation));
            }
        }
        assert!(calls.len() > 30);
        calls
    }

    fn filled(&self, pattern: &str) -> String {
        let (of, _) = pattern.split_once('{').unwrap_or((pattern, ""));
        let id = match of {
            "/api/v1/images/" | "/api/v1/admin/images/" => self.image.clone(),
            "/api/v1/admin/users/" => self.user.to_string(),
            _ => "1".to_owned(),
        };
        let path = pattern.replace("{id}", &id);
        path.replace("{link}", &id).replace("{name}", "x")
    }

    /// The names of a call's parameters of this kind.
    fn parameters<'a>(&self, operation: &'a Value, place: &str) -> Vec<&'a str> {
        let parameters = operation["parameters"].as_array();
        let in_place = parameters
            .into_iter()
            .flatten()
            .filter(|one| one["in"] == place);
        in_place.map(|one| one["name"].as_str().unwrap()).collect()
    }

    /// The fields of a call's body.
    fn fields(&self, operation: &Value) -> Vec<String> {
        let content = operation["requestBody"]["content"].as_object();
        let schemas = content
            .into_iter()
            .flatten()
            .map(|(_, content)| &content["schema"]);
        let mut fields: Vec<_> = schemas.flat_map(|schema| self.properties(schema)).collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    fn properties(&self, schema: &Value) -> Vec<String> {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap();
            return self.properties(&self.schema["components"]["schemas"][name]);
        }
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let own = schema["properties"].as_object().into_iter().flatten();
        parts
            .flat_map(|part| self.properties(part))
            .chain(own.map(|(name, _)| name.clone()))
            .collect()
    }

    async fn is_well(&self) {
        assert_eq!(self.admin.get("/api/v1/me/").await.status, 200);
        let errors = self.service.get("/metrics").await;
        let internal = "code=\"error\"";
        assert!(!errors.text().contains(internal), "{}", errors.text());
    }
}

#[actix_web::test]
async fn in_every_parameter_of_a_url() {
    let target = Target::new().await;
    for (method, path, operation) in target.calls() {
        for name in target.parameters(operation, "query") {
            for value in texts() {
                let value = encoded(&value);
                let url = format!("{path}?{name}={value}&{name}_=1");
                let request = target.admin.request(&method, &url);
                assert_answered(request, &format!("{method} {url:.300}")).await;
            }
        }
    }
    target.is_well().await;
}

#[actix_web::test]
async fn in_every_place_of_a_path() {
    let target = Target::new().await;
    for path in routes::all()
        .iter()
        .filter(|path| path.pattern.contains('{'))
    {
        for method in path.answers.iter().flat_map(|answer| answer.methods) {
            for value in texts() {
                let value = encoded(&value);
                let url = path
                    .pattern
                    .replace("{id}", &value)
                    .replace("{link}", &value);
                let url = url.replace("{name}", &value);
                let request = target.admin.request(method.as_str(), &url).json(&json!({}));
                assert_answered(request, &format!("{method} {url:.300}")).await;
            }
        }
    }
    target.is_well().await;
}

#[actix_web::test]
async fn in_every_header_that_counts() {
    let target = Target::new().await;
    let media = target
        .admin
        .get(&format!("/api/v1/images/{}/", target.image))
        .await;
    let media = media.url_of("original");
    let media = media.strip_prefix(&target.service.url).unwrap();
    for (method, path, operation) in target.calls() {
        let path = if path.starts_with("/media/") {
            media
        } else {
            &path
        };
        if method == "POST" || method == "DELETE" {
            continue;
        }
        for name in target.parameters(operation, "header") {
            // A client sends no others.
            let values = texts()
                .into_iter()
                .filter_map(|value| HeaderValue::try_from(value).ok());
            for value in values {
                let request = target.admin.request(&method, path).json(&json!({}));
                let request = request.header(name, value);
                assert_answered(request, &format!("{method} {path} {name}")).await;
            }
        }
    }
    target.is_well().await;
}

#[actix_web::test]
async fn in_every_field_of_a_body() {
    let target = Target::new().await;
    for (method, path, operation) in target.calls() {
        let fields = target.fields(operation);
        for name in &fields {
            let example = operation["requestBody"]["content"]["application/json"]["schema"].clone();
            let with = |value: &str| {
                // The others as they should be, where there is an example.
                let mut others = target.example(&example);
                others.remove(name);
                let others: String = others
                    .iter()
                    .map(|(k, v)| format!("{}:{v},", json!(k)))
                    .collect();
                format!("{{{others}{}:{value}}}", json!(name))
            };
            // With each other name another account's password would take its time.
            let is_login = path == "/api-auth/login" && name == "username";
            for value in json_values() {
                if is_login && !value.contains("\\u0000") {
                    continue;
                }
                let request = target.admin.request(&method, &path);
                let request = request.header("content-type", "application/json");
                let what = format!("{method} {path} {name} = {value:.100}");
                assert_answered(request.body(with(&value)), &what).await;
            }
            for value in texts() {
                if is_login && !value.contains(&0) {
                    continue;
                }
                let request = target.admin.request(&method, &path);
                let request = request.header("content-type", "application/x-www-form-urlencoded");
                let what = format!("{method} {path} {name}");
                let body = format!("{name}={}", encoded(&value));
                assert_answered(request.body(body), &what).await;
            }
        }
    }
    target.is_well().await;
}

impl Target {
    /// What a body's example has.
    fn example(&self, schema: &Value) -> serde_json::Map<String, Value> {
        let name = schema["$ref"]
            .as_str()
            .and_then(|name| name.rsplit('/').next());
        let schema = name.map_or(schema, |name| &self.schema["components"]["schemas"][name]);
        let example = schema["examples"][0].as_object();
        example.cloned().unwrap_or_default()
    }
}

#[actix_web::test]
async fn in_the_place_of_a_whole_body() {
    let target = Target::new().await;
    let huge = json!({ "name": "x".repeat(10_000_000) }).to_string();
    let mut bodies: Vec<Vec<u8>> = texts();
    bodies.extend(json_values().into_iter().map(String::into_bytes));
    bodies.push(huge.into_bytes());
    for (method, path, operation) in target.calls() {
        if operation["requestBody"].is_null() {
            continue;
        }
        for content_type in [
            "application/json",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
        ] {
            for body in &bodies {
                let request = target.admin.request(&method, &path);
                let request = request
                    .header("content-type", content_type)
                    .body(body.clone());
                let what = format!("{method} {path} {content_type}");
                assert_answered(request, &what).await;
            }
        }
    }
    target.is_well().await;
}

#[actix_web::test]
async fn in_an_uploads_form() {
    let target = Target::new().await;
    for value in texts() {
        let upload = |body: Vec<u8>| {
            let request = target.admin.request("POST", "/api/v1/images_upload/");
            let request = request.header("content-type", "multipart/form-data; boundary=b");
            request.body(body)
        };
        let head = b"--b\r\nContent-Disposition: form-data; name=\"expiring_time_seconds\"\r\n\r\n";
        let body = [&head[..], &value, b"\r\n--b--\r\n"].concat();
        assert_answered(
            upload(body),
            &format!("expiring_time_seconds {value:.100?}"),
        )
        .await;
        let head = [
            b"--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"",
            &value[..],
            b"\"\r\n\r\n",
        ]
        .concat();
        let body = [&head[..], &picture(), b"\r\n--b--\r\n"].concat();
        let Ok(answer) = Answer::if_any(upload(body)).await else {
            continue;
        };
        assert!(answer.status < 500, "{value:?}: {answer:?}");
        if answer.status == 201 {
            let shown = target.service.get(&answer.url_of("original")).await;
            assert_eq!(shown.status, 200, "{value:?}: {shown:?}");
        }
    }
    let list = target
        .admin
        .get("/api/v1/admin/images/?page_size=100")
        .await;
    assert_eq!(list.status, 200, "{list:?}");
    target.is_well().await;
}

#[actix_web::test]
async fn in_a_row_that_somebody_changed_by_hand() {
    let target = Target::new().await;
    for change in [
        "UPDATE users SET email = ''",
        "UPDATE users SET email = 'no address'",
        "UPDATE users SET username = 'a b <c>' WHERE username = (SELECT max(username) FROM users)",
        "UPDATE tiers SET name = ' a ' || id",
        "UPDATE tiers SET name = E'a\\n' || id",
        "UPDATE images SET file_name = ''",
        "UPDATE images SET file_name = E'a/b\\n\"'",
    ] {
        target.service.execute(change).await;
        for path in [
            "/api/v1/admin/users/".to_owned(),
            format!("/api/v1/admin/users/{}/", target.user),
            "/api/v1/admin/tiers/".to_owned(),
            "/api/v1/admin/images/".to_owned(),
            format!("/api/v1/images/{}/", target.image),
            "/api/v1/images/".to_owned(),
            "/api/v1/me/".to_owned(),
        ] {
            let answer = target.admin.get(&path).await;
            assert_eq!(answer.status, 200, "{change}: {path}: {answer:?}");
        }
        let image = target
            .admin
            .get(&format!("/api/v1/images/{}/", target.image))
            .await;
        let media = target.service.get(&image.url_of("original")).await;
        assert_eq!(media.status, 200, "{change}: {media:?}");
    }
    target.is_well().await;
}
