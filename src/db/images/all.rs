//! Queries about everybody's images.

use super::{Image, image, thumbnails};
use crate::{
    db::{Connection, DbError, Query},
    domain::image::ImageId,
};

/// Everybody's images by id, with what is stored of them: so many at the most, behind this one.
pub struct PageImages(pub Option<ImageId>, pub i64);

impl Query for PageImages {
    type Output = Vec<Image>;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/images/page.sql");
        let after = self.0.map_or(uuid::Uuid::nil(), |image| image.0);
        db.all(sql, &[&after, &self.1], |row| image(row, thumbnails(row)?))
            .await
    }
}

/// Removes the rows of images whose files a backup does not have, because they were deleted while it was made.
pub struct ForgetImages(pub Vec<ImageId>);

impl Query for ForgetImages {
    type Output = ();

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/images/forget.sql");
        let ids: Vec<uuid::Uuid> = self.0.into_iter().map(|image| image.0).collect();
        db.execute(sql, &[&ids]).await?;
        Ok(())
    }
}

/// How many images there are.
pub struct CountAllImages;

impl Query for CountAllImages {
    type Output = i64;

    async fn run(self, db: &mut Connection) -> Result<Self::Output, DbError> {
        let sql = include_str!("../../../sql/queries/images/count_all.sql");
        db.one(sql, &[], |row| Ok(row.try_get("images")?)).await
    }
}
