//! For a person with a browser: the JSON of an answer as a page.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderValue},
    middleware::Next,
    web::Data,
};
use askama::Template;

use super::negotiate::wants_html;
use crate::{error::ApiError, service::Service};

#[derive(Template)]
#[template(path = "answer.html")]
struct AnswerPage<'a> {
    method: &'a str,
    path: &'a str,
    status: String,
    pieces: Vec<Piece>,
    docs: bool,
}

/// A stretch of the JSON.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    text: String,
    is_url: bool,
}

/// Middleware: the same answer with the same status, readable. Programs get the JSON.
pub async fn show(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    if content_type.is_none_or(|value| value != "application/json") {
        return Ok(response);
    }
    let vary = HeaderValue::from_static("Accept");
    response.headers_mut().append(header::VARY, vary);
    if !wants_html(response.request()) {
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    let json = to_bytes(body)
        .await
        .map_err(|error| ApiError::internal(error.to_string()))?;
    let service = request.app_data::<Data<Service>>();
    let page = AnswerPage {
        method: request.method().as_str(),
        path: request.path(),
        status: response.status().to_string(),
        pieces: pieces(&readable(&json)),
        docs: service.is_some_and(|service| service.http.docs),
    };
    let page = page.render().map_err(ApiError::internal)?;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    // It is the JSON's.
    response.headers_mut().remove(header::ETAG);
    Ok(ServiceResponse::new(
        request,
        response.set_body(page).map_into_boxed_body(),
    ))
}

/// The JSON on several lines.
fn readable(json: &[u8]) -> String {
    let value = serde_json::from_slice::<serde_json::Value>(json);
    let text = value.and_then(|value| serde_json::to_string_pretty(&value));
    text.unwrap_or_else(|_| String::from_utf8_lossy(json).into_owned())
}

/// Cuts the URLs out, which become links.
fn pieces(text: &str) -> Vec<Piece> {
    let is_url = |text: &str| text.starts_with("http://") || text.starts_with("https://");
    let mut pieces: Vec<Piece> = Vec::new();
    for part in text.split_inclusive('"') {
        let url = part.strip_suffix('"').filter(|part| is_url(part));
        match (url, pieces.last_mut()) {
            (Some(url), _) => {
                pieces.push(Piece {
                    text: url.to_owned(),
                    is_url: true,
                });
                pieces.push(Piece {
                    text: "\"".to_owned(),
                    is_url: false,
                });
            }
            (None, Some(last)) if !last.is_url => last.text.push_str(part),
            (None, _) => pieces.push(Piece {
                text: part.to_owned(),
                is_url: false,
            }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_cut_out_and_nothing_is_lost() {
        let json = "{\n  \"a\": \"https://x/?a=1&b\",\n  \"b\": \"http: no\"\n}";
        let pieces = pieces(json);
        let joined: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(joined, json);
        let urls: Vec<_> = pieces
            .iter()
            .filter(|piece| piece.is_url)
            .map(|piece| &piece.text)
            .collect();
        assert_eq!(urls, ["https://x/?a=1&b"]);
    }
}
