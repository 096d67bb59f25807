//! `/api/v1/admin/images/…`: everybody's images.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path},
};
use serde::Serialize;
use time::OffsetDateTime;
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
        paging,
    },
    service::Service,
    storage::remove_all,
};

/// An image in the upload's form, and what its owner need not be told.
#[derive(Serialize)]
struct StaffImageBody<'a> {
    #[serde(flatten)]
    image: ImageBody,
    user: &'a Username,
    file_name: &'a str,
    format: &'static str,
    width: u32,
    height: u32,
    bytes: u64,
    sha256: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
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

/// `GET /api/v1/admin/images/`: pages of those that the parameters let through, newest first.
pub async fn list(request: HttpRequest, service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let fields = paging::query(&request)?;
    let wanted = paging::wanted(&fields, |_| true);
    let (filter, wanted) = FieldErrors::both(ImageFilter::parse(&fields), wanted)?;
    let find = FindImages {
        filter,
        position: wanted.position.clone(),
        size: wanted.size,
    };
    let page = service.db.run(find).await?;
    let base_url = Client::of(&request, &service.http).base_url(&service.http);
    let mut results = Vec::with_capacity(page.rows.len());
    for listed in &page.rows {
        let tier = tier(&service, listed.tier).await?;
        let body = StaffImageBody::new(&listed.image, &listed.username, tier.as_deref(), &base_url);
        results.push(body);
    }
    let place = |listed: &ListedImage| ImagePlace::of(&listed.image);
    paging::answer(&request, &service, &wanted.position, &page, place, &results)
}

/// `GET /api/v1/admin/images/<id>/`.
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
    let base_url = Client::of(&request, &service.http).base_url(&service.http);
    let body = StaffImageBody::new(&image, &user.username, tier.as_deref(), &base_url);
    conditional::json(&request, &body)
}

/// `DELETE /api/v1/admin/images/<id>/`: the rows at once, on every node; then the files.
pub async fn delete(
    Staff(by): Staff,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = image_id(&id)?;
    let files = service.db.run(RemoveImage { by, id }).await??;
    service.caches.forget_image(id).await;
    remove_all(&*service.storage, &files.objects).await;
    Ok(HttpResponse::NoContent()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}

fn image_id(text: &str) -> Result<ImageId, ApiError> {
    Uuid::try_parse(text)
        .map(ImageId)
        .map_err(|_| ApiError::not_found())
}
