//! Lists in pages: `page_size`, the cursor, and the links to the pages on both sides.

use actix_web::{HttpRequest, HttpResponse};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::IntoParams;

use crate::{
    db::pages::{Page, Position},
    domain::fields::{self, FieldErrors, Fields},
    error::ApiError,
    http::{client::Client, query},
    service::Service,
};

/// How many rows a page has unless it is told.
pub const DEFAULT_SIZE: u32 = 20;
const SIZES: std::ops::RangeInclusive<u32> = 1..=100;

/// What to say of a cursor that was not given out.
pub const INVALID_CURSOR: &str = "Invalid cursor";

/// The parameters by which a page is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes parameters, of which every fault is told at once"
)]
pub struct PageQuery {
    /// Where the page begins, from another page's `next` or `previous`.
    #[param(value_type = String, required = false, format = "cursor")]
    cursor: (),
    /// How many rows the page has at most.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100, default = 20, example = 20)]
    page_size: (),
}

/// A page that is asked for.
pub struct Wanted<P> {
    /// From where.
    pub position: Position<P>,
    /// How many rows at the most.
    pub size: u32,
}

/// Reads which page is asked for; empty parameters count as absent. The cursor is to be a place in the list.
pub fn wanted<P: DeserializeOwned>(
    fields: &Fields,
    is_in_list: impl Fn(&P) -> bool,
) -> Result<Wanted<P>, FieldErrors> {
    let mut errors = FieldErrors::default();
    let position = fields::optional(fields, "cursor", |value| {
        read_cursor(value)
            .filter(|position| self::is_in_list(position, &is_in_list))
            .ok_or_else(|| INVALID_CURSOR.to_owned())
    });
    let size = fields::optional(fields, "page_size", size);
    let position = errors.collect("cursor", position).flatten();
    let size = errors.collect("page_size", size).flatten();
    errors.or(Wanted {
        position: position.unwrap_or(Position::Start),
        size: size.unwrap_or(DEFAULT_SIZE),
    })
}

/// Whether a position is one of a list; `is_in_list` says whether a place is.
pub fn is_in_list<P>(position: &Position<P>, is_in_list: impl Fn(&P) -> bool) -> bool {
    match position {
        Position::Start => true,
        Position::After(place) | Position::Before(place) | Position::UpTo(place) => {
            is_in_list(place)
        }
    }
}

/// How many rows a page has at most.
pub fn size(value: &Value) -> Result<u32, String> {
    let size = value.as_str().and_then(|text| text.parse().ok());
    size.filter(|size| SIZES.contains(size))
        .ok_or_else(|| "Enter a whole number from 1 to 100.".to_owned())
}

/// The answer: the rows as they are shown, and links to the pages on both sides, with the parameters of this one.
pub fn answer<T, P: Serialize + Clone>(
    request: &HttpRequest,
    service: &Service,
    position: &Position<P>,
    page: &Page<T>,
    place: impl Fn(&T) -> P,
    results: &[impl Serialize],
) -> Result<HttpResponse, ApiError> {
    let (previous, next) = sides(position, page, place);
    let base_url = Client::of(request.head(), &service.http).base_url(&service.http);
    let mut parameters = query::read(request);
    let mut link = |position: Option<Position<P>>| {
        let Some(position) = position else {
            return Ok(None);
        };
        parameters.remove("cursor");
        if let Some(cursor) = cursor(&position)? {
            parameters.insert("cursor".to_owned(), Value::String(cursor));
        }
        let query = serde_urlencoded::to_string(&*parameters).map_err(ApiError::internal)?;
        Ok::<_, ApiError>(Some(format!(
            "{base_url}{}/?{query}",
            request.path().trim_end_matches('/')
        )))
    };
    let body = Body {
        next: link(next)?,
        previous: link(previous)?,
        results,
    };
    Ok(HttpResponse::Ok().json(body))
}

#[derive(Serialize)]
struct Body<'a, T> {
    next: Option<String>,
    previous: Option<String>,
    results: &'a [T],
}

/// Where the pages on both sides are entered. All rows on one side may have gone since the cursor was given out: what is
/// on the other is then found from the cursor itself.
pub fn sides<T, P: Clone>(
    position: &Position<P>,
    page: &Page<T>,
    place: impl Fn(&T) -> P,
) -> (Option<Position<P>>, Option<Position<P>>) {
    match (page.rows.first(), page.rows.last(), position) {
        (Some(first), Some(last), _) => (
            page.has_previous.then(|| Position::Before(place(first))),
            page.has_next.then(|| Position::After(place(last))),
        ),
        (_, _, Position::Start) => (None, None),
        (_, _, Position::After(row)) => (Some(Position::UpTo(row.clone())), None),
        (_, _, Position::Before(_) | Position::UpTo(_)) => (None, Some(Position::Start)),
    }
}

/// A position as clients carry it, in one word that means nothing to them.
pub fn cursor<P: Serialize>(position: &Position<P>) -> Result<Option<String>, ApiError> {
    if matches!(position, Position::Start) {
        return Ok(None);
    }
    let json = serde_json::to_vec(position).map_err(ApiError::internal)?;
    Ok(Some(BASE64_URL_SAFE_NO_PAD.encode(json)))
}

/// Reads a cursor; `None` if it was not given out.
pub fn read_cursor<P: DeserializeOwned>(value: &Value) -> Option<Position<P>> {
    let json = BASE64_URL_SAFE_NO_PAD.decode(value.as_str()?).ok()?;
    let position: Value = serde_json::from_slice(&json).ok()?;
    // PostgreSQL's text holds none.
    if holds_null_character(&position) {
        return None;
    }
    serde_json::from_value(position).ok()
}

fn holds_null_character(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_null_character),
        Value::Object(values) => values.values().any(holds_null_character),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_it_was_written() {
        for position in [
            Position::After(("anna".to_owned(), 7)),
            Position::Before((String::new(), i64::MIN)),
            Position::UpTo(("\"\\".to_owned(), 0)),
        ] {
            let cursor = cursor(&position).unwrap().unwrap();
            assert_eq!(read_cursor(&Value::String(cursor)), Some(position));
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let null_character = BASE64_URL_SAFE_NO_PAD.encode(r#"{"a":["a\u0000b",1]}"#);
        for text in ["abc", "%", "eyJhIjoxfQ", "ä", "", &null_character] {
            let value = Value::String(text.to_owned());
            assert_eq!(read_cursor::<(String, i64)>(&value), None, "{text}");
        }
    }
}
