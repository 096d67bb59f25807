//! `/api/v1/images/…`: an account's images.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use super::client::Client;
use crate::{
    actors::SignedLink,
    auth::CurrentUser,
    db::images::Image,
    domain::{
        image::{ImageId, Size},
        tier::Tier,
    },
    error::ApiError,
    service::Service,
};

/// An image as the API answers it.
#[derive(Serialize)]
pub struct ImageBody {
    id: ImageId,
    images: Vec<SizeBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<LinkBody>,
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
struct LinkBody {
    expiring_link: String,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

impl ImageBody {
    /// The sizes that the tier has, in its order, then the original where it has that.
    pub fn new(image: &Image, tier: &Tier, base_url: &str, link: Option<&SignedLink>) -> Self {
        let thumbnails = tier
            .thumbnail_heights
            .as_slice()
            .iter()
            .copied()
            .map(Size::Thumbnail);
        let original = tier.original_link.then_some(Size::Original);
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
            images: thumbnails.chain(original).map(body).collect(),
            link: link.map(|link| LinkBody {
                expiring_link: format!("{base_url}/api/v1/image/?{}", link.query),
                expires_at: link.claims.expires_at,
            }),
        }
    }

    /// Where the image is to be found.
    pub fn location(&self, base_url: &str) -> String {
        format!("{base_url}/api/v1/images/{}/", self.id)
    }
}

/// The tier of a user; 403 without one.
pub async fn tier_of(
    service: &Service,
    who: &CurrentUser,
) -> Result<std::sync::Arc<Tier>, ApiError> {
    let tier = match who.user.tier {
        Some(tier) => service.caches.tier(tier).await?,
        None => None,
    };
    tier.ok_or_else(|| {
        ApiError::forbidden(
            "no_account_tier",
            "Your account has no tier, so it cannot keep images.",
        )
    })
}

/// `GET /api/v1/images/<id>/`. Another user's image is not found.
pub async fn get(
    request: HttpRequest,
    who: CurrentUser,
    id: Path<String>,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let id = Uuid::try_parse(&id).map_err(|_| ApiError::not_found())?;
    let image = service.caches.image(ImageId(id)).await?;
    let image = image
        .filter(|image| image.user == who.user.id)
        .ok_or_else(ApiError::not_found)?;
    let tier = tier_of(&service, &who).await?;
    let base_url = Client::of(&request, &service.http).base_url(&service.http);
    Ok(HttpResponse::Ok().json(ImageBody::new(&image, &tier, &base_url, None)))
}
