//! Stored files that no row tells of.

use std::{
    collections::HashSet,
    time::{Duration, SystemTime},
};

use crate::{
    actors::Db,
    db::{DbError, images::FindFiles},
    domain::image::ImageId,
    storage::Listed,
};

/// How long a file may be there before its row: an upload that takes longer has ended long since.
const SETTLED: Duration = Duration::from_secs(3600);

/// A file that no row tells of.
#[derive(Debug, Clone)]
pub struct Orphan {
    /// The file.
    pub listed: Listed,
    age: Duration,
}

impl Orphan {
    /// Whether no upload can be under way any more whose file it is.
    pub fn is_settled(&self) -> bool {
        self.age > SETTLED
    }
}

/// Those of the files that no row tells of. What a row tells of later was listed before, so that a file is never taken
/// for an orphan because its row came in between, only because it is young.
pub async fn orphans(db: &Db, listed: Vec<Listed>) -> Result<Vec<Orphan>, DbError> {
    let images: HashSet<ImageId> = listed
        .iter()
        .filter_map(|listed| listed.object.as_ref())
        .map(|object| object.image)
        .collect();
    let known = db.run(FindFiles(images.into_iter().collect())).await?;
    let known: HashSet<_> = known.into_iter().flat_map(|image| image.objects).collect();
    let now = SystemTime::now();
    Ok(listed
        .into_iter()
        .filter(|listed| !matches!(&listed.object, Some(object) if known.contains(object)))
        .map(|listed| Orphan {
            // One from the future is young.
            age: now.duration_since(listed.modified).unwrap_or_default(),
            listed,
        })
        .collect())
}
