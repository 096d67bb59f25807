//! `/api/v1/images/…`: an account's images.

pub mod pages;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path},
};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    client::Client,
    conditional,
    openapi::{errors, tags},
};
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
};

/// An image as the API answers it.
#[derive(Serialize, ToSchema)]
#[schema(as = Image, description = "An image.", examples(json!({
    "id": "01a20916-fd08-7443-83a2-85b19496e901",
    "images": [
        {
            "size": "200px",
            "image": "https://host/media/01a20916fd08744383a285b19496e901-200-1B2M2Y8AsgTpgAmY7PhCfg.jpg",
            "width": 267,
            "height": 200,
            "content_type": "image/jpeg"
        },
        {
            "size": "original",
            "image": "https://host/media/01a20916fd08744383a285b19496e901-original-w6uP8Tcg6K2QR905Rms8iQ.jpg",
            "width": 4000,
            "height": 3000,
            "content_type": "image/jpeg"
        }
    ]
})))]
pub struct ImageBody {
    /// Its id. Knowing it gives access to nothing.
    #[schema(value_type = Uuid)]
    id: ImageId,
    /// The tier's thumbnails in the tier's order, then the original where the tier has that.
    images: Vec<SizeBody>,
    /// The link that the upload asked for. Only in the upload's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    link: Option<UploadLinkBody>,
}

/// One size of an image.
#[derive(Serialize, ToSchema)]
#[schema(as = ImageSize)]
struct SizeBody {
    /// A thumbnail's height as `200px`, or `original`.
    #[schema(pattern = "^([1-9][0-9]*px|original)$", examples("200px"))]
    size: String,
    /// The URL that opens it, for everyone who has it.
    #[schema(format = "uri")]
    image: String,
    /// Pixels.
    #[schema(minimum = 1)]
    width: u32,
    /// Pixels. Less than asked for if the picture is no higher.
    #[schema(minimum = 1)]
    height: u32,
    /// `image/jpeg` or `image/png`.
    #[schema(value_type = String, examples("image/jpeg"))]
    content_type: &'static str,
}

/// A link to the original that expires.
#[derive(Serialize, ToSchema)]
#[schema(as = UploadLink)]
struct UploadLinkBody {
    /// The URL that opens it until then.
    #[schema(format = "uri")]
    expiring_link: String,
    /// When it expires.
    #[serde(serialize_with = "crate::domain::timestamp::serialize")]
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

/// One image.
///
/// As the upload was answered, in the sizes that the tier has now.
#[utoipa::path(
    get,
    path = "/api/v1/images/{id}/",
    operation_id = "images_get",
    tag = tags::IMAGES,
    params(
        ("id" = Uuid, Path, description = "The image."),
        conditional::IfNoneMatchHeader,
        conditional::IfMatchHeader
    ),
    responses(
        (
            status = 200,
            description = "The image.",
            body = ImageBody,
            headers(("ETag"), ("Cache-Control"))
        ),
        (
            status = 304,
            description = "The client has it as it is.",
            headers(("ETag"), ("Cache-Control"))
        ),
        errors::NotFound,
        errors::PreconditionFailed,
    ),
)]
pub async fn get(
    request: HttpRequest,
    who: CurrentUser,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let image = own_image(&service, &who, &id).await?;
    let tier = tier_of(&service, &who.user).await?;
    let base_url = Client::of(request.head(), &service.http).base_url(&service.http);
    conditional::json(
        &request,
        &ImageBody::new(&image, tier.as_deref(), &base_url),
    )
}

/// Delete an image.
///
/// Its files, URLs and links are gone, on every node.
#[utoipa::path(
    delete,
    path = "/api/v1/images/{id}/",
    operation_id = "images_delete",
    tag = tags::IMAGES,
    params(("id" = Uuid, Path, description = "The image.")),
    responses((status = 204, description = "It is gone."), errors::NotFound),
)]
pub async fn delete(
    who: CurrentUser,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = Uuid::try_parse(&id)
        .map(ImageId)
        .map_err(|_| ApiError::not_found())?;
    if !service.ops.run(DeleteImage(who.user.id, id)).await? {
        return Err(ApiError::not_found());
    }
    Ok(HttpResponse::NoContent()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}
