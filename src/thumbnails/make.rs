//! Makes thumbnails of originals in store.

use std::{
    fs::File,
    io::{BufReader, Read},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use moka::{future::Cache, sync::Cache as Locks};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::describe;
use crate::{
    actors::{Admission, Db, Overloaded, RenderError, RenderJob, Thumbnailer},
    blocking,
    cache::Caches,
    db::{
        DbError,
        images::{
            FindLackingHeights, GetImage, IMAGE_GONE, Image, Lacking, SaveThumbnails, StoredObject,
            StoredThumbnail,
        },
    },
    domain::{
        image::{ImageId, Size},
        media::ObjectName,
    },
    error::ApiError,
    imaging::{self, ImageError, Thumbnail},
    metrics::Damage,
    storage::{Storage, StorageError, remove_all},
};

/// Makes thumbnails, those of one image one after another: each once, however many ask for it.
pub struct Maker {
    db: Db,
    caches: Arc<Caches>,
    admission: Admission,
    thumbnailer: Thumbnailer,
    storage: Arc<dyn Storage>,
    damage: Damage,
    /// Kept longer than the making takes.
    making: Locks<ImageId, Arc<Mutex<()>>>,
    /// Kept a moment longer than the making takes, until the image's row tells of the new thumbnail.
    made: Cache<(ImageId, u32), StoredObject>,
}

/// Why a thumbnail was not made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// Whose original is missing or altered.
    #[error("the original is missing or altered")]
    NoOriginal,
    /// The image was deleted meanwhile.
    #[error("the image was deleted")]
    Deleted,
    /// The picture's fault, or reading it failed.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The render failed.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// There is no room to render it.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<NotMade> for ApiError {
    fn from(error: NotMade) -> Self {
        match error {
            NotMade::NoOriginal | NotMade::Deleted => Self::not_found(),
            NotMade::Image(error) => error.into(),
            NotMade::Render(error) => error.into(),
            NotMade::Overloaded(error) => error.into(),
            NotMade::Storage(error) => error.into(),
            NotMade::Db(error) => error.into(),
        }
    }
}

/// Who waits for a render.
#[derive(Clone, Copy)]
enum For {
    /// A request.
    Request,
    /// Nobody.
    Background,
}

impl Maker {
    /// Nothing is made yet.
    pub fn new(
        db: Db,
        caches: Arc<Caches>,
        admission: Admission,
        thumbnailer: Thumbnailer,
        storage: Arc<dyn Storage>,
        damage: Damage,
    ) -> Self {
        Self {
            db,
            caches,
            admission,
            thumbnailer,
            storage,
            damage,
            making: Locks::builder()
                .max_capacity(10_000)
                .time_to_idle(Duration::from_secs(600))
                .build(),
            made: Cache::builder()
                .max_capacity(1_000)
                .time_to_live(Duration::from_secs(10))
                .build(),
        }
    }

    /// Makes a thumbnail that somebody asks for. `None` if its original is not what was uploaded any more.
    pub async fn on_demand(
        &self,
        image: &Image,
        height: u32,
    ) -> Result<Option<StoredObject>, ApiError> {
        let making = async {
            match self.make_asked(image, height).await {
                Ok(stored) => Ok(stored),
                Err(NotMade::NoOriginal | NotMade::Deleted) => Err(None),
                Err(error) => Err(Some(ApiError::from(error))),
            }
        };
        match self.made.try_get_with((image.id, height), making).await {
            Ok(stored) => Ok(Some(stored)),
            Err(error) => match &*error {
                None => Ok(None),
                Some(error) => Err(error.clone()),
            },
        }
    }

    /// Forgets that a thumbnail was made a moment ago.
    pub async fn forget(&self, image: ImageId, height: u32) {
        self.made.invalidate(&(image, height)).await;
    }

    async fn make_asked(&self, seen: &Image, height: u32) -> Result<StoredObject, NotMade> {
        let making = self.alone_with(seen.id);
        let _alone = making.lock().await;
        let image = self.db.run(GetImage(seen.id)).await?;
        let image = image.ok_or(NotMade::Deleted)?;
        let size = Size::Thumbnail(height);
        if let Some(stored) = image.stored(size)
            && seen.stored(size) != Some(stored)
        {
            // Somebody else made it since the image was looked at.
            self.caches.forget_image(image.id).await;
            return Ok(stored.clone());
        }
        let made = self.make(&image, &[height], For::Request).await?;
        tracing::info!(image = %image.id, height, "made a thumbnail that was missing");
        let made = made.into_iter().next();
        made.map(|made| made.object)
            .ok_or_else(|| RenderError::Incomplete.into())
    }

    /// Makes what an image lacks in this moment, in one render, while no request waits for one. Returns how many
    /// thumbnails that were.
    pub async fn fill(&self, image: ImageId, lacking: Lacking) -> Result<usize, NotMade> {
        let making = self.alone_with(image);
        let _alone = making.lock().await;
        let heights = self.db.run(FindLackingHeights(image, lacking)).await?;
        if heights.is_empty() {
            return Ok(0);
        }
        let image = self.db.run(GetImage(image)).await?;
        let image = image.ok_or(NotMade::Deleted)?;
        let made = self.make(&image, &heights, For::Background).await?;
        Ok(made.len())
    }

    fn alone_with(&self, image: ImageId) -> Arc<Mutex<()>> {
        self.making.get_with(image, Arc::default)
    }

    async fn make(
        &self,
        image: &Image,
        wanted: &[u32],
        who: For,
    ) -> Result<Vec<StoredThumbnail>, NotMade> {
        let rendered = self.render(image, wanted, who).await?;
        let mut made = Vec::with_capacity(wanted.len());
        for thumbnail in rendered {
            let height = thumbnail.height_asked;
            if wanted.contains(&height) {
                let bytes = Bytes::from_owner(thumbnail.bytes);
                let object = describe(&bytes);
                let name = image.object(Size::Thumbnail(height));
                self.storage.put_thumbnail(&name, bytes).await?;
                made.push(StoredThumbnail { height, object });
            }
        }
        let saved = self.db.run(SaveThumbnails(image.id, made.clone())).await;
        if let Err(error) = saved {
            if error.is_constraint(IMAGE_GONE) {
                // Whoever deleted the image did not know of these files.
                let name = |made: &StoredThumbnail| image.object(Size::Thumbnail(made.height));
                let names: Vec<ObjectName> = made.iter().map(name).collect();
                remove_all(&*self.storage, &names).await;
                return Err(NotMade::Deleted);
            }
            return Err(error.into());
        }
        self.caches.forget_image(image.id).await;
        Ok(made)
    }

    /// Renders the wanted heights and those that the image has.
    async fn render(
        &self,
        image: &Image,
        wanted: &[u32],
        who: For,
    ) -> Result<Vec<Thumbnail>, NotMade> {
        let original = self.storage.fetch(&image.object(Size::Original)).await?;
        let Some(original) = original else {
            self.damage.missing(Size::Original);
            return Err(NotMade::NoOriginal);
        };
        let expected = image.original.sha256;
        let checked = blocking::run(move || check(original, expected));
        let checked = checked.await.map_err(std::io::Error::other);
        let Some((source, probe)) = checked.map_err(StorageError::from)?? else {
            tracing::error!(image = %image.id, "an original is not what was uploaded");
            self.damage.altered(Size::Original);
            return Err(NotMade::NoOriginal);
        };
        // With the heights that were made before: a JPEG is decoded at the largest one's scale, and is to be the same again.
        let mut heights: Vec<u32> = image.thumbnails.iter().map(|one| one.height).collect();
        for &height in wanted {
            if !heights.contains(&height) {
                heights.push(height);
            }
        }
        let memory = probe.render_memory(&heights);
        let permit = match who {
            For::Request => self.admission.admit(memory).await?,
            For::Background => self.admission.admit_in_background(memory).await?,
        };
        let job = RenderJob {
            source,
            probe,
            heights,
            permit,
        };
        Ok(self.thumbnailer.render(job).await?)
    }
}

/// The original ready to be rendered, unless its bytes are not the ones that were uploaded.
fn check(
    mut original: File,
    expected: [u8; 32],
) -> Result<Option<(File, imaging::Probe)>, ImageError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match original.read(&mut buffer)? {
            0 => break,
            count => hash.update(&buffer[..count]),
        }
    }
    if <[u8; 32]>::from(hash.finalize()) != expected {
        return Ok(None);
    }
    let limits = imaging::Limits {
        max_pixels: u64::MAX,
    };
    let probe = imaging::probe(&mut BufReader::new(&original), &limits)?;
    Ok(Some((original, probe)))
}
