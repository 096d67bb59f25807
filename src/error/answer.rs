//! An error as the answer to a request.

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use serde_json::json;

use super::{ApiError, Body};
use crate::telemetry::counts::ErrorKind;

/// The cause of an error answer, for the request's log line.
#[derive(Debug, Clone)]
pub struct Cause(pub String);

/// Of which kind an error answer is, for those who count them.
#[derive(Debug, Clone, Copy)]
pub struct Kind(pub ErrorKind);

impl ApiError {
    /// The JSON of the answer.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.body {
            Body::Detail { detail, code } => json!({ "detail": detail, "code": code }),
            Body::Fields(fields) => json!(fields),
            Body::LinkExpired => json!({ "message": "Link has expired." }),
        }
    }

    /// What kind of error it is, for those who count them.
    fn kind(&self) -> ErrorKind {
        ErrorKind {
            status: self.status.as_u16(),
            code: match self.body {
                Body::Detail { code, .. } => code,
                // Errors of fields have no code in their body.
                Body::Fields(_) => "invalid",
                Body::LinkExpired => "link_expired",
            },
        }
    }

    /// An answer with this error's status and headers, whose body is still to be given.
    pub fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status);
        for (name, value) in &self.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response.extensions_mut().insert(Kind(self.kind()));
        if let Some(cause) = &self.cause {
            response.extensions_mut().insert(Cause(cause.clone()));
        }
        response
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.response();
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
            .set_body(self.to_json().to_string())
            .map_into_boxed_body()
    }
}
