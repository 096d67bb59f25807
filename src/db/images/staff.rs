//! What staff see of all images.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Image, image};
use crate::{
    db::{
        Connection, DbError, Query,
        connection::Param,
        pages::{List, Page, Position, Search},
    },
    domain::{
        fields::SearchText,
        image::{Format, ImageFilter, ImageId, ImageOrder, ImageOrderKey},
        tier::{PositiveCount, TierId},
        user::Username,
    },
};

/// An image as staff see it.
#[derive(Debug, Clone)]
pub struct ListedImage {
    /// The image, without what is known of its thumbnails.
    pub image: Image,
    /// Whose it is.
    pub username: Username,
    /// That user's tier.
    pub tier: Option<TierId>,
}

impl ListedImage {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            image: image(row, Vec::new())?,
            username: Username::stored(row.try_get("username")?),
            tier: row.try_get::<_, Option<i64>>("tier_id")?.map(TierId),
        })
    }
}

/// A page of the images that a filter lets through, in its order.
pub struct FindImages {
    /// Which images.
    pub filter: ImageFilter,
    /// From where.
    pub position: Position<ImagePlace>,
    /// How many at the most.
    pub size: u32,
}

/// Where an image stands in a list: what the list is ordered by, and the image's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImagePlace(PlaceKey, Uuid);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum PlaceKey {
    Bytes(i64),
    CreatedAt(#[serde(with = "time::serde::rfc3339")] OffsetDateTime),
}

impl ImagePlace {
    /// An image's place in lists of this order.
    pub fn of(image: &Image, order: ImageOrder) -> Self {
        let key = match order.by {
            ImageOrderKey::CreatedAt => PlaceKey::CreatedAt(image.created_at),
            // What came out of the column fits it.
            ImageOrderKey::Bytes => {
                PlaceKey::Bytes(i64::try_from(image.original.bytes).unwrap_or(i64::MAX))
            }
        };
        Self(key, image.id.0)
    }

    /// Whether this is a place in lists of this order.
    pub fn is_in(&self, order: ImageOrder) -> bool {
        match self.0 {
            PlaceKey::CreatedAt(_) => order.by == ImageOrderKey::CreatedAt,
            PlaceKey::Bytes(_) => order.by == ImageOrderKey::Bytes,
        }
    }

    fn params(&self) -> [Param<'_>; 2] {
        match self {
            Self(PlaceKey::CreatedAt(key), id) => [key, id],
            Self(PlaceKey::Bytes(key), id) => [key, id],
        }
    }
}

impl Query for FindImages {
    type Output = Page<ListedImage>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let filter = &self.filter;
        let user = filter.user.as_ref().map(Username::as_str);
        let file_name = filter.file_name.as_ref().map(SearchText::as_str);
        let format = filter.format.map(Format::name);
        let [least, most] =
            [filter.min_bytes, filter.max_bytes].map(|it| it.map(PositiveCount::get));
        let (key, search) = match filter.order.by {
            ImageOrderKey::CreatedAt => {
                let near = "images i WHERE ($4::timestamptz IS NULL OR i.created_at >= $4) \
                            AND ($5::timestamptz IS NULL OR i.created_at < $5)";
                let far = "i.created_at + interval '0'";
                ("i.created_at", Search { near, far })
            }
            ImageOrderKey::Bytes => {
                let near = "images i WHERE ($6::bigint IS NULL OR i.bytes >= $6) \
                            AND ($7::bigint IS NULL OR i.bytes <= $7)";
                let far = "i.bytes + 0";
                ("i.bytes", Search { near, far })
            }
        };
        let list = List {
            select: include_str!("../../../sql/queries/images/find.sql"),
            filters: &[
                &user,
                &file_name,
                &format,
                &filter.created_after,
                &filter.created_before,
                &least,
                &most,
            ],
            columns: [key, "i.id"],
            descending: filter.order.descending,
            // A camera numbers its pictures: those of one prefix lie together, wherever that is.
            search: file_name.is_some().then_some(search),
        };
        list.page(
            db,
            &self.position,
            self.size,
            ImagePlace::params,
            ListedImage::read,
        )
        .await
    }
}

/// The images of these ids that there are, the oldest first.
pub struct GetListedImages(pub Vec<ImageId>);

impl Query for GetListedImages {
    type Output = Vec<ListedImage>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/images/get_listed.sql");
        let ids: Vec<Uuid> = self.0.iter().map(|id| id.0).collect();
        db.all(sql, &[&ids], ListedImage::read).await
    }
}
