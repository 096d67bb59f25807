//! `/api/v1/images/…`: an account's images.

mod pages;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path},
};
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{client::Client, conditional};
use crate::{
    actors::SignedLink,
    auth::CurrentUser,
    db::images::{DeleteImage, Image},
    domain::{
        image::{ImageId, Size},
        tier::{Tier, TierId},
        user::User,
    },
    error::ApiError,
    service::Service,
    storage::remove_all,
};

pub use pages::list;

/// An image as the API answers it.
#[derive(Serialize)]
pub struct ImageBody {
    id: ImageId,
    images: Vec<SizeBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<UploadLinkBody>,
}

#[derive(Serialize)]
struct SizeBody {
    size: String,
    image: String,
    width: u32,
    height: u32,
    content_type: &'static str,
}

#[derive(Serialize)]
struct UploadLinkBody {
    expiring_link: String,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

impl ImageBody {
    /// The sizes that the tier has, in its order, then the original where it has that; without a tier none.
    pub fn new(image: &Image, tier: Option<&Tier>, base_url: &str) -> Self {
        let sizes = tier.into_iter().flat_map(Tier::sizes);
        Self::with_sizes(image, sizes, base_url)
    }

    /// The thumbnails that the tier has, then the original in any case.
    pub fn for_staff(image: &Image, tier: Option<&Tier>, base_url: &str) -> Self {
        let sizes = tier.into_iter().flat_map(Tier::sizes);
        let thumbnails = sizes.filter(|size| *size != Size::Original);
        Self::with_sizes(image, thumbnails.chain([Size::Original]), base_url)
    }

    fn with_sizes(image: &Image, sizes: impl Iterator<Item = Size>, base_url: &str) -> Self {
        let body = |size| {
            let dimensions = image.dimensions_of(size);
            SizeBody {
                size: size.to_string(),
                image: format!("{base_url}/media/{}", image.object(size)),
                width: dimensions.width,
                height: dimensions.height,
                content_type: image.format.content_type(),
            }
        };
        Self {
            id: image.id,
            images: sizes.map(body).collect(),
            link: None,
        }
    }

    /// With the link that the upload asked for.
    pub fn uploaded(image: &Image, tier: &Tier, base_url: &str, link: Option<&SignedLink>) -> Self {
        Self {
            link: link.map(|link| UploadLinkBody {
                expiring_link: link.url(base_url),
                expires_at: link.claims.expires_at,
            }),
            ..Self::new(image, Some(tier), base_url)
        }
    }

    /// Where the image is to be found.
    pub fn location(&self, base_url: &str) -> String {
        format!("{base_url}/api/v1/images/{}/", self.id)
    }
}

/// The tier that a user has now.
pub async fn tier_of(service: &Service, user: &User) -> Result<Option<Arc<Tier>>, ApiError> {
    tier(service, user.tier).await
}

/// The tier of this id, if there is one.
pub async fn tier(service: &Service, id: Option<TierId>) -> Result<Option<Arc<Tier>>, ApiError> {
    match id {
        Some(id) => Ok(service.caches.tier(id).await?),
        None => Ok(None),
    }
}

/// A user's image by the id in a path; another user's is not found.
pub async fn own_image(
    service: &Service,
    who: &CurrentUser,
    id: &str,
) -> Result<Arc<Image>, ApiError> {
    let id = Uuid::try_parse(id).map_err(|_| ApiError::not_found())?;
    let image = service.caches.image(ImageId(id)).await?;
    image
        .filter(|image| image.user == who.user.id)
        .ok_or_else(ApiError::not_found)
}

/// `GET /api/v1/images/<id>/`.
pub async fn get(
    request: HttpRequest,
    who: CurrentUser,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let image = own_image(&service, &who, &id).await?;
    let tier = tier_of(&service, &who.user).await?;
    let base_url = Client::of(&request, &service.http).base_url(&service.http);
    conditional::json(
        &request,
        &ImageBody::new(&image, tier.as_deref(), &base_url),
    )
}

/// `DELETE /api/v1/images/<id>/`: the rows at once, on every node; then the files.
pub async fn delete(
    who: CurrentUser,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = Uuid::try_parse(&id)
        .map(ImageId)
        .map_err(|_| ApiError::not_found())?;
    let files = service.db.run(DeleteImage(who.user.id, id)).await?;
    let files = files.ok_or_else(ApiError::not_found)?;
    service.caches.forget_image(id).await;
    remove_all(&*service.storage, &files.objects).await;
    Ok(HttpResponse::NoContent()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}
