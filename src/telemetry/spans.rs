//! The spans of a request: what it took, and what each actor and each statement took of that.
//!
//! They are for a collector and in no log: without one they cost the look at a flag. Names are those of OpenTelemetry's
//! semantic conventions. Nothing in them is a client's but the request's id.

use actix_web::http::{Method, StatusCode, header::HeaderMap};
use tracing::{Span, field::Empty};

use super::traces;

/// What tells these spans from all others.
pub const TARGET: &str = "otlp";

/// The span of a request; what the client says of a trace is its parent.
pub fn request(method: &Method, headers: &HeaderMap, id: &str) -> Span {
    let method = known(method);
    let span = tracing::trace_span!(
        target: TARGET,
        "request",
        otel.name = method,
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.response.status_code = Empty,
        http.route = Empty,
        tierpix.request.id = id,
    );
    if !span.is_disabled() {
        traces::follow(&span, headers);
    }
    span
}

/// Notes how a request was answered.
pub fn answered(span: &Span, method: &Method, route: &str, status: StatusCode) {
    if span.is_disabled() {
        return;
    }
    traces::rename(span, format!("{} {route}", known(method)));
    span.record("http.route", route);
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of a message to an actor, from when it is sent to when it is answered.
pub fn message<M>(actor: &'static str) -> Span {
    let span = tracing::trace_span!(target: TARGET, "message", otel.name = Empty);
    if !span.is_disabled() {
        let name = std::any::type_name::<M>();
        let name = name.rsplit("::").next().unwrap_or(name);
        span.record("otel.name", format!("{actor} {name}"));
    }
    span
}

/// The span of a thread's work on a picture.
pub fn render() -> Span {
    tracing::trace_span!(target: TARGET, "render")
}

/// The span of a statement, whose values are no part of it.
pub fn statement(sql: &str) -> Span {
    tracing::trace_span!(
        target: TARGET,
        "statement",
        otel.kind = "client",
        db.system.name = "postgresql",
        db.query.text = sql,
    )
}

/// A method as the conventions have it: what is not one that is known says nothing.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}
