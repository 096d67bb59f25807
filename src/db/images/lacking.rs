//! Images that lack a thumbnail which their owner's tier has.

use std::time::Duration;

use time::OffsetDateTime;

use super::unsigned;
use crate::{
    db::{Connection, DbError, Query, connection::Param},
    domain::{image::ImageId, job::Workload, tier::TierId},
};

/// What counts as lacking: a thumbnail that is not there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lacking {
    /// In the images of this tier's users; `None` for everybody's.
    pub tier: Option<TierId>,
    /// Also one that was made before.
    pub made_before: Option<OffsetDateTime>,
}

impl Lacking {
    fn tier(&self) -> Option<i64> {
        self.tier.map(|tier| tier.0)
    }
}

/// The next images by id, and whether each lacks a thumbnail.
pub struct FindLackingImages {
    /// What counts as lacking.
    pub lacking: Lacking,
    /// Behind which image to begin; `None` for the first one.
    pub after: Option<ImageId>,
    /// How many images to look at.
    pub limit: i64,
}

impl Query for FindLackingImages {
    type Output = Vec<(ImageId, bool)>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/images/lacking_page.sql");
        let after = self.after.map_or(uuid::Uuid::nil(), |image| image.0);
        let Lacking { made_before, .. } = self.lacking;
        let params: [Param<'_>; 4] = [&after, &self.limit, &self.lacking.tier(), &made_before];
        db.all(sql, &params, |row| {
            Ok((ImageId(row.try_get("id")?), row.try_get("lacks")?))
        })
        .await
    }
}

/// The heights of the thumbnails that an image lacks in this moment.
pub struct FindLackingHeights(pub ImageId, pub Lacking);

impl Query for FindLackingHeights {
    type Output = Vec<u32>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/images/lacking_heights.sql");
        let Self(image, lacking) = self;
        let heights: Vec<i32> = db
            .one(
                sql,
                &[&image.0, &lacking.tier(), &lacking.made_before],
                |row| Ok(row.try_get("heights")?),
            )
            .await?;
        heights.into_iter().map(unsigned).collect()
    }
}

/// How much there is to make in all.
pub struct CountLackingImages(pub Lacking);

impl Query for CountLackingImages {
    type Output = Workload;

    // It looks at every image, and nobody waits for it at a page.
    const PATIENCE: Duration = Duration::from_secs(600);

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/images/lacking_total.sql");
        let Self(lacking) = self;
        db.one(sql, &[&lacking.tier(), &lacking.made_before], |row| {
            Ok(Workload {
                images: row.try_get("images")?,
                bytes: row.try_get("bytes")?,
                jpeg_pixels: row.try_get("jpeg_pixels")?,
                png_pixels: row.try_get("png_pixels")?,
            })
        })
        .await
    }
}
