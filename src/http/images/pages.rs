//! `GET /api/v1/images/`: pages of an account's images, newest first.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{ImageBody, tier_of};
use crate::{
    auth::CurrentUser,
    db::images::{Image, ListImages, Position},
    domain::{
        fields::{self, FieldErrors, Fields},
        image::ImageId,
    },
    error::ApiError,
    http::{
        client::Client,
        openapi::{errors, tags},
        paging::{self, DEFAULT_SIZE, INVALID_CURSOR},
        query,
    },
    service::Service,
};

/// What the query may hold.
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
    /// How many images the page has at most.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100, default = 20, example = 20)]
    page_size: (),
}

/// A page of images.
#[derive(Serialize, ToSchema)]
#[schema(as = ImagePage)]
struct Page {
    /// The URL of the page of older ones; null on the last page.
    #[schema(required = true, format = "uri")]
    next: Option<String>,
    /// The URL of the page of newer ones; null on the first page.
    #[schema(required = true, format = "uri")]
    previous: Option<String>,
    /// The images.
    results: Vec<ImageBody>,
}

/// The account's images.
///
/// Newest first, in pages. Images that come or go between two pages shift none of the others.
#[utoipa::path(
    get,
    path = "/api/v1/images/",
    operation_id = "images_list",
    tag = tags::IMAGES,
    params(PageQuery),
    responses(
        (status = 200, description = "A page.", body = Page),
        (
            status = 400,
            description = "What is wrong with the parameters.",
            body = errors::FieldErrors,
            example = json!({ "page_size": ["Enter a whole number from 1 to 100."] })
        ),
    ),
)]
pub async fn list(
    request: HttpRequest,
    who: CurrentUser,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let (position, size) = parse(&query::read(&request))?;
    let user = who.user.id;
    // One more than is shown tells whether there is another page.
    let mut images = service
        .db
        .run(ListImages {
            user,
            position,
            limit: size + 1,
        })
        .await?;
    let more = images.len() > size as usize;
    if more {
        match position {
            Position::NewerThan(_) => drop(images.remove(0)),
            Position::Start | Position::OlderThan(_) => images.truncate(size as usize),
        }
    }
    let (newer, older) = match position {
        Position::Start => (false, more),
        Position::OlderThan(_) => (true, more),
        Position::NewerThan(_) => (more, true),
    };
    let base_url = Client::of(request.head(), &service.http).base_url(&service.http);
    let link = |position| {
        format!(
            "{base_url}/api/v1/images/?cursor={}&page_size={size}",
            cursor(position)
        )
    };
    let tier = tier_of(&service, &who.user).await?;
    let (first, last) = ends(&images, position);
    Ok(HttpResponse::Ok().json(Page {
        next: last.filter(|_| older).map(link),
        previous: first.filter(|_| newer).map(link),
        results: images
            .iter()
            .map(|image: &Image| ImageBody::new(image, tier.as_deref(), &base_url))
            .collect(),
    }))
}

/// From where the page before these images is entered, and from where the next. All images on that side may have
/// gone since the cursor was given out: what is on the other is then found from the cursor itself.
fn ends(images: &[Image], position: Position) -> (Option<Position>, Option<Position>) {
    let (first, last) = match (images, position) {
        ([first, .., last], _) => (first.id, last.id),
        ([only], _) => (only.id, only.id),
        // Everything from the cursor's image on, that one included if it is still there.
        ([], Position::OlderThan(id)) => (id.before(), id),
        ([], Position::NewerThan(_)) => return (None, Some(Position::Start)),
        ([], Position::Start) => return (None, None),
    };
    (
        Some(Position::NewerThan(first)),
        Some(Position::OlderThan(last)),
    )
}

/// Tells what is wrong with either parameter; an empty one counts as absent.
fn parse(fields: &Fields) -> Result<(Position, u32), FieldErrors> {
    let mut errors = FieldErrors::default();
    let position = fields::optional(fields, "cursor", |value| {
        let position = value.as_str().and_then(read_cursor);
        position.ok_or_else(|| INVALID_CURSOR.to_owned())
    });
    let size = fields::optional(fields, "page_size", paging::size);
    let position = errors.collect("cursor", position).flatten();
    let size = errors.collect("page_size", size).flatten();
    errors.or((
        position.unwrap_or(Position::Start),
        size.unwrap_or(DEFAULT_SIZE),
    ))
}

/// A position as clients carry it: a direction and an id, in one word that means nothing to them.
fn cursor(position: Position) -> String {
    let (direction, id) = match position {
        Position::Start => return String::new(),
        Position::OlderThan(id) => (b'o', id),
        Position::NewerThan(id) => (b'n', id),
    };
    let mut bytes = vec![direction];
    bytes.extend_from_slice(id.0.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn read_cursor(text: &str) -> Option<Position> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let (direction, id) = bytes.split_first()?;
    let id = ImageId(Uuid::from_slice(id).ok()?);
    match direction {
        b'o' => Some(Position::OlderThan(id)),
        b'n' => Some(Position::NewerThan(id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_it_was_written() {
        for position in [
            Position::OlderThan(ImageId::new()),
            Position::NewerThan(ImageId::new()),
        ] {
            assert_eq!(read_cursor(&cursor(position)), Some(position));
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in ["abc", "%", "b3Jk", "ä"] {
            assert_eq!(read_cursor(text), None, "{text}");
        }
    }
}
