//! The headers of answers, each described once.

use serde_json::{Map, Value, json};

const REQUEST_ID: &str = "X-Request-Id";

/// All of them, by name. A required one is there whenever it is described.
pub fn all() -> Value {
    json!({
        "Accept-Ranges": required("`bytes`: a part of it can be asked for.", "bytes"),
        "Cache-Control": required("Who may keep the answer, and for how long.", "private, no-cache"),
        "Content-Disposition": required("The uploader's file name.", "inline; filename*=UTF-8''photo.jpg"),
        "Content-Range": required("Which part this is, or how much there is.", "bytes 0-499/48213"),
        "ETag": required("Names this state, for `If-None-Match` and `If-Match`.", "\"q5fYw7TnXb0nJ1l0W2vA8g\""),
        "Idempotency-Replayed": {
            "description": "`true`: this is the first answer to the `Idempotency-Key` again, nothing was stored.",
            "schema": { "type": "string", "enum": ["true"] },
        },
        "Last-Modified": required("When it was stored.", "Mon, 23 Nov 2026 12:00:00 GMT"),
        "Location": required("Where what was made is, or where to go on to.", "https://host/api/v1/images/…/"),
        "RateLimit-Limit": count("Uploads that the tier takes an hour. Only where it limits them.", 100),
        "RateLimit-Remaining": count("Uploads that are left.", 99),
        "RateLimit-Reset": count("Seconds until another one is.", 3600),
        "Retry-After": {
            "description": "Seconds to wait before trying again.",
            "required": true,
            "schema": { "type": "integer", "minimum": 0 },
            "example": 2,
        },
        "Set-Cookie": required(
            "The session's cookie.",
            "sessionid=…; HttpOnly; SameSite=Lax; Path=/; Max-Age=1209600"
        ),
        "WWW-Authenticate": required("How to say who is asking.", "Basic realm=\"api\""),
        REQUEST_ID: required(
            "Names the request, also in the service's log. The client's own, if it sent one of 1 to 128 letters, digits \
             and `-_.:/+=`.",
            "9b2f6a8e-5f0f-4a57-9d9f-3c1d2b8f4e11"
        ),
    })
}

fn required(description: &str, example: &str) -> Value {
    json!({
        "description": description,
        "required": true,
        "schema": { "type": "string" },
        "example": example,
    })
}

fn count(description: &str, example: u32) -> Value {
    json!({
        "description": description,
        "schema": { "type": "integer", "minimum": 0 },
        "example": example,
    })
}

/// Puts references in the place of an answer's headers, of which the handler gives the names alone, and adds the one
/// that every answer has.
pub fn refer(answer: &mut Value) {
    let named = answer["headers"].take();
    let named = named.as_object().into_iter().flat_map(Map::keys);
    let headers: Map<_, _> = named
        .map(|name| canonical(name))
        .chain([REQUEST_ID.to_owned()])
        .map(|name| {
            let reference = json!({ "$ref": format!("#/components/headers/{name}") });
            (name, reference)
        })
        .collect();
    answer["headers"] = Value::Object(headers);
}

/// As `WWW-Authenticate`, however it is written.
fn canonical(name: &str) -> String {
    let all = all();
    let known = all.as_object().into_iter().flat_map(Map::keys);
    let mut known = known.filter(|known| known.eq_ignore_ascii_case(name));
    known.next().map_or_else(|| name.to_owned(), Clone::clone)
}
