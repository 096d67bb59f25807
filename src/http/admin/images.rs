//! `/api/v1/admin/images/…`: everybody's images.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path},
};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    auth::Staff,
    db::images::{FindImages, Image, ImagePlace, ListedImage, RemoveImage},
    domain::{
        fields::FieldErrors,
        image::{ImageFilter, ImageId},
        tier::Tier,
        user::Username,
    },
    error::ApiError,
    http::{
        client::Client,
        conditional,
        images::{ImageBody, tier},
        openapi::{errors, tags},
        paging, query,
    },
    service::Service,
};

/// An image in the upload's form, and what its owner need not be told.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedImage, examples(json!({
    "id": "01a20916-fd08-7443-83a2-85b19496e901",
    "images": [
        {
            "size": "original",
            "image": "https://host/media/01a20916fd08744383a285b19496e901-original-w6uP8Tcg6K2QR905Rms8iQ.jpg",
            "width": 4000,
            "height": 3000,
            "content_type": "image/jpeg"
        }
    ],
    "user": "anna",
    "file_name": "photo.jpg",
    "format": "jpeg",
    "width": 4000,
    "height": 3000,
    "bytes": 2_914_733,
    "sha256": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b",
    "created_at": "2026-11-23T12:00:00.000Z"
})))]
struct StaffImageBody<'a> {
    #[serde(flatten)]
    image: ImageBody,
    /// The owner's name.
    #[schema(value_type = String)]
    user: &'a Username,
    /// As the owner called it.
    file_name: &'a str,
    /// `jpeg` or `png`.
    #[schema(value_type = String)]
    format: &'static str,
    /// Pixels of the original, upright.
    width: u32,
    /// Pixels of the original, upright.
    height: u32,
    /// Bytes of the original.
    bytes: u64,
    /// Of the original.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// When it was stored.
    #[serde(serialize_with = "crate::domain::timestamp::serialize")]
    created_at: OffsetDateTime,
}

/// A page of images.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the form of what paging::answer writes")]
struct ListedImagePage<'a> {
    /// The URL of the next page; null on the last one.
    #[schema(required = true, format = "uri")]
    next: Option<String>,
    /// The URL of the page before; null on the first one.
    #[schema(required = true, format = "uri")]
    previous: Option<String>,
    results: Vec<StaffImageBody<'a>>,
}

/// Which images are listed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes parameters, of which every fault is told at once"
)]
struct ImageQuery {
    /// The owner's name.
    #[param(value_type = String, required = false, example = "anna")]
    user: (),
    /// What the file name begins with, upper and lower case alike.
    #[param(value_type = String, required = false)]
    file_name: (),
    /// `jpeg` or `png`.
    #[param(value_type = String, required = false, pattern = "^(jpeg|png)$")]
    format: (),
    /// Stored then or later: RFC 3339, or a day.
    #[param(value_type = OffsetDateTime, required = false)]
    created_after: (),
    /// Stored earlier than that: RFC 3339, or a day.
    #[param(value_type = OffsetDateTime, required = false)]
    created_before: (),
    /// Originals of so many bytes at least.
    #[param(value_type = i64, required = false, minimum = 1)]
    min_bytes: (),
    /// Originals of so many bytes at most.
    #[param(value_type = i64, required = false, minimum = 1)]
    max_bytes: (),
    /// `created_at` or `bytes`; a `-` in front puts the largest first.
    #[param(
        value_type = String,
        required = false,
        default = "-created_at",
        pattern = "^-?(created_at|bytes)$"
    )]
    ordering: (),
}

impl<'a> StaffImageBody<'a> {
    fn new(image: &'a Image, user: &'a Username, tier: Option<&Tier>, base_url: &str) -> Self {
        let digest = image.original.sha256.iter();
        Self {
            image: ImageBody::for_staff(image, tier, base_url),
            user,
            file_name: image.file_name.as_str(),
            format: image.format.name(),
            width: image.dimensions.width,
            height: image.dimensions.height,
            bytes: image.original.bytes,
            sha256: digest.map(|byte| format!("{byte:02x}")).collect(),
            created_at: image.created_at,
        }
    }
}

/// Everybody's images.
///
/// Pages of those that the parameters let through.
#[utoipa::path(
    get,
    path = "/api/v1/admin/images/",
    operation_id = "admin_images_list",
    tag = tags::ADMIN_IMAGES,
    params(ImageQuery, paging::PageQuery),
    responses(
        (status = 200, description = "A page.", body = ListedImagePage),
        (
            status = 400,
            description = "What is wrong with the parameters, all at once.",
            body = errors::FieldErrors,
            example = json!({ "format": ["\"gif\" is not a valid choice."] })
        ),
    ),
)]
pub async fn list(request: HttpRequest, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let fields = query::read(&request);
    let filter = ImageFilter::parse(&fields);
    let order = filter.as_ref().ok().map(|filter| filter.order);
    let wanted = paging::wanted(&fields, |place: &ImagePlace| {
        order.is_none_or(|order| place.is_in(order))
    });
    let (filter, wanted) = FieldErrors::both(filter, wanted)?;
    let order = filter.order;
    let find = FindImages {
        filter,
        position: wanted.position.clone(),
        size: wanted.size,
    };
    let page = service.db.run(find).await?;
    let base_url = Client::of(request.head(), &service.http).base_url(&service.http);
    let mut results = Vec::with_capacity(page.rows.len());
    for listed in &page.rows {
        let tier = tier(&service, listed.tier).await?;
        let body = StaffImageBody::new(&listed.image, &listed.username, tier.as_deref(), &base_url);
        results.push(body);
    }
    let place = |listed: &ListedImage| ImagePlace::of(&listed.image, order);
    paging::answer(&request, &service, &wanted.position, &page, place, &results)
}

/// One image of anybody's.
#[utoipa::path(
    get,
    path = "/api/v1/admin/images/{id}/",
    operation_id = "admin_images_get",
    tag = tags::ADMIN_IMAGES,
    params(
        ("id" = Uuid, Path, description = "The image."),
        conditional::IfNoneMatchHeader,
        conditional::IfMatchHeader
    ),
    responses(
        (status = 200, description = "The image.", body = StaffImageBody, headers(("ETag"), ("Cache-Control"))),
        (status = 304, description = "The client has it as it is.", headers(("ETag"), ("Cache-Control"))),
        errors::NotFound,
        errors::PreconditionFailed,
    ),
)]
pub async fn get(
    request: HttpRequest,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let image = service.caches.image(image_id(&id)?).await?;
    let image = image.ok_or_else(ApiError::not_found)?;
    let user = service.caches.user(image.user).await?;
    let user = user.ok_or_else(ApiError::not_found)?;
    let tier = tier(&service, user.tier).await?;
    let base_url = Client::of(request.head(), &service.http).base_url(&service.http);
    let body = StaffImageBody::new(&image, &user.username, tier.as_deref(), &base_url);
    conditional::json(&request, &body)
}

/// Delete an image of anybody's.
///
/// As its owner would.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/images/{id}/",
    operation_id = "admin_images_delete",
    tag = tags::ADMIN_IMAGES,
    params(("id" = Uuid, Path, description = "The image.")),
    responses((status = 204, description = "It is gone."), errors::NotFound),
)]
pub async fn delete(
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = image_id(&id)?;
    // The rows at once, the files after.
    service.ops.make(RemoveImage { by, id }).await??;
    Ok(HttpResponse::NoContent()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}

fn image_id(text: &str) -> Result<ImageId, ApiError> {
    Uuid::try_parse(text)
        .map(ImageId)
        .map_err(|_| ApiError::not_found())
}
